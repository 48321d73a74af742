import type { Clock, Connection, Dialer } from '../transport/index.ts'

/** What the owner of an attempt does with it. */
export interface AttemptHandlers {
  /** The line is open; nobody has been greeted on it yet. */
  open(attempt: LineAttempt, line: Connection): void
  frame(attempt: LineAttempt, text: string): void
  /** It came to nothing, or the line that came of it is gone. Once, and last. */
  ended(attempt: LineAttempt): void
}

/** What a line that is open may take to bring a welcome, at least. */
const WELCOME_MS = 3_000

/** One try to get a line and a welcome on it, and the line that came of it. */
export class LineAttempt {
  readonly dialer: Dialer
  readonly #handlers: AttemptHandlers
  readonly #clock: Clock
  readonly #abort = new AbortController()
  readonly #timeoutMs: number
  #stopTimer: () => void
  #line: Connection | undefined
  #openAt = 0
  #welcomedAt: number | undefined
  #over = false
  #unanswered = false
  /** The line the session is still on while this attempt is to take it over. */
  replaces: Connection | undefined

  constructor(dialer: Dialer, timeoutMs: number, clock: Clock, handlers: AttemptHandlers) {
    this.dialer = dialer
    this.#handlers = handlers
    this.#clock = clock
    this.#timeoutMs = timeoutMs
    this.#stopTimer = clock.after(timeoutMs, () => this.#tooLate())
    dialer
      .dial(
        {
          frame: (text) => this.#over || handlers.frame(this, text),
          close: () => this.#end(),
        },
        { signal: this.#abort.signal },
      )
      .then(
        (line) => this.#open(line),
        () => this.#end(),
      )
  }

  get line(): Connection | undefined {
    return this.#line
  }

  get welcomed(): boolean {
    return this.#welcomedAt !== undefined
  }

  /** It was given up because nobody had answered for as long as it may take. */
  get unanswered(): boolean {
    return this.#unanswered
  }

  /** How long the line has carried a session, in milliseconds. */
  get ageMs(): number {
    return this.#welcomedAt === undefined ? 0 : this.#clock.now() - this.#welcomedAt
  }

  /** From greeting to welcome, in milliseconds: a round trip, the first that is known. */
  get greetingMs(): number | undefined {
    return this.#welcomedAt === undefined ? undefined : this.#welcomedAt - this.#openAt
  }

  /** The server has welcomed: from now on the session watches the line. */
  welcome(): void {
    this.#stopTimer()
    this.#welcomedAt = this.#clock.now()
  }

  /** Lets go of it; nothing more is heard of it. */
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
    // Somebody is there; the welcome may take its time, whatever the haste.
    if (this.#timeoutMs < WELCOME_MS) {
      this.#stopTimer()
      this.#stopTimer = this.#clock.after(WELCOME_MS, () => this.#tooLate())
    }
    this.#handlers.open(this, line)
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
