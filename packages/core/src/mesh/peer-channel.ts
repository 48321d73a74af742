import { decodePeerMessage, encode, type PeerMessage, ProtocolError } from '@patchbay/protocol'
import type { TrafficBudget } from '../traffic-budget.ts'
import type { Clock } from '../transport/index.ts'
import { trySend } from '../try-send.ts'

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
  readonly #violated: () => void

  /** @param incoming what the peer may still send. */
  constructor(pc: RTCPeerConnection, clock: Clock, incoming: TrafficBudget, on: PeerChannelHandlers) {
    this.#violated = () => on.violated()
    // Both ends create the channel with the same id, so the protocol of RFC 8832 is not needed.
    this.#channel = pc.createDataChannel('chat', { negotiated: true, id: 0 })
    this.#channel.addEventListener('open', () => on.opened())
    this.#channel.addEventListener('close', () => on.closed())
    this.#channel.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      const message = typeof data === 'string' && incoming.take(data.length, clock.now()) ? read(data) : 'invalid'
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

function read(data: string): PeerMessage | undefined | 'invalid' {
  try {
    return decodePeerMessage(data)
  } catch (error) {
    if (error instanceof ProtocolError) return 'invalid'
    throw error
  }
}
