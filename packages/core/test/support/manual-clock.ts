import type { Clock } from '../../src/transport/index.ts'

interface Timer {
  readonly at: number
  readonly order: number
  readonly task: () => void
  cancelled: boolean
}

/** A clock that advances only on request. Microtasks run between timers, as in a real event loop. */
export class ManualClock implements Clock {
  readonly #turns: number
  #now = 0
  #count = 0
  #live = 0
  /** Binary heap by time, then by the order in which timers were set. */
  readonly #heap: Timer[] = []

  /** @param turns microtask turns between timers; see {@link drainMicrotasks}. */
  constructor(turns = TURNS) {
    this.#turns = turns
  }

  now(): number {
    return this.#now
  }

  after(delayMs: number, task: () => void): () => void {
    const timer: Timer = { at: this.#now + delayMs, order: (this.#count += 1), task, cancelled: false }
    this.#push(timer)
    this.#live += 1
    return () => this.#cancel(timer)
  }

  /** Number of pending timers. */
  get pending(): number {
    return this.#live
  }

  /** Runs everything due within the next `ms` milliseconds, in order. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    for (;;) {
      await drainMicrotasks(this.#turns)
      const next = this.#takeDue(end)
      if (next === undefined) break
      this.#cancel(next)
      this.#now = Math.max(this.#now, next.at)
      next.task()
    }
    this.#now = end
  }

  /** Lets time go by without running anything, as when the process is suspended: what was due runs late. */
  stall(ms: number): void {
    this.#now += ms
  }

  /** Removes and returns the first timer due by `end` that was not cancelled. */
  #takeDue(end: number): Timer | undefined {
    for (;;) {
      const first = this.#heap[0]
      if (first === undefined || first.at > end) return undefined
      this.#pop()
      if (!first.cancelled) return first
    }
  }

  #cancel(timer: Timer): void {
    if (timer.cancelled) return
    timer.cancelled = true
    this.#live -= 1
  }

  #push(timer: Timer): void {
    const heap = this.#heap
    let at = heap.push(timer) - 1
    while (at > 0) {
      const up = (at - 1) >> 1
      const above = heap[up]
      if (above === undefined || !before(timer, above)) break
      heap[at] = above
      at = up
    }
    heap[at] = timer
  }

  /** Removes the first timer: the last one takes its place and sinks. */
  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    let at = 0
    for (;;) {
      const left = 2 * at + 1
      const one = heap[left]
      const other = heap[left + 1]
      const right = one !== undefined && other !== undefined && before(other, one)
      const least = right ? other : one
      if (least === undefined || !before(least, last)) break
      heap[at] = least
      at = right ? left + 1 : left
    }
    heap[at] = last
  }
}

function before(a: Timer, b: Timer): boolean {
  return a.at === b.at ? a.order < b.order : a.at < b.at
}

/** Microtask turns that the longest promise chain in the code needs, with a margin. */
const TURNS = 16

const settled = Promise.resolve()

/** Runs all queued microtasks. */
export async function drainMicrotasks(turns = TURNS): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) await settled
}
