import type { Clock } from './clock.ts'

/** How {@link InOrder} reports. */
export interface InOrderHandlers {
  /** The next text: each once, in order. */
  deliver(text: string): void
  /** A number has not come in time, or too much waits for it. Called once; nothing is delivered afterwards. */
  lost(): void
}

/** How long a missing number is waited for. */
const HOLD_MS = 1_000
/** What may wait for it: numbers beyond it, and UTF-16 code units. */
const MAX_AHEAD = 1_024
const MAX_SIZE = 262_144

/**
 * Puts numbered texts in order, for lines behind an exchange that delivers more than once, too late, or in another order:
 * what was seen is dropped, and what comes too early waits for what is missing, for a second.
 */
export class InOrder {
  readonly #clock: Clock
  readonly #handlers: InOrderHandlers
  readonly #early = new Map<number, string>()
  #size = 0
  #next = 0
  #stopTimer: (() => void) | undefined
  #isOver = false
  #end: { readonly n: number; readonly reached: () => void } | undefined

  constructor(clock: Clock, handlers: InOrderHandlers) {
    this.#clock = clock
    this.#handlers = handlers
  }

  /** @param n number of the text, from 0. */
  take(n: number, text: string): void {
    if (this.#isOver || n < this.#next || this.#early.has(n)) return
    if (n === this.#next) return this.#advance(text)
    this.#size += text.length
    if (n - this.#next > MAX_AHEAD || this.#size > MAX_SIZE) return this.#lose()
    this.#early.set(n, text)
    this.#settle()
  }

  /** There are `n` texts in all: calls `reached` when they were delivered. */
  finish(n: number, reached: () => void): void {
    if (this.#isOver || this.#end !== undefined) return
    this.#end = { n, reached }
    this.#settle()
  }

  /** Nothing is delivered or reported from now on. */
  stop(): void {
    this.#isOver = true
    this.#stopTimer?.()
    this.#early.clear()
  }

  #advance(first: string): void {
    this.#stopTimer?.()
    this.#stopTimer = undefined
    let text: string | undefined = first
    while (text !== undefined && !this.#isOver) {
      this.#next += 1
      this.#handlers.deliver(text)
      text = this.#early.get(this.#next)
      if (text === undefined) continue
      this.#early.delete(this.#next)
      this.#size -= text.length
    }
    this.#settle()
  }

  /** What is missing now is waited for. */
  #settle(): void {
    if (this.#isOver) return
    if (this.#end !== undefined && this.#next >= this.#end.n) {
      this.stop()
      this.#end.reached()
    } else if (this.#early.size > 0 || this.#end !== undefined) {
      this.#stopTimer ??= this.#clock.after(HOLD_MS, () => this.#lose())
    }
  }

  #lose(): void {
    this.stop()
    this.#handlers.lost()
  }
}
