/** How many acts may be under way; each takes a store some 0.05 ms, and what is urgent waits behind them. */
const AT_ONCE = 256

/** Lets a few acts be under way at a time, the oldest first: a store that is given all at once answers nothing else for seconds. */
export class Gate {
  #free = AT_ONCE
  #waiting: (() => Promise<unknown>)[] = []
  /** Place of the oldest in {@link #waiting}. */
  #next = 0

  /** Starts an act, at once if it may. */
  start(act: () => Promise<unknown>): void {
    if (this.#free === 0) return void this.#waiting.push(act)
    this.#free -= 1
    const done = () => {
      this.#free += 1
      this.#startNext()
    }
    act().then(done, done)
  }

  /** As {@link start}. @throws what `act` throws. */
  through<T>(act: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.start(() => {
        const acting = act()
        acting.then(resolve, reject)
        return acting
      })
    })
  }

  #startNext(): void {
    const next = this.#waiting[this.#next]
    if (next === undefined) return
    this.#next += 1
    if (this.#next === this.#waiting.length) {
      this.#waiting = []
      this.#next = 0
    }
    this.start(next)
  }
}
