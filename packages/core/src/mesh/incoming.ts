import { PerPeer } from '../per-peer.ts'
import { type Rate, TokenBucket } from '../token-bucket.ts'
import { TrafficBudget, type TrafficRate } from '../traffic-budget.ts'
import type { Clock } from '../transport/index.ts'

/** Messages and characters accepted from a peer: more than any user types, too few to block the page. */
const TRAFFIC: TrafficRate = {
  messages: { perSecond: 1_000, burst: 1_000 },
  size: { perSecond: 8_388_608, burst: 8_388_608 },
}
/** Descriptions from a peer, on each path: an honest one sends one for each camera, screen or restart. */
const DESCRIPTIONS: Rate = { perSecond: 2, burst: 60 }

/** What a peer may still send, whichever connection it is for. */
export interface Incoming {
  /** Over the peers' own channel. */
  readonly traffic: TrafficBudget
  /** Descriptions, over the peers' own channel. */
  readonly described: TokenBucket
  /** Descriptions, over the signaling line. */
  readonly describedOverLine: TokenBucket
}

/** What each peer of a mesh may still send. */
export function countIncoming(clock: Clock): PerPeer<Incoming> {
  const descriptions = () => new TokenBucket(DESCRIPTIONS, clock.now())
  return new PerPeer(() => ({
    traffic: new TrafficBudget(TRAFFIC),
    described: descriptions(),
    describedOverLine: descriptions(),
  }))
}
