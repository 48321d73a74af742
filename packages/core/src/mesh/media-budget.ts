import { type Clock, systemClock } from '../transport/index.ts'
import { type CpuLoad, idleCpu, judgeCpu, judgeLink, type LinkQuality, newLink } from './link-quality.ts'
import type { PeerLink } from './peer-link.ts'
import { limitSending } from './send-budget.ts'
import { SendSampler } from './send-sample.ts'

/** Interval between samples, in milliseconds. */
const LOOK_MS = 1_000

interface Watched {
  readonly sampler: SendSampler
  quality: LinkQuality
}

/**
 * Limits what a mesh sends to what the number of people, each path and the CPU allow. Each path is judged separately: a
 * slow one does not affect the video sent to others.
 */
export class MediaBudget {
  #links: () => readonly PeerLink[] = () => []
  #clock: Clock = systemClock
  #cpu: CpuLoad = idleCpu
  readonly #watched = new WeakMap<PeerLink, Watched>()
  #cancel: (() => void) | undefined

  /** @internal @param links returns the links to all peers. */
  begin(links: () => readonly PeerLink[], clock: Clock): void {
    this.#links = links
    this.#clock = clock
  }

  /** @internal Recomputes the limits of all links, and keeps sampling while anything is `sent`. */
  apply(sent: boolean): void {
    this.#cancel?.()
    this.#cancel = undefined
    if (!sent) return
    const links = this.#links()
    for (const link of links) {
      void link.limitMedia(limitSending(links.length, this.#watch(link).quality.rung + this.#cpu.steps))
    }
    this.#cancel = this.#clock.after(LOOK_MS, () => void this.#look())
  }

  /** @internal Stops sampling. */
  close(): void {
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

  #watch(link: PeerLink): Watched {
    const known = this.#watched.get(link)
    if (known !== undefined) return known
    const watched = { sampler: new SendSampler(link.connection), quality: newLink }
    this.#watched.set(link, watched)
    return watched
  }
}
