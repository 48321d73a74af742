/**
 * Largest WebSocket message of a page, in bytes. A broker sees a message when it is whole: until then a slow client is silent, and
 * one of everything that waits when a session is resumed would be longer than ours takes.
 */
const PIECE_BYTES = 16_384

/** What is known of the stream of a client: a TCP socket has `setNoDelay`, that of `mqtt` in browsers its WebSocket as `socket`. */
interface Stream {
  setNoDelay?: unknown
  readonly socket?: { send?: unknown } | null
}

/**
 * Sends each packet at once. By default TCP holds a small one until the other end has acknowledged those before it (Nagle's
 * algorithm, RFC 896), which takes 40 ms where that end waits for something to send along. Over WebSocket there is nothing to set.
 */
export function sendAtOnce({ stream }: { readonly stream: Stream }): void {
  if (typeof stream.setNoDelay === 'function') stream.setNoDelay(true)
}

/** Sends what a client writes in one turn in pieces. In browsers `mqtt` makes one message of it; in Node nothing changes. */
export function sendInPieces({ stream }: { readonly stream: Stream }): void {
  const { socket } = stream
  if (typeof socket?.send !== 'function') return
  const send = socket.send.bind(socket) as (bytes: Uint8Array) => void
  socket.send = (bytes: Uint8Array) => {
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) send(bytes.subarray(at, at + PIECE_BYTES))
  }
}
