import { type Clock, systemClock } from '../transport/index.ts'
import type { PeerLink } from './peer-link.ts'
import { strainsOf } from './peer-statistics.ts'
import { SendBudget } from './send-budget.ts'

/** Between two looks at how sending goes, in milliseconds. */
const LOOK_MS = 2_000

/** Keeps what a mesh sends within its budget, as people come and go and as processor and line allow. */
export class MediaBudget {
  #links: () => readonly PeerLink[] = () => []
  #clock: Clock = systemClock
  readonly #budget = new SendBudget()
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
    const limits = this.#budget.limitsFor(links.length)
    for (const link of links) void link.limitMedia(limits)
    this.#cancel = this.#clock.after(LOOK_MS, () => void this.#look())
  }

  /** @internal Looks no more. */
  close(): void {
    this.apply(false)
  }

  async #look(): Promise<void> {
    const looking = this.#cancel
    const strains = await Promise.all(this.#links().map((link) => strainsOf(link.connection)))
    if (this.#cancel !== looking) return
    this.#budget.look(strains.flat())
    this.apply(true)
  }
}
