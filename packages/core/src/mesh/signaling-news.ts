import type { PeerId } from '@patchbay/protocol'
import type { Clock } from '../transport/index.ts'
import type { Feature, LinkFeature, LinkPort, MessageOf } from './feature.ts'

/** News is acted upon after a random wait up to this, so that the members of a room do not all dial at once. */
const SPREAD_MS = 250
/** Least time between two such dials, however often members announce one. */
const REST_MS = 5_000

/** Members tell each other that signaling is back, so that nobody sits out a wait before the next attempt. */
export class SignalingNews implements Feature<MessageOf<'signaling_back'>> {
  readonly name = 'news'
  readonly handles = ['signaling_back'] as const
  readonly #ports = new Map<PeerId, LinkPort>()
  readonly #clock: Clock
  readonly #retry: () => void
  #heardAt = -Infinity

  /** @param retry dials, unless there is signaling. */
  constructor(clock: Clock, retry: () => void) {
    this.#clock = clock
    this.#retry = retry
  }

  /** Signaling is back here. */
  tell(): void {
    for (const port of this.#ports.values()) if (port.has(this.name)) port.send({ type: 'signaling_back' })
  }

  attach(port: LinkPort): LinkFeature<MessageOf<'signaling_back'>> {
    const { id } = port.peer
    this.#ports.set(id, port)
    return {
      receive: () => {
        if (this.#clock.now() - this.#heardAt < REST_MS) return
        this.#heardAt = this.#clock.now()
        this.#clock.after(Math.random() * SPREAD_MS, this.#retry)
      },
      closed: () => void this.#ports.delete(id),
    }
  }
}
