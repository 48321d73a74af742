import { type Rate, TokenBucket } from './token-bucket.ts'

/** Messages, and their size in whatever unit the user counts. */
export interface TrafficRate {
  readonly messages: Rate
  readonly size: Rate
}

/** Counts messages and their size against a rate. */
export class TrafficBudget {
  readonly #messages: TokenBucket
  readonly #size: TokenBucket

  constructor({ messages, size }: TrafficRate) {
    // The buckets are full at first, whenever that is.
    this.#messages = new TokenBucket(messages, -Infinity)
    this.#size = new TokenBucket(size, -Infinity)
  }

  /**
   * @param now milliseconds on a monotonic clock, as in `take`.
   * @returns whether a message of that size, or so many of that size together, would be within the rate.
   */
  has(size: number, now: number, messages: number = 1): boolean {
    return this.#messages.has(messages, now) && this.#size.has(size, now)
  }

  /** @returns whether a message of that size is within the rate. */
  take(size: number, now: number): boolean {
    return this.#messages.tryTake(1, now) && this.#size.tryTake(size, now)
  }
}
