/** Shortest and longest ceiling of the wait before dialing again, in milliseconds. */
export interface BackoffRange {
  readonly minMs: number
  readonly maxMs: number
}

/** Ceiling 0.25 s, growing to 8 s. */
export const defaultBackoff: BackoffRange = { minMs: 250, maxMs: 8_000 }

/** Doubling would be the habit; after an outage of a second or two it leaves one client in twenty waiting for 3 s more. */
const GROWTH = 1.5

/**
 * Full jitter: a wait drawn evenly between nothing and a ceiling that grows with each failed attempt, so that a
 * thousand clients of one server do not come back in step.
 * @param attempt failed attempts so far, from 0.
 * @param random a number in [0, 1).
 */
export function backoffMs(attempt: number, random: number, range: BackoffRange = defaultBackoff): number {
  return random * Math.min(range.maxMs, range.minMs * GROWTH ** Math.min(attempt, 50))
}
