import type { Clock } from '../../src/transport/index.ts'

/** A clock that stops with the process that used it: none of its timers runs after that, and none is left. */
export class ProcessClock implements Clock {
  readonly #clock: Clock
  readonly #cancels = new Set<() => void>()
  #dead = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  now(): number {
    return this.#clock.now()
  }

  after(delayMs: number, task: () => void): () => void {
    if (this.#dead) return () => {}
    const cancel = this.#clock.after(delayMs, () => {
      this.#cancels.delete(cancel)
      task()
    })
    this.#cancels.add(cancel)
    return () => {
      this.#cancels.delete(cancel)
      cancel()
    }
  }

  kill(): void {
    this.#dead = true
    for (const cancel of this.#cancels) cancel()
    this.#cancels.clear()
  }
}
