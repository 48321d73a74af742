import type {
  AcceptedConnection,
  CloseReason,
  Connection,
  ConnectionHandlers,
  Listener,
} from '@patchbay/core/transport'

/** Handlers that record frames and closes in order of arrival, and can be awaited. */
export class Recorder implements ConnectionHandlers {
  readonly log: (string | { readonly close: CloseReason })[] = []
  readonly #waiting = new Set<() => void>()
  readonly #waitMs: number

  /** @param waitMs how long to wait for an expected event. */
  constructor(waitMs: number) {
    this.#waitMs = waitMs
  }

  /** Called inside the handler of each frame. */
  onFrame: () => void = () => {}

  readonly frame = (text: string): void => {
    this.#add(text)
    this.onFrame()
  }
  readonly close = (close: CloseReason): void => this.#add({ close })

  get frames(): readonly string[] {
    return this.log.filter((entry) => typeof entry === 'string')
  }

  get closes(): readonly CloseReason[] {
    return this.log.flatMap((entry) => (typeof entry === 'string' ? [] : [entry.close]))
  }

  /** Waits until `test` holds. @throws {Error} that mentions `what` on a timeout. */
  async until(what: string, test: (recorder: this) => boolean, waitMs: number = this.#waitMs): Promise<void> {
    if (test(this)) return
    await new Promise<void>((resolve, reject) => {
      const done = () => {
        clearTimeout(timer)
        this.#waiting.delete(check)
      }
      const check = () => {
        if (!test(this)) return
        done()
        resolve()
      }
      const timer = setTimeout(() => {
        done()
        reject(new Error(`waited ${waitMs} ms for ${what}; got ${JSON.stringify(this.log).slice(0, 300)}`))
      }, waitMs)
      this.#waiting.add(check)
    })
  }

  untilFrames(count: number): Promise<void> {
    return this.until(`${count} frames`, () => this.frames.length >= count)
  }

  untilClosed(waitMs?: number): Promise<void> {
    return this.until('the close', () => this.closes.length > 0, waitMs)
  }

  #add(entry: string | { readonly close: CloseReason }): void {
    this.log.push(entry)
    for (const check of [...this.#waiting]) check()
  }
}

/** One end of a line, with a record of what it received. */
export interface RecordedEnd<C extends Connection = Connection> {
  readonly connection: C
  readonly heard: Recorder
}

/** Accepts lines and returns them in order of arrival. */
export class RecordingServer {
  readonly ends: RecordedEnd<AcceptedConnection>[] = []
  readonly #waiting: (() => void)[] = []

  constructor(listener: Listener, waitMs: number, onAccept?: (connection: AcceptedConnection) => void) {
    listener.listen((connection) => {
      const heard = new Recorder(waitMs)
      this.ends.push({ connection, heard })
      onAccept?.(connection)
      for (const wake of this.#waiting.splice(0)) wake()
      return heard
    })
  }

  /** Resolves with the `index`-th line once it has been accepted. */
  async line(index: number): Promise<RecordedEnd<AcceptedConnection>> {
    for (;;) {
      const end = this.ends[index]
      if (end !== undefined) return end
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
  }
}

/** Whether a dial has given an end, and no error. */
export function isEnd(outcome: unknown): outcome is RecordedEnd {
  return typeof outcome === 'object' && outcome !== null && 'heard' in outcome
}
