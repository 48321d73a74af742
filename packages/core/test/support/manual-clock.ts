import type { Clock } from '../../src/transport/index.ts'

interface Timer {
  readonly at: number
  readonly order: number
  readonly task: () => void
  cancelled: boolean
}

/** A clock that moves only when told to. Microtasks run between timers, as they would in a real event loop. */
export class ManualClock implements Clock {
  #now = 0
  #count = 0
  #live = 0
  /** Binary heap by time, then by the order in which timers were set. */
  readonly #heap: Timer[] = []

  now(): number {
    return this.#now
  }

  after(delayMs: number, task: () => void): () => void {
    const timer: Timer = { at: this.#now + delayMs, order: (this.#count += 1), task, cancelled: false }
    this.#push(timer)
    this.#live += 1
    return () => this.#cancel(timer)
  }

  /** Timers that are still to run. */
  get pending(): number {
    return this.#live
  }

  /** Runs everything due within the next `ms` milliseconds, in order. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    for (;;) {
      await drainMicrotasks()
      const next = this.#heap[0]
      if (next === undefined || next.at > end) break
      this.#pop()
      if (next.cancelled) continue
      this.#cancel(next)
      this.#now = Math.max(this.#now, next.at)
      next.task()
    }
    this.#now = end
  }

  #cancel(timer: Timer): void {
    if (timer.cancelled) return
    timer.cancelled = true
    this.#live -= 1
  }

  #before(a: number, b: number): boolean {
    const [x, y] = [this.#heap[a], this.#heap[b]]
    if (x === undefined || y === undefined) return false
    return x.at === y.at ? x.order < y.order : x.at < y.at
  }

  #swap(a: number, b: number): void {
    const [x, y] = [this.#heap[a], this.#heap[b]]
    if (x === undefined || y === undefined) return
    this.#heap[a] = y
    this.#heap[b] = x
  }

  #push(timer: Timer): void {
    let at = this.#heap.push(timer) - 1
    for (let up = (at - 1) >> 1; at > 0 && this.#before(at, up); up = (at - 1) >> 1) {
      this.#swap(at, up)
      at = up
    }
  }

  #pop(): void {
    const last = this.#heap.pop()
    if (last === undefined || this.#heap.length === 0) return
    this.#heap[0] = last
    for (let at = 0; ;) {
      const [left, right] = [2 * at + 1, 2 * at + 2]
      let least = at
      if (this.#before(left, least)) least = left
      if (this.#before(right, least)) least = right
      if (least === at) return
      this.#swap(at, least)
      at = least
    }
  }
}

/** Turns of the microtask queue that the longest chain of promises in the code takes, with room to spare. */
const TURNS = 16

/** Lets everything that is queued as a microtask happen. */
export async function drainMicrotasks(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn += 1) await Promise.resolve()
}
