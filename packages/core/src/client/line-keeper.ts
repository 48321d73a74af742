import type { CloseCode } from '@patchbay/protocol'
import { type Clock, type Connection, DialError, type Dialer } from '../transport/index.ts'
import { backoffMs, type BackoffRange } from './backoff.ts'
import type { OutageCause } from './client-state.ts'
import { LineAttempt } from './line-attempt.ts'
import { AUTO, type LinePolicy } from './line-policy.ts'

/** What the owner of a keeper does with its lines. */
export interface LineKeeperHandlers {
  /** A line is open, and nobody has been greeted on it yet. */
  opened(line: Connection): void
  /** A frame of the line in use; of one that is being replaced nothing is heard any more. */
  frame(text: string): void
  /** The line is gone. @returns whether a session was on it, which then asks for another by `retry`. */
  ended(line: Connection): boolean
  /** An attempt came to nothing before the server's welcome. */
  failed(): void
  /** There is no line; the next dial is at `retryAt` of the clock. `over`: all lines have been tried. */
  outage(outage: { attempt: number; cause: OutageCause; retryAt: number }, over: boolean): void
}

/** What a keeper is made of. */
export interface LineKeeperOptions {
  readonly policy: LinePolicy
  readonly clock: Clock
  readonly random: () => number
  readonly backoff: BackoffRange
}

/** A line that lasted this long was a good one: the next attempt is the first of a new series. */
const STEADY_MS = 5_000
/** How long another line may take to take over a live session: less than the server waits for an acknowledgement. */
const MOVE_MS = 4_000

/** A line that is to take over from the one in use. */
interface Move {
  readonly attempt: LineAttempt
  /** Tells who asked for it. */
  done(error?: Error): void
}

/** Keeps a line to the server: dials, falls back, waits, and moves from one line to another while the first goes on. */
export class LineKeeper {
  readonly #options: LineKeeperOptions
  readonly #handlers: LineKeeperHandlers
  #attempt: LineAttempt | undefined
  #move: Move | undefined
  #failures = 0
  /** As many of them as somebody answered: the wait grows with them. */
  #refusals = 0
  /** The server asked not to be dialed before this moment of the clock. */
  #notBefore = 0
  #cause: OutageCause = 'lost'
  #cancelRetry: (() => void) | undefined
  #cancelUpgrade: (() => void) | undefined
  #stopped = false

  constructor(options: LineKeeperOptions, handlers: LineKeeperHandlers) {
    this.#options = options
    this.#handlers = handlers
  }

  /** The attempt whose line is in use, or will be. */
  get current(): LineAttempt | undefined {
    return this.#attempt
  }

  /** Dials, unless the server asked for patience. Gives up what is under way. */
  dial(): void {
    if (!this.#stopped && this.#options.clock.now() >= this.#notBefore) this.#dial()
  }

  /** The server has welcomed on the line in use. */
  welcomed(): void {
    const attempt = this.#attempt
    if (attempt === undefined) return
    attempt.welcome()
    attempt.replaces = undefined
    this.#cause = 'lost'
    this.#options.policy.worked(attempt.dialer)
  }

  /** The session is on the line in use: a better one is tried in its time. */
  settled(): void {
    if (this.#move?.attempt === this.#attempt) this.#settleMove()
    this.#planUpgrade()
  }

  /** See `SignalingClient.switchTo`. @param online whether a session is on a line now. */
  async switchTo(choice: string, online: boolean): Promise<void> {
    const { policy } = this.#options
    const before = policy.choice
    policy.choose(choice)
    this.#settleMove(new Error('Another line was chosen.'))
    this.#cancelUpgrade?.()
    if (!online) return this.dial()
    const { dialer } = policy.next()
    if (dialer === this.#attempt?.dialer) return this.#planUpgrade()
    try {
      await new Promise<void>((resolve, reject) => {
        this.#moveTo(dialer, (error) => (error === undefined ? resolve() : reject(error)))
      })
    } catch (error) {
      if (choice === AUTO) return
      if (policy.choice === choice) policy.choose(before)
      this.#planUpgrade()
      throw error
    }
  }

  /** The server ends the line and says why; it may ask to be left alone for a while. */
  refused(code: CloseCode, retryAfterMs: number): void {
    this.#notBefore = this.#options.clock.now() + retryAfterMs
    this.#cause = code
    this.#attempt?.line?.close()
  }

  /** What came on the line in use rules it out. */
  abandon(cause: OutageCause): void {
    const dialer = this.#attempt?.dialer
    this.#drop()
    if (dialer !== undefined) this.#failed(dialer, cause)
  }

  /** The session has lost its line: another is dialed, after a while unless `wait` is `false`. */
  retry(cause: OutageCause = this.#cause, wait = true): void {
    if (this.#stopped) return
    const { clock, random, backoff } = this.#options
    if (this.#attempt?.welcomed === true) this.#judge(this.#attempt)
    this.#cancelUpgrade?.()
    this.#cancelRetry?.()
    const patienceMs = Math.max(0, this.#notBefore - clock.now())
    const waitMs = patienceMs + (wait ? backoffMs(this.#refusals, random(), backoff) : 0)
    if (this.#move?.attempt !== this.#attempt) this.#drop()
    // The line that was to take over may be under way already.
    this.#attempt = this.#move?.attempt
    if (this.#attempt === undefined) this.#cancelRetry = clock.after(waitMs, () => this.#dial())
    this.#handlers.outage({ attempt: this.#failures, cause, retryAt: clock.now() + waitMs }, wait)
  }

  /** Lets everything go. */
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

  /** Opens another line beside the one in use; once it is open the session goes over to it. */
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
      // From here on the old line is not listened to: what it still says comes again on the new one.
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
      this.#failed(attempt.dialer, line === undefined ? 'unreachable' : this.#cause, attempt.unanswered)
    }
  }

  /** Whether a line that carried a session was a good one, whoever gave it up. */
  #judge(attempt: LineAttempt): void {
    const steady = attempt.ageMs >= STEADY_MS
    if (steady) this.#options.policy.lasted(attempt.dialer)
    else this.#options.policy.failed(attempt.dialer)
    this.#failures = steady ? 0 : this.#failures + 1
    this.#refusals = this.#failures
  }

  /** An attempt has failed: the next line is dialed at once, or, when all have failed, the first after a while. */
  #failed(dialer: Dialer, cause: OutageCause, unanswered = false): void {
    const all = this.#options.policy.failed(dialer, unanswered)
    if (all) {
      this.#failures += 1
      // Where nobody answers, dialing takes as long as waiting would, and notices it when somebody does again.
      this.#refusals = unanswered ? 0 : this.#refusals + 1
    }
    this.retry(cause, all)
  }

  /** Lets go of the line, or of the attempt to get one. */
  #drop(): void {
    const attempt = this.#attempt
    this.#attempt = undefined
    attempt?.drop()
    if (attempt !== undefined && this.#move?.attempt === attempt) this.#settleMove(notOpened(attempt))
  }
}

function notOpened({ dialer: { name } }: LineAttempt): DialError {
  return new DialError(name, `The line ${name} could not be opened.`)
}
