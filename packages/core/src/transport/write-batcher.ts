/** Something that collects what is written to it. */
interface Writer {
  flush(): void
}

/** Flushes writers once, when the turn in which they were written to is over: system calls are most of what a relay costs. */
export class WriteBatcher {
  readonly #defer: (task: () => void) => void
  readonly #flushAll = (): void => {
    const writers = this.#waiting
    this.#waiting = []
    for (const writer of writers) writer.flush()
  }
  #waiting: Writer[] = []

  /** @param defer runs a task after this turn: `setImmediate` in Node. */
  constructor(defer: (task: () => void) => void) {
    this.#defer = defer
  }

  /** Puts a writer on the list, once a turn: when the first thing is written to it. */
  add(writer: Writer): void {
    if (this.#waiting.push(writer) === 1) this.#defer(this.#flushAll)
  }
}
