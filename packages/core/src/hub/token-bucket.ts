/** A steady rate with room for a burst. */
export interface Rate {
  readonly perSecond: number
  readonly burst: number
}

/** Tokens that come at a steady rate, up to a burst; a sender may go into debt, and is told for how long it has been. */
export class TokenBucket {
  readonly #rate: Rate
  #tokens: number
  #at: number
  #overSince: number | undefined

  /** @param now milliseconds on a monotonic clock, as everywhere here. */
  constructor(rate: Rate, now: number) {
    this.#rate = rate
    this.#tokens = rate.burst
    this.#at = now
  }

  /**
   * Takes `cost` tokens, going into debt if it must.
   * @returns for how many milliseconds the sender has been in debt, `Infinity` when the debt passes a whole burst.
   */
  take(cost: number, now: number): number {
    this.#refill(now)
    this.#tokens -= cost
    if (this.#tokens >= 0) {
      this.#overSince = undefined
      return 0
    }
    this.#overSince ??= now
    return this.#tokens < -this.#rate.burst ? Infinity : now - this.#overSince
  }

  /** Takes `cost` tokens if they are there. @returns whether they were. */
  tryTake(cost: number, now: number): boolean {
    this.#refill(now)
    if (this.#tokens < cost) return false
    this.#tokens -= cost
    return true
  }

  /** Whether `cost` tokens are there. */
  has(cost: number, now: number): boolean {
    this.#refill(now)
    return this.#tokens >= cost
  }

  #refill(now: number): void {
    this.#tokens = Math.min(this.#rate.burst, this.#tokens + ((now - this.#at) * this.#rate.perSecond) / 1000)
    this.#at = now
  }
}
