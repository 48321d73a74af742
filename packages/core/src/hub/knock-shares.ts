import { type Rate, TokenBucket } from '../token-bucket.ts'
import type { Clock } from '../transport/index.ts'
import { networkOf } from './network.ts'

/** Knocks of one network that are passed on to hosts; beyond them, those of other networks still get through. */
const RATE: Rate = { perSecond: 3, burst: 12 }
/** Networks whose share is remembered; one whose share is whole again is forgotten. */
const MAX_NETWORKS = 10_000

/** Says of whom hosts are told, among those who knock: nobody drowns out the others. */
export class KnockShares {
  readonly #clock: Clock
  readonly #shares = new Map<string, TokenBucket>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** @returns whether hosts are told that somebody from `address` knocks. All lines of one exchange share what it is called. */
  take(address: string): boolean {
    const now = this.#clock.now()
    const [network = ''] = networkOf(address).split('/', 1)
    const share = this.#shares.get(network) ?? this.#begin(network, now)
    return share.tryTake(1, now)
  }

  #begin(network: string, now: number): TokenBucket {
    if (this.#shares.size >= MAX_NETWORKS)
      for (const [one, share] of this.#shares) if (share.isFull(now)) this.#shares.delete(one)
    const [oldest] = this.#shares.keys()
    if (this.#shares.size >= MAX_NETWORKS && oldest !== undefined) this.#shares.delete(oldest)
    const share = new TokenBucket(RATE, now)
    this.#shares.set(network, share)
    return share
  }
}
