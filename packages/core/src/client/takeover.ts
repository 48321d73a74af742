import type { Clock } from '../transport/index.ts'

/**
 * When a page is reloaded while it greets the server, its greeting may arrive after that of the page that follows it. So a
 * page that is superseded before its first welcome, or this soon after it, comes back, once, unless the other one is still there
 * a moment later.
 */
const OVERTAKEN_MS = 2_000

/** How long a page waits before it looks whether the one that has taken its session over is still there. */
export const MOMENT_MS = 500

/** What a page does when another has taken its session over. */
export class Takeover {
  readonly #clock: Clock
  /** Until this time it comes back; `undefined` before the first welcome. */
  #until: number | undefined
  #yields = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** What its next greeting has because of that. */
  get greeting(): { readonly yields?: true } {
    return this.#yields ? { yields: true } : {}
  }

  welcomed(): void {
    this.#until ??= this.#clock.now() + OVERTAKEN_MS
    this.#yields = false
  }

  /** @returns whether it comes back, to yield if the other is still there. */
  superseded(): boolean {
    const comesBack = this.#clock.now() < (this.#until ?? Infinity)
    this.#until = 0
    this.#yields = comesBack
    return comesBack
  }
}
