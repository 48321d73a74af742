/** Monotonic time and timers: core never reads a wall clock (S10), and a simulator can supply its own clock. */
export interface Clock {
  /** Milliseconds since a fixed moment; never decreases. */
  now(): number
  /** Runs `task` once after `delayMs`. @returns a function that cancels it. */
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
