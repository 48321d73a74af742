/** Smallest and largest ceiling of the wait before redialing, in milliseconds. */
export interface BackoffRange {
  readonly minMs: number
  readonly maxMs: number
}

/** Ceiling 0.25 s, growing to 8 s. */
export const defaultBackoff: BackoffRange = { minMs: 250, maxMs: 8_000 }

/** Less than the usual 2: after an outage of 1–2 s, doubling would leave one client in twenty waiting 3 s more. */
const GROWTH = 1.5
/**
 * Most outages are restarts. For about half a minute, this many attempts, the ceiling stays here: clients are back soon, and
 * spread over more than a second.
 */
const EARLY_MS = 1_500
const EARLY_ATTEMPTS = 40

/**
 * Full jitter: a wait drawn uniformly from 0 to a ceiling that grows with each failed attempt, so that the clients of
 * one server do not reconnect in step.
 * @param attempt failed attempts so far, from 0.
 * @param random a number in [0, 1).
 */
export function backoffMs(attempt: number, random: number, range: BackoffRange = defaultBackoff): number {
  const early = Math.min(EARLY_MS, range.maxMs, range.minMs * GROWTH ** Math.min(attempt, EARLY_ATTEMPTS))
  return random * Math.min(range.maxMs, early * GROWTH ** Math.min(50, Math.max(0, attempt - EARLY_ATTEMPTS)))
}
