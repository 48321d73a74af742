import { LendingBucket } from './lending-bucket.ts'
import type { HubLimits } from './hub-limits.ts'

/** What one session may send: the same where its line comes in and where the session is at home. */
export class SessionRate {
  readonly #messages: LendingBucket
  readonly #traffic: LendingBucket
  readonly #graceMs: number

  constructor(
    { messages, traffic, rateGraceMs }: Pick<HubLimits, 'messages' | 'traffic' | 'rateGraceMs'>,
    now: number,
  ) {
    this.#messages = new LendingBucket(messages, now)
    this.#traffic = new LendingBucket(traffic, now)
    this.#graceMs = rateGraceMs
  }

  /** Counts a message of that many UTF-16 code units. @returns `false` when the session has been over its rate for too long. */
  take(size: number, now: number): boolean {
    return Math.max(this.#messages.take(1, now), this.#traffic.take(size, now)) <= this.#graceMs
  }
}
