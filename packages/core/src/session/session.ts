import { type CloseCode, encode } from '@patchbay/protocol'
import type { Clock, Connection } from '../transport/index.ts'
import { Outbox, type OutboxLimits } from './outbox.ts'
import { nextSessionState, type SessionState } from './session-state.ts'

/** Counters both ends compare: reliable messages sent and received in the session so far. */
interface Counts {
  readonly sent: number
  readonly received: number
}

/** Messages that the session handles itself; every other type is reliable and counted. */
type SessionControl =
  | ({ readonly type: 'ping' } & Counts)
  | ({ readonly type: 'pong' } & Counts)
  | ({ readonly type: 'ack' } & Counts)

/** Callbacks of the owner of one end of a session. */
export interface SessionHandlers<M> {
  /** One reliable message, once and in order (S1). */
  message(message: M): void
  /** The line is gone; the session waits for another. `cause`: why this end dropped it; `undefined` if it did not. */
  away(cause: CloseCode | undefined): void
  /** The session is over for good. Called once, and last. */
  ended(code: CloseCode | 'bye'): void
}

/** Timing and limits of a session. */
export interface SessionRules {
  /** Time between pings. */
  readonly pingMs: number
  /** Silence after which the line counts as dead (S8). */
  readonly deadMs: number
  /** A line is too slow when a message on it stays unacknowledged for this long. */
  readonly slowMs: number
  readonly outbox: OutboxLimits
}

/** Received messages after which an ack is sent without waiting for the next ping. */
const ACK_EVERY_MESSAGES = 64
const ACK_EVERY_SIZE = 65_536
/** A timer that is later than this means that the process stood still: suspended, or busy with something else. */
const STOPPED_MS = 1_000

/**
 * One end of a resumable session over many lines (docs/session.md). Both ends use this class.
 *
 * Sequence numbers are implicit: a line delivers frames whole and in order (T2), so the n-th reliable frame is number
 * n, and a frame for many members is built once. Pings, pongs and acks carry both counters, which frees the outbox and
 * verifies the implicit numbers.
 */
export class Session<M extends { readonly type: string }> {
  readonly #clock: Clock
  #rules: SessionRules
  readonly #handlers: SessionHandlers<M>
  readonly #outbox: Outbox
  #state: SessionState = { status: 'away' }
  #line: Connection | undefined
  #received = 0
  #unackedMessages = 0
  #unackedSize = 0
  #attachedAt = 0
  #heardAt = 0
  /** The value of `#heardAt` after the silence was last forgiven. */
  #forgivenAt: number | undefined
  #pingedAt = 0
  #roundTripMs: number | undefined
  #stopTimer: (() => void) | undefined
  /** When the timer should go off. */
  #dueAt = 0

  constructor(clock: Clock, rules: SessionRules, handlers: SessionHandlers<M>) {
    this.#clock = clock
    this.#rules = rules
    this.#handlers = handlers
    this.#outbox = new Outbox(rules.outbox)
  }

  get state(): SessionState {
    return this.#state
  }

  /** Reliable messages received so far; sent to the other end in `resume` and `welcome`. */
  get received(): number {
    return this.#received
  }

  /** When the last message arrived, on the session's clock. */
  get heardAt(): number {
    return this.#heardAt
  }

  /** Last measured time from ping to pong, in milliseconds. */
  get roundTripMs(): number | undefined {
    return this.#roundTripMs
  }

  /** The other end is so far behind that only essential messages should still be sent. */
  get isBackedUp(): boolean {
    return this.#outbox.isBackedUp
  }

  /** Size of what the other end has not confirmed, in UTF-16 code units. */
  get unackedSize(): number {
    return this.#outbox.size
  }

  /** Whether `line` currently carries the session. */
  isOn(line: Connection): boolean {
    return this.#line === line
  }

  /** Whether an end that has received this many messages can resume without a gap. */
  canResume(receivedThere: number): boolean {
    return this.#state.status !== 'ended' && this.#outbox.covers(receivedThere)
  }

  /**
   * Moves the session to a new line and resends what the other end has not received. The line that carried it before is
   * ended with `superseded` (S3).
   * @returns `false`, and changes nothing, when the other end claims messages that were never sent.
   */
  attach(line: Connection, receivedThere: number): boolean {
    if (!this.canResume(receivedThere)) return false
    this.#outbox.ack(receivedThere)
    const before = this.#line
    this.#line = line
    if (before !== undefined) endLine(before, { code: 'superseded' })
    this.#state = nextSessionState(this.#state, { type: 'line_attached' })
    this.#attachedAt = this.#clock.now()
    this.#heardAt = this.#attachedAt
    this.#pingedAt = this.#attachedAt
    this.#roundTripMs = undefined
    for (const frame of this.#outbox.unacked()) line.send(frame)
    this.#arm()
    return true
  }

  /** Replaces the rules from now on, except the limits of the outbox. */
  setRules(rules: SessionRules): void {
    this.#rules = rules
    if (this.#line !== undefined) this.#arm()
  }

  /** Sends a reliable message, now or on the next line. Exceeding the outbox limits ends the session (S6). */
  send(frame: string): void {
    if (this.#state.status === 'ended') return
    if (this.#outbox.push(frame, this.#clock.now())) this.#line?.send(frame)
    // Deferred: ending the session changes the room's member list, which the caller may be iterating over.
    else queueMicrotask(() => this.end('slow_consumer'))
  }

  /** Handles one decoded message that arrived on the session's line. */
  receive(message: M | SessionControl, size: number): void {
    if (this.#state.status === 'ended') return
    this.#heardAt = this.#clock.now()
    switch (message.type) {
      case 'ping':
        this.#compare(message as Counts)
        return this.#control('pong')
      case 'pong':
        this.#roundTripMs = this.#heardAt - this.#pingedAt
        return this.#compare(message as Counts)
      case 'ack':
        return this.#compare(message as Counts)
      default:
        this.#received += 1
        this.#unackedMessages += 1
        this.#unackedSize += size
        if (this.#unackedMessages >= ACK_EVERY_MESSAGES || this.#unackedSize >= ACK_EVERY_SIZE) this.#control('ack')
        this.#handlers.message(message as M)
    }
  }

  /** Reports that a line is gone. Ignored for a line that was already replaced. */
  lineEnded(line: Connection): void {
    if (this.#line === line) this.#goAway()
  }

  /** Ends the session for good and tells the other end why. */
  end(code: CloseCode | 'bye', retryAfterMs?: number): void {
    if (this.#state.status === 'ended') return
    this.#state = nextSessionState(this.#state, { type: 'end', code })
    this.#stopTimer?.()
    const line = this.#line
    this.#line = undefined
    if (code === 'bye') line?.close()
    else if (line !== undefined) endLine(line, { code, retryAfterMs })
    this.#handlers.ended(code)
  }

  #goAway(cause?: CloseCode): void {
    this.#line = undefined
    this.#stopTimer?.()
    this.#state = nextSessionState(this.#state, { type: 'line_ended' })
    if (this.#state.status === 'away') this.#handlers.away(cause)
  }

  #compare(there: Counts): void {
    if (!this.#outbox.ack(there.received) || there.sent < this.#received) return this.end('bad_message')
    if (there.sent > this.#received) this.#drop('frames_lost')
  }

  /** Drops the line and keeps the session. */
  #drop(code: CloseCode): void {
    const line = this.#line
    if (line === undefined) return
    this.#line = undefined
    // First: the owner closes the line when it is told.
    line.send(encode({ type: 'close', code }))
    this.#goAway(code)
    line.close()
  }

  #control(type: 'ping' | 'pong' | 'ack'): void {
    this.#unackedMessages = 0
    this.#unackedSize = 0
    this.#line?.send(encode({ type, sent: this.#outbox.sent, received: this.#received } as SessionControl))
  }

  #arm(): void {
    this.#stopTimer?.()
    const due = Math.min(this.#pingedAt + this.#rules.pingMs, this.#heardAt + this.#rules.deadMs, this.#slowAt())
    this.#dueAt = due
    this.#stopTimer = this.#clock.after(Math.max(0, due - this.#clock.now()), () => this.#tick())
  }

  /** When the oldest unacknowledged message makes this line count as too slow. */
  #slowAt(): number {
    const { oldestAt } = this.#outbox
    return oldestAt === undefined ? Infinity : Math.max(oldestAt, this.#attachedAt) + this.#rules.slowMs
  }

  #tick(): void {
    const now = this.#clock.now()
    if (now - this.#dueAt > STOPPED_MS && this.#heardAt !== this.#forgivenAt) return this.#wake(now)
    if (now >= this.#heardAt + this.#rules.deadMs) return this.#drop('silent')
    if (now >= this.#slowAt()) return this.#drop('slow_consumer')
    if (now >= this.#pingedAt + this.#rules.pingMs) this.#ping(now)
    this.#arm()
  }

  #ping(now: number): void {
    this.#pingedAt = now
    this.#control('ping')
  }

  /**
   * The process stood still. What came meanwhile has not been read yet: the other end gets a moment to be heard, once in a silence,
   * because in a hidden tab every timer is late.
   */
  #wake(now: number): void {
    const forgivenAt = now - this.#rules.deadMs + STOPPED_MS
    if (forgivenAt > this.#heardAt) this.#heardAt = this.#forgivenAt = forgivenAt
    this.#attachedAt = Math.max(this.#attachedAt, now - this.#rules.slowMs + STOPPED_MS)
    this.#ping(now)
    this.#arm()
  }
}

/** Sends the reason as the last frame of a line, then ends the line. */
export function endLine(line: Connection, why: { code: CloseCode; retryAfterMs?: number | undefined }): void {
  const { code, retryAfterMs } = why
  line.send(encode({ type: 'close', code, ...(retryAfterMs !== undefined && { retryAfterMs }) }))
  line.close()
}
