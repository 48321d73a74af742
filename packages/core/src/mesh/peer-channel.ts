import { encode, type PeerMessage } from '@patchbay/protocol'
import { trySend } from '../try-send.ts'
import { readMessage } from './read-message.ts'

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
  /** Counts a message of that size. @returns whether it may be read. */
  readonly accepts: (size: number) => boolean
  readonly opened: () => void
  /** `undefined`: a type that this page does not know. */
  readonly message: (message: PeerMessage | undefined) => void
  /** The peer broke the protocol, or floods. */
  readonly violated: () => void
  /** The peer closed its end. */
  readonly closed: () => void
}

/** The data channel that a connection has from the start: peer messages as text, within bounds. */
export class PeerChannel {
  readonly #channel: RTCDataChannel
  readonly #violated: () => void

  constructor(pc: RTCPeerConnection, on: PeerChannelHandlers) {
    this.#violated = on.violated
    // Both ends create the channel with the same id, so the protocol of RFC 8832 is not needed.
    this.#channel = pc.createDataChannel('chat', { negotiated: true, id: 0 })
    this.#channel.addEventListener('open', on.opened)
    this.#channel.addEventListener('close', on.closed)
    this.#channel.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      const message = typeof data === 'string' && on.accepts(data.length) ? readMessage(data) : 'invalid'
      if (message === 'invalid') on.violated()
      else on.message(message)
    })
  }

  get isOpen(): boolean {
    return this.#channel.readyState === 'open'
  }

  /** Sends a message, if the channel is open and not too much is buffered. @throws {ProtocolError} for one that is too big. */
  send(message: PeerMessage): void {
    const limit = limits[message.type] ?? MAX_BUFFERED_BYTES
    if (!this.isOpen || this.#channel.bufferedAmount >= limit) return
    if (!trySend(this.#channel, encode(message))) this.#violated()
  }
}
