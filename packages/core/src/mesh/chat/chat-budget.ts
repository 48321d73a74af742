import { type Rate, TokenBucket } from '../../token-bucket.ts'

/** Chat messages, and their UTF-16 code units. */
interface ChatRate {
  readonly messages: Rate
  readonly size: Rate
}

/** What this client sends: more than anyone types. */
export const OUTGOING_CHAT: ChatRate = {
  messages: { perSecond: 20, burst: 200 },
  size: { perSecond: 16_384, burst: 524_288 },
}

/**
 * What is taken of one peer before it counts as a flood. More than it may send, since what it said while it was
 * disconnected arrives all at once.
 */
export const INCOMING_CHAT: ChatRate = {
  messages: { perSecond: 40, burst: 600 },
  size: { perSecond: 32_768, burst: 1_048_576 },
}

/** Counts chat against a rate. */
export class ChatBudget {
  readonly #rate: ChatRate
  /** Made at the first message, when the time is known. */
  #buckets: { readonly messages: TokenBucket; readonly size: TokenBucket } | undefined

  constructor(rate: ChatRate) {
    this.#rate = rate
  }

  /** @param now milliseconds on a monotonic clock. @returns whether a message of that length is within the rate. */
  take(length: number, now: number): boolean {
    this.#buckets ??= {
      messages: new TokenBucket(this.#rate.messages, now),
      size: new TokenBucket(this.#rate.size, now),
    }
    return this.#buckets.messages.tryTake(1, now) && this.#buckets.size.tryTake(length, now)
  }
}
