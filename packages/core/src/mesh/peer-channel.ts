import { decodePeerMessage, encode, type PeerMessage, ProtocolError } from '@patchbay/protocol'

/** Messages and characters accepted from a peer per heartbeat: more than any user types, too few to block the page. */
const MAX_MESSAGES = 1_000
const MAX_SIZE = 8_388_608
/**
 * Bytes buffered beyond which a message is dropped. Chromium throws beyond 16 MiB. A peer with this much buffered is dead, and
 * its path is being healed.
 */
const MAX_BUFFERED_BYTES = 8_388_608
/** Chat is numbered and has bounds of its own: one message dropped would be a gap. What is relayed for others gives way. */
const limits: Partial<Record<PeerMessage['type'], number>> = {
  sync: Infinity,
  chat: Infinity,
  ack: Infinity,
  relay: 1_048_576,
  relayed: 1_048_576,
}

/** What happens on a peer channel. */
export interface PeerChannelHandlers {
  opened(): void
  /** `undefined`: a type that this page does not know. */
  message(message: PeerMessage | undefined): void
  /** The peer broke the protocol, or floods. */
  violated(): void
  /** The peer closed its end. */
  closed(): void
}

/** The data channel that a connection has from the start: peer messages as text, within bounds. */
export class PeerChannel {
  readonly #channel: RTCDataChannel
  #messages = 0
  #size = 0

  constructor(pc: RTCPeerConnection, on: PeerChannelHandlers) {
    // Both ends create the channel with the same id, so the protocol of RFC 8832 is not needed.
    this.#channel = pc.createDataChannel('chat', { negotiated: true, id: 0 })
    this.#channel.addEventListener('open', () => on.opened())
    this.#channel.addEventListener('close', () => on.closed())
    this.#channel.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      const message = typeof data === 'string' && this.#take(data.length) ? read(data) : 'invalid'
      if (message === 'invalid') on.violated()
      else on.message(message)
    })
  }

  get isOpen(): boolean {
    return this.#channel.readyState === 'open'
  }

  /** Sends a message, if the channel is open and not too much is buffered. */
  send(message: PeerMessage): void {
    const limit = limits[message.type] ?? MAX_BUFFERED_BYTES
    if (this.isOpen && this.#channel.bufferedAmount < limit) this.#channel.send(encode(message))
  }

  /** Resets the counts that apply per heartbeat. */
  beat(): void {
    this.#messages = 0
    this.#size = 0
  }

  /** @returns whether a message of this length is within the limits; if not, the peer is flooding. */
  #take(length: number): boolean {
    this.#messages += 1
    this.#size += length
    return this.#messages <= MAX_MESSAGES && this.#size <= MAX_SIZE
  }
}

function read(data: string): PeerMessage | undefined | 'invalid' {
  try {
    return decodePeerMessage(data)
  } catch (error) {
    if (error instanceof ProtocolError) return 'invalid'
    throw error
  }
}
