import type { Clock } from '../../src/transport/index.ts'

/** A clock that moves only when told to. Microtasks run between timers, as they would in a real event loop. */
export class ManualClock implements Clock {
  #now = 0
  #timers = new Map<number, { readonly at: number; readonly task: () => void }>()
  #count = 0

  now(): number {
    return this.#now
  }

  after(delayMs: number, task: () => void): () => void {
    const id = (this.#count += 1)
    this.#timers.set(id, { at: this.#now + delayMs, task })
    return () => this.#timers.delete(id)
  }

  /** Timers that are still to run. */
  get pending(): number {
    return this.#timers.size
  }

  /** Runs everything due within the next `ms` milliseconds, in order. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    for (;;) {
      await drainMicrotasks()
      const due = [...this.#timers].filter(([, { at }]) => at <= end).sort(([, a], [, b]) => a.at - b.at)[0]
      if (due === undefined) break
      this.#timers.delete(due[0])
      this.#now = Math.max(this.#now, due[1].at)
      due[1].task()
    }
    this.#now = end
    await drainMicrotasks()
  }
}

/** Lets everything that is queued as a microtask happen. */
export function drainMicrotasks(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
