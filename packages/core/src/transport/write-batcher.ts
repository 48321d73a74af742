/** A writer that buffers what is written to it. */
interface Writer {
  flush(): void
}

/** Flushes writers once per event-loop turn: system calls are most of the cost of a relay. */
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

  /** Schedules a writer's flush. Called once per turn, on the writer's first write. */
  add(writer: Writer): void {
    if (this.#waiting.push(writer) === 1) this.#defer(this.#flushAll)
  }
}
