import { networkOf, TokenBucket } from '@patchbay/core/hub'

/** Messages handed to subscribers, and their bytes, of all that clients of one network publish to open topics. */
const DELIVERIES = { perSecond: 2_000, burst: 10_000 }
const BYTES = { perSecond: 8 * 1024 * 1024, burst: 32 * 1024 * 1024 }
/** Networks remembered before those with a full budget are forgotten. */
const MAX_NETWORKS = 10_000
/** Between two reports of what is dropped, in milliseconds at least. */
const REPORT_MS = 60_000

/** What clients of open topics have published, and subscribers have not got. */
export interface Dropped {
  /** The network of the last one; see `networkOf`. */
  readonly network: string
  /** Messages, since the last report: those that nobody got, and each subscriber of the others that did not. */
  readonly messages: number
}

interface Budget {
  readonly deliveries: TokenBucket
  readonly bytes: TokenBucket
}

/** Counts a message once for each client that receives it: otherwise a few clients that listen to each other multiply what they send. */
export class FanOutBudget {
  readonly #networks = new Map<string, Budget>()
  readonly #report: (dropped: Dropped) => void
  #dropped = 0
  #reportedAt = -Infinity

  /** @param report is told of what is dropped, once a minute at most. */
  constructor(report: (dropped: Dropped) => void = () => {}) {
    this.#report = report
  }

  /** @returns whether a message of a client at this address may be handed to one more subscriber. */
  take(address: string, bytes: number): boolean {
    const now = performance.now()
    const budget = this.#budgetOf(networkOf(address), now)
    return budget.deliveries.tryTake(1, now) && budget.bytes.tryTake(bytes, now)
  }

  /** A message of a client at this address is dropped. */
  dropped(address: string): void {
    const now = performance.now()
    this.#dropped += 1
    if (now - this.#reportedAt < REPORT_MS) return
    this.#reportedAt = now
    this.#report({ network: networkOf(address), messages: this.#dropped })
    this.#dropped = 0
  }

  /** Whether a message of that size from this address would reach nobody. */
  isSpent(address: string, bytes: number): boolean {
    const now = performance.now()
    const budget = this.#networks.get(networkOf(address))
    return budget !== undefined && !(budget.deliveries.has(1, now) && budget.bytes.has(bytes, now))
  }

  #budgetOf(network: string, now: number): Budget {
    const known = this.#networks.get(network)
    if (known !== undefined) return known
    if (this.#networks.size >= MAX_NETWORKS) this.#forgetFull(now)
    const budget = { deliveries: new TokenBucket(DELIVERIES, now), bytes: new TokenBucket(BYTES, now) }
    this.#networks.set(network, budget)
    return budget
  }

  #forgetFull(now: number): void {
    for (const [network, { deliveries, bytes }] of this.#networks)
      if (deliveries.has(DELIVERIES.burst, now) && bytes.has(BYTES.burst, now)) this.#networks.delete(network)
  }
}
