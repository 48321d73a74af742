import { TokenBucket } from '../token-bucket.ts'
import type { HubLimits } from './hub-limits.ts'

/** What one session may send: the same where its line comes in and where the session is at home. */
export class SessionRate {
  readonly #messages: TokenBucket
  readonly #traffic: TokenBucket
  readonly #graceMs: number

  constructor(
    { messages, traffic, rateGraceMs }: Pick<HubLimits, 'messages' | 'traffic' | 'rateGraceMs'>,
    now: number,
  ) {
    this.#messages = new TokenBucket(messages, now)
    this.#traffic = new TokenBucket(traffic, now)
    this.#graceMs = rateGraceMs
  }

  /** Counts a message of that many UTF-16 code units. @returns `false` when the session has been over its rate for too long. */
  take(size: number, now: number): boolean {
    return Math.max(this.#messages.take(1, now), this.#traffic.take(size, now)) <= this.#graceMs
  }
}
