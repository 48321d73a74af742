import { type Clock, systemClock } from '../transport/index.ts'
import { type CpuLoad, idleCpu, judgeCpu, judgeLink, type LinkQuality, newLink } from './link-quality.ts'
import type { PeerLink } from './peer-link.ts'
import { limitSending } from './send-budget.ts'
import { SendSampler } from './send-sample.ts'

/** Between two looks at how sending goes, in milliseconds. */
const LOOK_MS = 1_000

interface Watched {
  readonly sampler: SendSampler
  quality: LinkQuality
}

/**
 * Keeps what a mesh sends within what people's number, each path and the processor allow. Every path is judged by itself:
 * one that is slow changes nobody else's picture.
 */
export class MediaBudget {
  #links: () => readonly PeerLink[] = () => []
  #clock: Clock = systemClock
  #cpu: CpuLoad = idleCpu
  readonly #watched = new WeakMap<PeerLink, Watched>()
  #cancel: (() => void) | undefined

  /** @internal @param links to everyone there is. */
  begin(links: () => readonly PeerLink[], clock: Clock): void {
    this.#links = links
    this.#clock = clock
  }

  /** @internal Shares anew among everyone, and goes on looking while anything is `sent`. */
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

  /** @internal Looks no more. */
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
