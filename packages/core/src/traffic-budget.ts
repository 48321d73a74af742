import { type Rate, TokenBucket } from './token-bucket.ts'

/** Messages, and their size in whatever unit the user counts. */
export interface TrafficRate {
  readonly messages: Rate
  readonly size: Rate
}

/** Counts messages and their size against a rate. */
export class TrafficBudget {
  readonly #rate: TrafficRate
  /** Made at the first message, when the time is known. */
  #buckets: { readonly messages: TokenBucket; readonly size: TokenBucket } | undefined

  constructor(rate: TrafficRate) {
    this.#rate = rate
  }

  /**
   * @param now milliseconds on a monotonic clock, as in `take`.
   * @returns whether a message of that size, or so many of that size together, would be within the rate.
   */
  has(size: number, now: number, messages: number = 1): boolean {
    const buckets = this.#at(now)
    return buckets.messages.has(messages, now) && buckets.size.has(size, now)
  }

  /** @returns whether a message of that size is within the rate. */
  take(size: number, now: number): boolean {
    const buckets = this.#at(now)
    return buckets.messages.tryTake(1, now) && buckets.size.tryTake(size, now)
  }

  #at(now: number) {
    return (this.#buckets ??= {
      messages: new TokenBucket(this.#rate.messages, now),
      size: new TokenBucket(this.#rate.size, now),
    })
  }
}
