import { type Clock, type Connection, DialError, type Dialer } from '../transport/index.ts'

/** Callbacks of the owner of an attempt. */
export interface AttemptHandlers {
  /** The line is open; no greeting has been sent on it yet. */
  open(attempt: LineAttempt, line: Connection): void
  frame(attempt: LineAttempt, text: string): void
  /** The attempt failed, or its line is gone. Called once, and last. */
  ended(attempt: LineAttempt): void
}

/** Minimum time that an open line has to deliver the welcome. */
const WELCOME_MS = 3_000
/** Frames kept that come before the dial has brought the line. */
const MAX_EARLY = 16

/** One attempt to open a line and be welcomed on it, and the resulting line. */
export class LineAttempt {
  readonly dialer: Dialer
  readonly #handlers: AttemptHandlers
  readonly #clock: Clock
  readonly #abort = new AbortController()
  readonly #timeoutMs: number
  #stopTimer: () => void
  #line: Connection | undefined
  /** What came before the line was handed over, such as a close that the server sends as it accepts. */
  readonly #early: (() => void)[] = []
  #openAt = 0
  #welcomedAt: number | undefined
  #over = false
  #unanswered = false
  #error: DialError | undefined

  constructor(dialer: Dialer, timeoutMs: number, clock: Clock, handlers: AttemptHandlers) {
    this.dialer = dialer
    this.#handlers = handlers
    this.#clock = clock
    this.#timeoutMs = timeoutMs
    this.#stopTimer = clock.after(timeoutMs, () => this.#tooLate())
    // A dialer that throws instead of rejecting has failed likewise.
    const dial = async () =>
      dialer.dial(
        {
          frame: (text) => this.#hear(() => this.#over || handlers.frame(this, text), MAX_EARLY),
          close: () => this.#hear(() => this.#end()),
        },
        { signal: this.#abort.signal },
      )
    dial().then(
      (line) => this.#open(line),
      (error: unknown) => this.#failed(error),
    )
  }

  get line(): Connection | undefined {
    return this.#line
  }

  /** The attempt timed out without any answer. */
  get unanswered(): boolean {
    return this.#unanswered
  }

  /** Why the line could not be opened, if it could not. */
  get error(): DialError | undefined {
    return this.#error
  }

  /** From greeting to welcome, in milliseconds: the first measured round trip. */
  get greetingMs(): number | undefined {
    return this.#welcomedAt === undefined ? undefined : this.#welcomedAt - this.#openAt
  }

  /** The welcome has arrived: from now on the session monitors the line. */
  welcome(): void {
    this.#stopTimer()
    this.#welcomedAt = this.#clock.now()
  }

  /** Abandons the attempt; no callback follows. */
  drop(): void {
    if (this.#over) return
    this.#over = true
    this.#stopTimer()
    this.#letGo()
  }

  #open(line: Connection): void {
    if (this.#over) return line.close()
    this.#line = line
    this.#openAt = this.#clock.now()
    // The server answered, so allow the full welcome timeout even on a short attempt.
    if (this.#timeoutMs < WELCOME_MS) {
      this.#stopTimer()
      this.#stopTimer = this.#clock.after(WELCOME_MS, () => this.#tooLate())
    }
    this.#handlers.open(this, line)
    for (let event = this.#early.shift(); event !== undefined; event = this.#early.shift()) event()
  }

  /** @param most events that may wait for the line before this one is dropped. */
  #hear(event: () => void, most = Infinity): void {
    if (this.#line !== undefined && this.#early.length === 0) event()
    else if (this.#early.length < most) this.#early.push(event)
  }

  /** Any error but `DialError` is a defect of the dialer, or the runtime lacks what it needs. */
  #failed(error: unknown): void {
    const { name } = this.dialer
    const message = error instanceof Error ? error.message : String(error)
    this.#error =
      error instanceof DialError
        ? error
        : new DialError(name, `The line ${name} failed: ${message}`, { cause: error, failure: 'unusable' })
    this.#end()
  }

  #tooLate(): void {
    this.#unanswered = this.#line === undefined
    this.#end(() => this.#letGo())
  }

  #letGo(): void {
    if (this.#line === undefined) this.#abort.abort(new Error('No longer wanted.'))
    else this.#line.close()
  }

  #end(first?: () => void): void {
    if (this.#over) return
    this.#over = true
    this.#stopTimer()
    first?.()
    this.#handlers.ended(this)
  }
}
