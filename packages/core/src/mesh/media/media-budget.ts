import type { PeerId } from '@patchbay/protocol'
import type { WritableStore } from '../../store.ts'
import type { Clock } from '../../transport/index.ts'
import type { LinkPort } from '../feature.ts'
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
  readonly port: Pick<LinkPort, 'peer' | 'connection'>
  limit(limits: SendLimits): Promise<void>
}

/** How large one's own camera is sent to each member, and why no larger; empty while nothing is sent. */
export type SentSizes = ReadonlyMap<PeerId, SentSize>

/** Limits what is sent on the links of a mesh. */
export interface MediaLimiter {
  /** Recomputes the limits of all links, and keeps sampling while anything is `sent`. */
  apply(sent: boolean): void
}

/** Makes the limiter of a mesh. `links` returns the links to all peers. */
export type LimitMedia = (links: () => readonly SendingLink[], clock: Clock) => MediaLimiter

/**
 * Limits what a mesh sends to what the number of people, each path and the CPU allow. Each path is judged separately: a
 * slow one does not affect the video sent to others. Nothing is sent larger than it is shown.
 * @param sent told of what the limits are.
 */
export const limitMedia =
  (sizes: PictureSizes, sent: WritableStore<SentSizes>): LimitMedia =>
  (links, clock) =>
    new MediaBudget(links, clock, sizes, sent)

class MediaBudget implements MediaLimiter {
  readonly #links: () => readonly SendingLink[]
  readonly #clock: Clock
  readonly #watched = new WeakMap<SendingLink, Watched>()
  readonly #sizes: PictureSizes
  readonly #sent: WritableStore<SentSizes>
  #cpu: CpuLoad = idleCpu
  #cancel: (() => void) | undefined

  constructor(links: () => readonly SendingLink[], clock: Clock, sizes: PictureSizes, sent: WritableStore<SentSizes>) {
    this.#sizes = sizes
    this.#sent = sent
    this.#links = links
    this.#clock = clock
  }

  apply(isSent: boolean): void {
    if (!isSent) {
      this.#cancel?.()
      this.#cancel = undefined
      return this.#tell(new Map())
    }
    const links = this.#links().map((link) => ({ link, shown: this.#sizes.wantedBy(link.port.connection) }))
    // Members without media are sent no picture.
    const watching = links.filter(
      ({ link, shown }) => link.port.peer.capabilities.media && shown.camera + shown.screen > 0,
    ).length
    const sent = links.map(({ link, shown }): [PeerId, SentSize] => {
      const { rung } = this.#watch(link).quality
      const { steps } = this.#cpu
      const limits = limitSending(watching, rung + steps, shown)
      void link.limit(limits)
      const { active, maxHeight = 0 } = limits.camera
      return [link.port.peer.id, { maxHeight: active ? maxHeight : 0, cause: causeOf(watching, rung, steps, shown) }]
    })
    this.#tell(new Map(sent))
    // Members who come and go put no look off.
    this.#cancel ??= this.#lookLater()
  }

  #tell(sent: SentSizes): void {
    const before = this.#sent.getSnapshot()
    const isSame = ([peer, { maxHeight, cause }]: [PeerId, SentSize]) =>
      before.get(peer)?.maxHeight === maxHeight && before.get(peer)?.cause === cause
    if (sent.size !== before.size || ![...sent].every(isSame)) this.#sent.set(sent)
  }

  /** A look may take for ever: the next one does not wait for it. */
  #lookLater(): () => void {
    return this.#clock.after(LOOK_MS, () => {
      this.#cancel = this.#lookLater()
      void this.#look()
    })
  }

  async #look(): Promise<void> {
    const looks = this.#links().map(async (link) => {
      const watched = this.#watch(link)
      const sample = await watched.sampler.read()
      if (sample !== undefined) watched.quality = judgeLink(watched.quality, sample)
      return sample ?? []
    })
    const samples = (await Promise.all(looks)).flat()
    if (this.#cancel === undefined) return
    this.#cpu = judgeCpu(this.#cpu, samples)
    this.apply(true)
  }

  #watch(link: SendingLink): Watched {
    const known = this.#watched.get(link)
    if (known !== undefined) return known
    const watched = { sampler: new SendSampler(link.port.connection), quality: newLink }
    this.#watched.set(link, watched)
    return watched
  }
}
