/** A steady rate with room for a burst. */
export interface Rate {
  readonly perSecond: number
  readonly burst: number
}

/**
 * How far over its rate a sender may be: `debt` has been above zero since `overSince`.
 * A burst is paid back at `perSecond`.
 */
export class TokenBucket {
  readonly #rate: Rate
  #tokens: number
  #at: number
  #overSince: number | undefined

  constructor(rate: Rate, now: number) {
    this.#rate = rate
    this.#tokens = rate.burst
    this.#at = now
  }

  /**
   * Takes `cost` tokens at `now` (milliseconds, monotonic), going into debt if it must.
   * @returns for how many milliseconds the sender has been over its rate, `Infinity` when the debt passes a whole burst.
   */
  take(cost: number, now: number): number {
    this.#tokens = Math.min(this.#rate.burst, this.#tokens + ((now - this.#at) * this.#rate.perSecond) / 1000) - cost
    this.#at = now
    if (this.#tokens >= 0) {
      this.#overSince = undefined
      return 0
    }
    this.#overSince ??= now
    return this.#tokens < -this.#rate.burst ? Infinity : now - this.#overSince
  }
}
