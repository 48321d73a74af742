import type { CloseCode } from '@patchbay/protocol'
import { type Clock, type Connection, DialError, type Dialer } from '../transport/index.ts'
import type { BackoffRange } from './backoff.ts'
import type { Outage, OutageCause } from './client-state.ts'
import { LineAttempt } from './line-attempt.ts'
import { AUTO, type LinePolicy } from './line-policy.ts'
import type { LineEffect, LineEvent, LineId, LineState } from './line-state.ts'
import { heardLine, isToGreet, nextLine, noLine } from './next-line.ts'

/** Callbacks of the owner of a keeper. None of them has to call the keeper back. */
export interface LineKeeperHandlers {
  /** A line is open; no greeting has been sent on it yet. */
  opened(line: Connection): void
  /** A frame on the line heard. Frames on a line that is being replaced are dropped. */
  frame(line: Connection, text: string): void
  /** The line that carries the session is gone. */
  lost(line: Connection): void
  /** An attempt failed before the server's welcome. */
  failed(): void
  /** There is no line. `over`: all lines have been tried. */
  outage(outage: Outage, over: boolean): void
}

/** Options of a keeper. */
export interface LineKeeperOptions {
  readonly policy: LinePolicy
  readonly clock: Clock
  readonly random: () => number
  readonly backoff: BackoffRange
}

/** A line that somebody chose and that the session is not on yet. */
interface Wish {
  readonly choice: string
  readonly dialer: Dialer
  resolve(): void
  reject(error: Error): void
}

/** Maintains a line to the server: runs {@link nextLine} on real lines and timers, one event at a time. */
export class LineKeeper {
  readonly #options: LineKeeperOptions
  readonly #handlers: LineKeeperHandlers
  readonly #attempts = new Map<number, LineAttempt>()
  readonly #events: LineEvent[] = []
  #busy = false
  #state: LineState = noLine
  /** For the next attempt while there is no line, for a better line while there is one. */
  #stopTimer: (() => void) | undefined
  #wish: Wish | undefined
  /** The last choice that held. */
  #held: string

  constructor(options: LineKeeperOptions, handlers: LineKeeperHandlers) {
    this.#options = options
    this.#handlers = handlers
    this.#held = options.policy.choice
  }

  /** A session is on a line. */
  get online(): boolean {
    return this.#state.is === 'up' || this.#state.is === 'moving'
  }

  /** Name of the line heard, if there is one. */
  get name(): string | undefined {
    return heardLine(this.#state)?.dialer.name
  }

  /** Name of a line that is open. */
  nameOf(line: Connection): string | undefined {
    return this.#idOf(line)?.dialer.name
  }

  /** @returns whether this line still waits for the greeting, which has to follow at once if it does. */
  greets(line: Connection): boolean {
    const id = this.#idOf(line)
    if (id === undefined || !isToGreet(this.#state, id)) return false
    this.#handle({ type: 'greeted', line: id })
    return true
  }

  /** From greeting to welcome on the line heard, in milliseconds: the first measured round trip. */
  get greetingMs(): number | undefined {
    return this.#heard?.greetingMs
  }

  /** Dials now where nothing is dialed, unless the server asked not to be dialed yet. */
  dial(): void {
    if (this.#state.is === 'idle') this.#dial()
  }

  /** The session is on the line heard. */
  welcomed(): void {
    this.#heard?.welcome()
    this.#handle({ type: 'welcomed' })
  }

  /** See `SignalingClient.switchTo`. */
  async switchTo(choice: string): Promise<void> {
    const { policy } = this.#options
    policy.choose(choice)
    this.#settle(new Error('Another line was chosen.'))
    if (!this.online) {
      this.#held = choice
      return this.#dial()
    }
    const { dialer } = policy.next()
    await new Promise<void>((resolve, reject) => {
      this.#wish = { choice, dialer, resolve, reject }
      this.#handle({ type: 'choose', dialer })
    })
  }

  /** The server ended the line with a code, and possibly a minimum wait before redialing. */
  refused(code: CloseCode, retryAfterMs: number): void {
    this.#handle({ type: 'refused', code, retryAfterMs })
  }

  /** Abandons a line because of what arrived on it, or because there is nothing to greet with. */
  reject(line: Connection, cause: OutageCause, error?: DialError): void {
    const id = this.#idOf(line)
    if (id === undefined) return
    this.#handle({ type: 'rejected', line: id, cause, error, last: this.#options.policy.isLast(id.dialer) })
  }

  /** The session has given up its line, or has ended: it needs another. */
  lost(cause: OutageCause): void {
    this.#handle({ type: 'lost', cause })
  }

  /** Releases everything. */
  stop(): void {
    this.#handle({ type: 'stop' })
    this.#settle(new Error('The client is closed.'))
  }

  get #heard(): LineAttempt | undefined {
    const line = heardLine(this.#state)
    return line && this.#attempts.get(line.n)
  }

  #idOf(line: Connection): LineId | undefined {
    for (const [n, attempt] of this.#attempts) if (attempt.line === line) return { n, dialer: attempt.dialer }
    return undefined
  }

  #dial(): void {
    const { dialer, timeoutMs } = this.#options.policy.next()
    this.#handle({ type: 'dial', dialer, timeoutMs })
  }

  /** Events that effects cause wait until all effects of the event before are done. */
  #handle(event: LineEvent): void {
    this.#events.push(event)
    if (this.#busy) return
    this.#busy = true
    try {
      for (let next = this.#events.shift(); next !== undefined; next = this.#events.shift()) this.#step(next)
    } finally {
      this.#busy = false
    }
  }

  #step(event: LineEvent): void {
    const { clock, random, backoff } = this.#options
    const { next, effects } = nextLine(this.#state, event, { now: clock.now(), random: random(), backoff })
    if (next.is !== this.#state.is) this.#stopTimer?.()
    this.#state = next
    for (const effect of effects) this.#perform(effect)
    // A line that is being replaced carries the session until the move is over, and is dropped then.
    const isReplaced = event.type === 'ended' && next.is === 'moving' && next.from.n === event.line.n
    if (event.type === 'ended' && !isReplaced) this.#attempts.delete(event.line.n)
  }

  #try(line: LineId, timeoutMs: number): void {
    const attempt = new LineAttempt(line.dialer, timeoutMs, this.#options.clock, {
      open: () => this.#handle({ type: 'opened', line }),
      frame: ({ line: connection }, text) => {
        if (connection !== undefined && heardLine(this.#state)?.n === line.n) this.#handlers.frame(connection, text)
      },
      ended: ({ line: connection, unanswered, error }) => {
        const last = this.#options.policy.isLast(line.dialer)
        this.#handle({ type: 'ended', line, open: connection !== undefined, unanswered, error, last })
      },
    })
    this.#attempts.set(line.n, attempt)
  }

  #after(delayMs: number, task: () => void): void {
    this.#stopTimer?.()
    this.#stopTimer = this.#options.clock.after(Math.max(0, delayMs), task)
  }

  #perform(effect: LineEffect): void {
    const { clock, policy } = this.#options
    switch (effect.type) {
      case 'dial':
        return this.#try(effect.line, effect.timeoutMs)
      case 'drop':
        this.#attempts.get(effect.line.n)?.drop()
        this.#attempts.delete(effect.line.n)
        return
      case 'close':
        return this.#attempts.get(effect.line.n)?.line?.close()
      case 'rate':
        return this.#rate(effect.line.dialer, effect.as)
      case 'wait':
        if (this.#state.is === 'idle') this.#after(this.#state.retryAt - clock.now(), () => this.#dial())
        return
      case 'plan': {
        const plan = policy.upgradeFrom(effect.line.dialer)
        if (plan === undefined) return this.#stopTimer?.()
        return this.#after(plan.waitMs, () => {
          policy.trying()
          this.#handle({ type: 'choose', dialer: plan.dialer })
        })
      }
      case 'arrived':
        return this.#arrived(effect.line)
      case 'missed':
        return this.#missed(effect.line, effect.error)
      case 'greet': {
        const line = this.#attempts.get(effect.line.n)?.line
        return line && this.#handlers.opened(line)
      }
      case 'lose': {
        const line = this.#attempts.get(effect.line.n)?.line
        return line && this.#handlers.lost(line)
      }
      case 'unwelcome':
        return this.#handlers.failed()
      case 'outage':
        return this.#handlers.outage(effect.outage, effect.over)
    }
  }

  #rate(dialer: Dialer, as: Extract<LineEffect, { type: 'rate' }>['as']): void {
    const { policy } = this.#options
    if (as === 'worked') policy.worked(dialer)
    else if (as === 'lasted') policy.lasted(dialer)
    else policy.failed(dialer, as === 'unanswered')
  }

  #arrived({ dialer }: LineId): void {
    const wish = this.#wish
    if (wish === undefined) return
    // Another line was chosen after this one had opened.
    if (wish.dialer !== dialer && wish.choice !== AUTO) return this.#handle({ type: 'choose', dialer: wish.dialer })
    this.#held = wish.choice
    this.#wish = undefined
    wish.resolve()
  }

  /** Goes back to the last choice that held; `auto` always holds. */
  #missed({ dialer }: LineId, error?: DialError): void {
    if (this.#wish?.dialer !== dialer) return
    if (this.#wish.choice === AUTO) this.#held = AUTO
    else this.#options.policy.choose(this.#held)
    this.#settle(error ?? new DialError(dialer.name, `The line ${dialer.name} did not open in time.`))
  }

  #settle(error: Error): void {
    const wish = this.#wish
    this.#wish = undefined
    if (wish?.choice === AUTO) wish.resolve()
    else wish?.reject(error)
  }
}
