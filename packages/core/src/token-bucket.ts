/** A steady rate with room for a burst. */
export interface Rate {
  readonly perSecond: number
  readonly burst: number
}

/** A token bucket: it fills at a steady rate, up to its burst. */
export class TokenBucket {
  readonly #rate: Rate
  #tokens: number
  #at: number

  /** @param now milliseconds on a monotonic clock, as in all methods. */
  constructor(rate: Rate, now: number) {
    this.#rate = rate
    this.#tokens = rate.burst
    this.#at = now
  }

  /** Takes `cost` tokens if available. @returns whether they were. */
  tryTake(cost: number, now: number): boolean {
    const isThere = this.has(cost, now)
    if (isThere) this.#tokens -= cost
    return isThere
  }

  /** Whether `cost` tokens are there. */
  has(cost: number, now: number): boolean {
    const { burst, perSecond } = this.#rate
    this.#tokens = Math.min(burst, this.#tokens + ((now - this.#at) * perSecond) / 1000)
    this.#at = now
    return this.#tokens >= cost
  }

  /** Whether it has as many tokens as it ever has. */
  isFull(now: number): boolean {
    return this.has(this.#rate.burst, now)
  }
}
