import type { Clock } from '../../transport/index.ts'
import { type CpuLoad, idleCpu, judgeCpu, judgeLink, type LinkQuality, newLink } from './link-quality.ts'
import type { PictureSizes } from './picture-sizes.ts'
import { causeOf, limitSending, type SendLimits, type SentSize } from './send-budget.ts'
import { SendSampler } from './send-sample.ts'

/** Interval between samples, in milliseconds. */
const LOOK_MS = 1_000

interface Watched {
  readonly sampler: SendSampler
  quality: LinkQuality
}

/** A link whose media can be limited. */
export interface SendingLink {
  readonly connection: RTCPeerConnection
  limit(limits: SendLimits): Promise<void>
}

/** Limits what is sent on the links of a mesh. */
export interface MediaLimiter {
  /** Recomputes the limits of all links, and keeps sampling while anything is `sent`. */
  apply(sent: boolean): void
  stop(): void
}

/** Makes the limiter of a mesh. `links` returns the links to all peers. */
export type LimitMedia = (links: () => readonly SendingLink[], clock: Clock) => MediaLimiter

/**
 * Limits what a mesh sends to what the number of people, each path and the CPU allow. Each path is judged separately: a
 * slow one does not affect the video sent to others. Nothing is sent larger than it is shown.
 */
export const limitMedia =
  (sizes: PictureSizes): LimitMedia =>
  (links, clock) =>
    new MediaBudget(links, clock, sizes)

class MediaBudget implements MediaLimiter {
  readonly #links: () => readonly SendingLink[]
  readonly #clock: Clock
  readonly #watched = new WeakMap<SendingLink, Watched>()
  readonly #sizes: PictureSizes
  #cpu: CpuLoad = idleCpu
  #cancel: (() => void) | undefined

  constructor(links: () => readonly SendingLink[], clock: Clock, sizes: PictureSizes) {
    this.#sizes = sizes
    this.#links = links
    this.#clock = clock
  }

  apply(isSent: boolean): void {
    this.#cancel?.()
    this.#cancel = undefined
    if (!isSent) return this.#sizes.tellSent([])
    const links = this.#links().map((link) => ({ link, shown: this.#sizes.wantedBy(link.connection) }))
    const watching = links.filter(({ shown }) => shown.camera + shown.screen > 0).length
    const sent = links.map(({ link, shown }): [RTCPeerConnection, SentSize] => {
      const { rung } = this.#watch(link).quality
      const { steps } = this.#cpu
      const limits = limitSending(watching, rung + steps, shown)
      void link.limit(limits)
      const { active, maxHeight = 0 } = limits.camera
      return [link.connection, { maxHeight: active ? maxHeight : 0, cause: causeOf(watching, rung, steps, shown) }]
    })
    this.#sizes.tellSent(sent)
    this.#cancel = this.#clock.after(LOOK_MS, () => void this.#look())
  }

  stop(): void {
    this.apply(false)
  }

  async #look(): Promise<void> {
    const looking = this.#cancel
    const looks = this.#links().map(async (link) => {
      const watched = this.#watch(link)
      const sample = await watched.sampler.read()
      if (sample !== undefined) watched.quality = judgeLink(watched.quality, sample)
      return sample ?? []
    })
    const samples = (await Promise.all(looks)).flat()
    if (this.#cancel !== looking) return
    this.#cpu = judgeCpu(this.#cpu, samples)
    this.apply(true)
  }

  #watch(link: SendingLink): Watched {
    const known = this.#watched.get(link)
    if (known !== undefined) return known
    const watched = { sampler: new SendSampler(link.connection), quality: newLink }
    this.#watched.set(link, watched)
    return watched
  }
}
