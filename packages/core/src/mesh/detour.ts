import { encode, type PeerId, type PeerMessage, ProtocolError } from '@patchbay/protocol'
import type { Signal } from '../signaling/index.ts'
import type { TrafficRate } from '../traffic-budget.ts'
import type { Feature, LinkFeature, LinkPort, MessageOf } from './feature.ts'
import { readMessage } from './read-message.ts'

type DetourMessage = MessageOf<'relay' | 'relayed'>

/** Signals relayed for one peer per heartbeat. */
const MAX_RELAYED = 32
/** What is relayed to one peer, whoever asks: half of the messages that it takes of this page, and a quarter of their size. */
const RELAYED: TrafficRate = {
  messages: { perSecond: 500, burst: 500 },
  size: { perSecond: 2_097_152, burst: 2_097_152 },
}

/** Signals that go through a third member, where there is no signaling. */
export class Detour implements Feature<DetourMessage> {
  readonly name = 'detour'
  readonly handles = ['relay', 'relayed'] as const
  readonly #ports = new Map<PeerId, LinkPort>()
  readonly #arrived: (from: PeerId, signal: Signal) => void

  /** @param arrived takes a signal that a third member has relayed to us. */
  constructor(arrived: (from: PeerId, signal: Signal) => void) {
    this.#arrived = arrived
  }

  /**
   * Asks a member to relay a signal.
   * @param attempt chooses the member: the first may have no path to the receiver either.
   * @returns whether one was asked.
   */
  send(to: PeerId, signal: Signal, attempt: number): boolean {
    const helpers = [...this.#ports.values()].filter(({ passes }) => passes)
    const helper = helpers[attempt % helpers.length]
    helper?.send({ type: 'relay', to, body: encode(signal as PeerMessage) })
    return helper !== undefined
  }

  attach(port: LinkPort): LinkFeature<DetourMessage> {
    const { id } = port.peer
    this.#ports.set(id, port)
    let relayed = 0
    return {
      receive: (message) => {
        if (message.type === 'relay') {
          if ((relayed += 1) <= MAX_RELAYED) this.#passOn(id, message)
          return
        }
        const signal = readRelayed(message)
        if (signal !== undefined) this.#arrived(message.from, signal)
      },
      beat: () => void (relayed = 0),
      closed: () => void this.#ports.delete(id),
    }
  }

  #passOn(from: PeerId, { to, body }: MessageOf<'relay'>): void {
    const port = this.#ports.get(to)
    if (port?.passes !== true || !port.accepts('relayed to it', RELAYED, body.length)) return
    try {
      port.send({ type: 'relayed', from, body })
    } catch (error) {
      // It fitted as it came, and not with the sender's name instead: no honest signal is that long.
      if (!(error instanceof ProtocolError)) throw error
    }
  }
}

/** @returns the signal inside; `undefined` when there is no valid one. */
function readRelayed({ body }: MessageOf<'relayed'>): Signal | undefined {
  const message = readMessage(body)
  if (message === undefined || message === 'invalid') return undefined
  switch (message.type) {
    case 'offer':
    case 'answer':
    case 'ice_candidate':
      return { type: message.type, body: message.body }
    default:
      return undefined
  }
}
