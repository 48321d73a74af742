import type { TrafficRate } from '../../traffic-budget.ts'

/** What this client sends, in messages and UTF-16 code units: more than anyone types. */
export const OUTGOING_CHAT: TrafficRate = {
  messages: { perSecond: 20, burst: 200 },
  size: { perSecond: 16_384, burst: 524_288 },
}

/**
 * What is taken of one peer before it counts as a flood. More than it may send, since what it said while it was
 * disconnected arrives all at once.
 */
export const INCOMING_CHAT: TrafficRate = {
  messages: { perSecond: 40, burst: 600 },
  size: { perSecond: 32_768, burst: 1_048_576 },
}
