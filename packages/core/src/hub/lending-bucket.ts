import type { Rate } from '../token-bucket.ts'

/** A token bucket in which a sender may go into debt; it reports for how long the sender has been in debt. */
export class LendingBucket {
  readonly #rate: Rate
  #tokens: number
  #at: number
  #overSince: number | undefined

  /** @param now milliseconds on a monotonic clock, as in `take`. */
  constructor(rate: Rate, now: number) {
    this.#rate = rate
    this.#tokens = rate.burst
    this.#at = now
  }

  /**
   * Takes `cost` tokens, going into debt if necessary.
   * @returns how long the sender has been in debt, in milliseconds; `Infinity` when the debt exceeds a whole burst.
   */
  take(cost: number, now: number): number {
    const { burst, perSecond } = this.#rate
    this.#tokens = Math.min(burst, this.#tokens + ((now - this.#at) * perSecond) / 1000) - cost
    this.#at = now
    if (this.#tokens >= 0) {
      this.#overSince = undefined
      return 0
    }
    this.#overSince ??= now
    return this.#tokens < -burst ? Infinity : now - this.#overSince
  }
}
