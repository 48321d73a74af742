/** Monotonic time and timers, so that nothing in core reads a wall clock (S10) and a simulator can bring its own. */
export interface Clock {
  /** Milliseconds since some fixed moment; never goes back. */
  now(): number
  /** Runs `task` once after `delayMs`. @returns its undo. */
  after(delayMs: number, task: () => void): () => void
}

/** The platform's monotonic clock (W3C High Resolution Time). */
export const systemClock: Clock = {
  now: () => performance.now(),
  after(delayMs, task) {
    const timer = setTimeout(task, delayMs)
    return () => clearTimeout(timer)
  },
}
