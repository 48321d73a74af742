import type { TrafficRate } from '../traffic-budget.ts'

/** Messages and characters accepted from a peer: more than any user types, too few to block the page. */
export const INCOMING: TrafficRate = {
  messages: { perSecond: 1_000, burst: 1_000 },
  size: { perSecond: 8_388_608, burst: 8_388_608 },
}
/** Descriptions from a peer, on each path: an honest one sends one for each camera, screen or restart. */
export const DESCRIPTIONS: TrafficRate = { messages: { perSecond: 2, burst: 60 }, size: { perSecond: 2, burst: 60 } }
