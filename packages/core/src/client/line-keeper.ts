import type { CloseCode } from '@patchbay/protocol'
import { type Clock, type Connection, DialError, type Dialer } from '../transport/index.ts'
import { backoffMs, type BackoffRange } from './backoff.ts'
import type { Outage, OutageCause } from './client-state.ts'
import { LineAttempt } from './line-attempt.ts'
import { AUTO, type LinePolicy } from './line-policy.ts'

/** Callbacks of the owner of a keeper. */
export interface LineKeeperHandlers {
  /** A line is open; no greeting has been sent on it yet. */
  opened(line: Connection): void
  /** A frame on the line in use. Frames on a line that is being replaced are dropped. */
  frame(text: string): void
  /** The line is gone. @returns whether it carried a session, which then requests another line with `retry`. */
  ended(line: Connection): boolean
  /** An attempt failed before the server's welcome. */
  failed(): void
  /** There is no line; the next dial is at `retryAt` on the clock. `over`: all lines have been tried. */
  outage(outage: Outage, over: boolean): void
}

/** Options of a keeper. */
export interface LineKeeperOptions {
  readonly policy: LinePolicy
  readonly clock: Clock
  readonly random: () => number
  readonly backoff: BackoffRange
}

/** A line that lasted this long counts as good, and the count of failed attempts restarts. */
const STEADY_MS = 5_000
/** Time for another line to take over a live session: less than the server waits for an acknowledgement. */
const MOVE_MS = 4_000

/** An attempt that is to take over from the line in use. */
interface Move {
  readonly attempt: LineAttempt
  /** Reports the result to the caller of `switchTo`. */
  done(error?: Error): void
}

/** Maintains a line to the server: dials, falls back, backs off, and moves to another line while one is in use. */
export class LineKeeper {
  readonly #options: LineKeeperOptions
  readonly #handlers: LineKeeperHandlers
  #attempt: LineAttempt | undefined
  #move: Move | undefined
  #failures = 0
  /** Failures in which something answered: the back-off grows with these only. */
  #refusals = 0
  /** The server asked not to be dialed before this time. */
  #notBefore = 0
  #cause: OutageCause = 'lost'
  #error: DialError | undefined
  #cancelRetry: (() => void) | undefined
  #cancelUpgrade: (() => void) | undefined
  #stopped = false
  /** The last choice that held, and how many there were. */
  #held: string
  #switches = 0

  constructor(options: LineKeeperOptions, handlers: LineKeeperHandlers) {
    this.#options = options
    this.#handlers = handlers
    this.#held = options.policy.choice
  }

  /** The attempt whose line is in use or will be. */
  get current(): LineAttempt | undefined {
    return this.#attempt
  }

  /** Dials now and abandons the current attempt, unless the server asked not to be dialed yet. */
  dial(): void {
    if (!this.#stopped && this.#options.clock.now() >= this.#notBefore) this.#dial()
  }

  /** The server's welcome arrived on the line in use. */
  welcomed(): void {
    const attempt = this.#attempt
    if (attempt === undefined) return
    attempt.welcome()
    attempt.replaces = undefined
    this.#cause = 'lost'
    this.#error = undefined
    this.#options.policy.worked(attempt.dialer)
  }

  /** The session is on the line in use: schedules an attempt at a better one. */
  settled(): void {
    if (this.#move?.attempt === this.#attempt) this.#settleMove()
    this.#planUpgrade()
  }

  /** See `SignalingClient.switchTo`. @param online whether a session is on a line now. */
  async switchTo(choice: string, online: boolean): Promise<void> {
    const { policy } = this.#options
    policy.choose(choice)
    const mine = (this.#switches += 1)
    this.#settleMove(new Error('Another line was chosen.'))
    this.#cancelUpgrade?.()
    if (!online) {
      this.#held = choice
      return this.dial()
    }
    const { dialer } = policy.next()
    if (dialer === this.#attempt?.dialer) {
      this.#held = choice
      return this.#planUpgrade()
    }
    try {
      await new Promise<void>((resolve, reject) => {
        this.#moveTo(dialer, (error) => (error === undefined ? resolve() : reject(error)))
      })
      this.#held = choice
    } catch (error) {
      const isOvertaken = this.#switches !== mine
      if (choice === AUTO && !isOvertaken) this.#held = choice
      if (choice === AUTO) return
      // Back to the last choice that held; one that another choice overtook never did.
      if (!isOvertaken) policy.choose(this.#held)
      if (!isOvertaken) this.#planUpgrade()
      throw error
    }
  }

  /** The server ended the line with a code, and possibly a minimum wait before redialing. */
  refused(code: CloseCode, retryAfterMs: number): void {
    this.#notBefore = this.#options.clock.now() + retryAfterMs
    this.#cause = code
    this.#attempt?.line?.close()
  }

  /** Abandons the line in use because of what arrived on it. */
  abandon(cause: OutageCause): void {
    const dialer = this.#attempt?.dialer
    this.#drop()
    if (dialer !== undefined) this.#failed(dialer, cause)
  }

  /** The session has lost its line: dials another, after a back-off unless `wait` is `false`. */
  retry(cause: OutageCause = this.#cause, wait = true): void {
    if (this.#stopped) return
    const { clock, random, backoff } = this.#options
    if (this.#attempt?.welcomed === true) this.#judge(this.#attempt)
    this.#cancelUpgrade?.()
    this.#cancelRetry?.()
    const patienceMs = Math.max(0, this.#notBefore - clock.now())
    const waitMs = patienceMs + (wait ? backoffMs(this.#refusals, random(), backoff) : 0)
    if (this.#move?.attempt !== this.#attempt) this.#drop()
    // An attempt that was to take over may be in progress already.
    this.#attempt = this.#move?.attempt
    if (this.#attempt === undefined) this.#cancelRetry = clock.after(waitMs, () => this.#dial())
    this.#handlers.outage({ attempt: this.#failures, cause, error: this.#error, retryAt: clock.now() + waitMs }, wait)
  }

  /** Releases everything. */
  stop(): void {
    this.#stopped = true
    this.#cancelRetry?.()
    this.#cancelUpgrade?.()
    this.#settleMove(new Error('The client is closed.'))
    this.#drop()
  }

  #dial(): void {
    this.#cancelRetry?.()
    this.#drop()
    const { dialer, timeoutMs } = this.#options.policy.next()
    this.#attempt = this.#try(dialer, timeoutMs)
  }

  #try(dialer: Dialer, timeoutMs: number): LineAttempt {
    return new LineAttempt(dialer, timeoutMs, this.#options.clock, {
      open: (attempt, line) => this.#opened(attempt, line),
      frame: (attempt, text) => attempt === this.#attempt && this.#handlers.frame(text),
      ended: (attempt) => this.#ended(attempt),
    })
  }

  /** Opens another line beside the one in use; once it is open, the session moves to it. */
  #moveTo(dialer: Dialer, done: Move['done']): void {
    this.#move = { attempt: this.#try(dialer, MOVE_MS), done }
  }

  #settleMove(error?: Error): void {
    const move = this.#move
    this.#move = undefined
    if (error !== undefined && move?.attempt !== this.#attempt) move?.attempt.drop()
    move?.done(error)
  }

  #planUpgrade(): void {
    this.#cancelUpgrade?.()
    const plan = this.#attempt && this.#options.policy.upgradeFrom(this.#attempt.dialer)
    if (plan === undefined) return
    this.#cancelUpgrade = this.#options.clock.after(plan.waitMs, () => {
      this.#options.policy.trying()
      this.#moveTo(plan.dialer, () => {})
    })
  }

  #opened(attempt: LineAttempt, line: Connection): void {
    if (this.#attempt !== attempt) {
      // From here on the old line's frames are dropped: the server resends them on the new one.
      attempt.replaces = this.#attempt?.line
      this.#attempt = attempt
    }
    this.#handlers.opened(line)
  }

  #ended(attempt: LineAttempt): void {
    const current = this.#attempt === attempt
    if (this.#move?.attempt === attempt) {
      this.#settleMove(notOpened(attempt))
      if (!current) this.#planUpgrade()
    }
    if (!current) return
    const { line, replaces, welcomed } = attempt
    replaces?.close()
    if (replaces !== undefined && this.#handlers.ended(replaces)) return
    if (welcomed && line !== undefined) {
      this.#handlers.ended(line)
    } else {
      this.#handlers.failed()
      // One that says why says more than another that nobody answered.
      if (attempt.error?.failure !== 'unreachable' || this.#error === undefined) this.#error = attempt.error
      this.#failed(attempt.dialer, line === undefined ? 'unreachable' : this.#cause, attempt.unanswered)
    }
  }

  /** Rates a line that carried a session by how long it lasted. */
  #judge(attempt: LineAttempt): void {
    const steady = attempt.ageMs >= STEADY_MS
    if (steady) this.#options.policy.lasted(attempt.dialer)
    else this.#options.policy.failed(attempt.dialer)
    this.#failures = steady ? 0 : this.#failures + 1
    this.#refusals = this.#failures
  }

  /** After a failed attempt, dials the next line at once, or, when all have failed, the first one after a back-off. */
  #failed(dialer: Dialer, cause: OutageCause, unanswered = false): void {
    const all = this.#options.policy.failed(dialer, unanswered)
    if (all) {
      this.#failures += 1
      // When nothing answers, the dial timeout is the back-off, and recovery is noticed sooner.
      this.#refusals = unanswered ? 0 : this.#refusals + 1
    }
    this.retry(cause, all)
  }

  /** Drops the line, or the attempt to open one. */
  #drop(): void {
    const attempt = this.#attempt
    this.#attempt = undefined
    attempt?.drop()
    if (attempt !== undefined && this.#move?.attempt === attempt) this.#settleMove(notOpened(attempt))
  }
}

function notOpened({ dialer: { name }, error }: LineAttempt): DialError {
  return error ?? new DialError(name, `The line ${name} did not open in time.`)
}
