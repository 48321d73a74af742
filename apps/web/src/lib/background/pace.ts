/** How covering the background keeps up with the camera. */
export interface Pace {
  /** Of how many pictures of the camera one is shown. */
  readonly every: 1 | 2
  /** For how long it has taken more than a device can spare, in milliseconds. */
  readonly heavyMs: number
  /** For how long it has taken so little that every picture could be shown, in milliseconds. */
  readonly easyMs: number
}

export const fullPace: Pace = { every: 1, heavyMs: 0, easyMs: 0 }

/** Share of one core above which the rest of the call suffers. */
const HEAVY = 0.6
/** Share at half the pace below which the full pace is tried again. */
const EASY = 0.2
/** For how long it may be heavy, in milliseconds: a page that opens takes seconds of everything. */
const PATIENCE_MS = 4_000
const RECOVERY_MS = 20_000

/**
 * What follows from the work of the last `elapsedMs`: half the pictures where it is too much, then none.
 * @param share of one core that was busy with it, 0 to 1.
 */
export function nextPace(pace: Pace, share: number, elapsedMs: number): Pace | 'too slow' {
  const heavyMs = share > HEAVY ? pace.heavyMs + elapsedMs : 0
  const easyMs = pace.every === 2 && share < EASY ? pace.easyMs + elapsedMs : 0
  if (heavyMs >= PATIENCE_MS) return pace.every === 1 ? { ...fullPace, every: 2 } : 'too slow'
  if (easyMs >= RECOVERY_MS) return fullPace
  return { every: pace.every, heavyMs, easyMs }
}
