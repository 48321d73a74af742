/** A steady rate with room for a burst. */
export interface Rate {
  readonly perSecond: number
  readonly burst: number
}

/** A token bucket in which a sender may go into debt; it reports for how long the sender has been in debt. */
export class TokenBucket {
  readonly #rate: Rate
  #tokens: number
  #at: number
  #overSince: number | undefined

  /** @param now milliseconds on a monotonic clock, as in all methods. */
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
    this.#refill(now)
    this.#tokens -= cost
    if (this.#tokens >= 0) {
      this.#overSince = undefined
      return 0
    }
    this.#overSince ??= now
    return this.#tokens < -this.#rate.burst ? Infinity : now - this.#overSince
  }

  /** Takes `cost` tokens if available. @returns whether they were. */
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
