import {
  type Capabilities,
  type CloseCode,
  closeCodes,
  decodeServerMessage,
  encode,
  type Epoch,
  fullCapabilities,
  type IceServer,
  type InstanceId,
  type PeerId,
  type PeerSecret,
  PROTOCOL_VERSION,
  ProtocolError,
  type ProtocolErrorCode,
  type RoomId,
  type ServerMessage,
  type SessionId,
} from '@patchbay/protocol'
import { Session } from '../session/index.ts'
import { createStore, type Store } from '../store.ts'
import { type Clock, type Connection, DialError, type Dialer, systemClock } from '../transport/index.ts'
import { backoffMs, type BackoffRange, defaultBackoff } from './backoff.ts'
import { type ClientEvent, type ClientState, nextClientState, type OutageCause } from './client-state.ts'
import { type AttemptHandlers, LineAttempt } from './line-attempt.ts'
import { AUTO, type LineMemory, LinePolicy } from './line-policy.ts'
import { RoomChannel, type RoomEntry } from './room-channel.ts'
import { rulesOf, unwelcomed } from './session-rules.ts'

/** What a signaling client is made of. */
export interface SignalingClientOptions {
  /** Lines to the server, best first. */
  readonly dialers: readonly Dialer[]
  /** Name of the one line to use; by default `auto`, the best that works. */
  readonly line?: string
  /** Where `auto` begins next time. */
  readonly lineMemory?: LineMemory
  /** Kept for the tab's life: it owns the peer id. */
  readonly secret: PeerSecret
  /** New for each life of the page or process. */
  readonly instance: InstanceId
  readonly capabilities?: Capabilities
  readonly clock?: Clock
  /** A number in [0, 1), for jitter. */
  readonly random?: () => number
  readonly backoff?: BackoffRange
}

/** A line that lasted this long was a good one: the next attempt is the first of a new series. */
const STEADY_MS = 5_000
/** How long another line may take to take over a live session: less than the server waits for an acknowledgement. */
const MOVE_MS = 4_000

type Welcome = Extract<ServerMessage, { type: 'welcome' }>

/** A line that is to take over from the one in use. */
interface Move {
  readonly attempt: LineAttempt
  /** Tells who asked for it. */
  done(error?: Error): void
}

function notOpened({ dialer: { name } }: LineAttempt): DialError {
  return new DialError(name, `The line ${name} could not be opened.`)
}

/**
 * The client's half of signaling: keeps one session alive over as many lines, of any transport, as it takes, and joins
 * rooms on it.
 * Starts dialing at once; `close` ends it for good.
 */
export class SignalingClient implements Store<ClientState> {
  readonly #options: Required<Omit<SignalingClientOptions, 'line' | 'lineMemory'>>
  readonly #policy: LinePolicy
  readonly #store = createStore<ClientState>({ status: 'connecting' })
  readonly #rooms = new Map<RoomId, RoomChannel>()
  readonly #attemptHandlers: AttemptHandlers = {
    open: (attempt, line) => this.#greet(attempt, line),
    frame: (attempt, text) => this.#frame(attempt, text),
    ended: (attempt) => this.#ended(attempt),
  }
  /** Without an id: greeted, not yet welcomed. */
  #session: { readonly id: SessionId | undefined; readonly live: Session<ServerMessage> } | undefined
  #attempt: LineAttempt | undefined
  #move: Move | undefined
  #self: PeerId | undefined
  #iceServers: readonly IceServer[] = []
  /** The server's life as of the last welcome. */
  #epoch: Epoch | undefined
  #failures = 0
  /** The server asked not to be dialed before this moment of the clock. */
  #notBefore = 0
  #cause: OutageCause = 'lost'
  #cancelRetry: (() => void) | undefined
  #cancelUpgrade: (() => void) | undefined

  /** @throws {RangeError} when there is no dialer, or none of the chosen name. */
  constructor(options: SignalingClientOptions) {
    this.#options = {
      capabilities: fullCapabilities,
      clock: systemClock,
      random: Math.random,
      backoff: defaultBackoff,
      ...options,
    }
    this.#policy = new LinePolicy(options.dialers, options.line ?? AUTO, options.lineMemory)
    this.#dial()
  }

  readonly getSnapshot = (): ClientState => this.#store.getSnapshot()
  readonly subscribe = (listener: () => void): (() => void) => this.#store.subscribe(listener)

  /** This client's own peer id; `undefined` until the server has welcomed it once. */
  get self(): PeerId | undefined {
    return this.#self
  }

  /** ICE servers of the last welcome. */
  get iceServers(): readonly IceServer[] {
    return this.#iceServers
  }

  /** Last measured round trip to the server on the line in use, in milliseconds. */
  get roundTripMs(): number | undefined {
    return this.#session?.live.roundTripMs ?? this.#attempt?.greetingMs
  }

  /** Names of the lines there are, best first. */
  get lines(): readonly string[] {
    return this.#policy.names
  }

  /** The line that was chosen: a name, or `auto`. */
  get choice(): string {
    return this.#policy.choice
  }

  /** Enters a room; the channel tells what comes of it. Entering a room twice gives the same channel. */
  enter(entry: RoomEntry): RoomChannel {
    const existing = this.#rooms.get(entry.room)
    if (existing !== undefined) return existing
    const channel = new RoomChannel(
      entry,
      this.#options.clock,
      (frame) => this.#session?.live.send(frame),
      () => this.#rooms.delete(entry.room),
    )
    this.#rooms.set(entry.room, channel)
    if (this.#session !== undefined) channel.join()
    return channel
  }

  /**
   * Chooses another line. A live session moves to it without loss: the old line carries it until the new one has opened.
   * `auto` tries the best line and stays where it is when that fails. While there is no line, the choice is for the
   * next dial and the promise resolves at once.
   * @throws {RangeError} when no line has that name.
   * @throws {DialError} when the line could not be opened; the choice is then what it was before.
   */
  async switchTo(choice: string): Promise<void> {
    const before = this.#policy.choice
    this.#policy.choose(choice)
    this.#settleMove(new Error('Another line was chosen.'))
    this.#cancelUpgrade?.()
    if (this.#store.getSnapshot().status !== 'online') return this.#dialAnew()
    const { dialer } = this.#policy.next()
    if (dialer === this.#attempt?.dialer) return this.#planUpgrade()
    try {
      await new Promise<void>((resolve, reject) => {
        this.#moveTo(dialer, (error) => (error === undefined ? resolve() : reject(error)))
      })
    } catch (error) {
      if (choice === AUTO) return
      if (this.#policy.choice === choice) this.#policy.choose(before)
      this.#planUpgrade()
      throw error
    }
  }

  /** Dials now instead of at the end of the wait: the network is back, the page is shown again. */
  retryNow(): void {
    const waiting = this.#store.getSnapshot().status === 'reconnecting' && this.#attempt === undefined
    if (waiting) this.#dialAnew()
  }

  /** Leaves every room, ends the session and lets go of everything. */
  close(): void {
    this.#session?.live.send(encode({ type: 'bye' }))
    this.#finish('bye')
  }

  /** Gives up what is under way and dials, unless the server asked for patience. */
  #dialAnew(): void {
    const { status } = this.#store.getSnapshot()
    if (status === 'closed' || this.#options.clock.now() < this.#notBefore) return
    this.#cancelRetry?.()
    this.#drop()
    if (this.#session?.id === undefined) this.#discard()
    this.#dial()
  }

  #dial(): void {
    const { dialer, timeoutMs } = this.#policy.next()
    this.#attempt = new LineAttempt(dialer, timeoutMs, this.#options.clock, this.#attemptHandlers)
  }

  /** Opens another line beside the one in use; once it is open the session goes over to it. */
  #moveTo(dialer: Dialer, done: Move['done']): void {
    this.#move = { attempt: new LineAttempt(dialer, MOVE_MS, this.#options.clock, this.#attemptHandlers), done }
  }

  #settleMove(error?: Error): void {
    const move = this.#move
    this.#move = undefined
    if (error !== undefined && move?.attempt !== this.#attempt) move?.attempt.drop()
    move?.done(error)
  }

  #planUpgrade(): void {
    this.#cancelUpgrade?.()
    const plan = this.#attempt && this.#policy.upgradeFrom(this.#attempt.dialer)
    if (plan === undefined) return
    this.#cancelUpgrade = this.#options.clock.after(plan.waitMs, () => this.#moveTo(plan.dialer, () => {}))
  }

  #greet(attempt: LineAttempt, line: Connection): void {
    if (this.#attempt !== attempt) {
      // From here on the old line is not listened to: what it still says comes again on the new one.
      attempt.replaces = this.#attempt?.line
      this.#attempt = attempt
    }
    const { secret, instance, capabilities } = this.#options
    const identity = { version: PROTOCOL_VERSION, secret, instance, capabilities }
    const { id, live } = this.#session ?? {}
    if (id !== undefined && live !== undefined) {
      return line.send(encode({ type: 'resume', ...identity, session: id, received: live.received }))
    }
    line.send(encode({ type: 'hello', ...identity }))
    this.#begin(line)
  }

  /** Starts a new session on a line. What the rooms ask follows at once: it need not wait for the welcome. */
  #begin(line: Connection): Session<ServerMessage> {
    const live: Session<ServerMessage> = new Session(this.#options.clock, unwelcomed, {
      message: (message) => this.#message(message),
      away: (cause) => this.#retry(cause ?? this.#cause),
      ended: (code) => {
        if (this.#session?.live !== live) return
        this.#session = undefined
        if (code !== 'bye') this.#retry(code)
      },
    })
    this.#session = { id: undefined, live }
    live.attach(line, 0)
    for (const room of this.#rooms.values()) room.join()
    return live
  }

  #frame(attempt: LineAttempt, text: string): void {
    if (this.#attempt !== attempt) return
    let message: ServerMessage
    try {
      message = decodeServerMessage(text)
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      return this.#abandon(attempt, error.code)
    }
    if (message.type === 'close') return this.#refuse(attempt, message.code, message.retryAfterMs)
    if (attempt.welcomed) return this.#session?.live.receive(message, text.length)
    if (message.type !== 'welcome' || attempt.line === undefined) return this.#abandon(attempt, 'bad_message')
    this.#welcome(attempt, attempt.line, message)
  }

  #welcome(attempt: LineAttempt, line: Connection, welcome: Welcome): void {
    attempt.welcome()
    attempt.replaces = undefined
    this.#policy.worked(attempt.dialer)
    this.#cause = 'lost'
    this.#self = welcome.you
    this.#iceServers = welcome.iceServers
    const { id, live } = this.#session ?? {}
    if (welcome.recovered) {
      const resumed = id !== undefined && live?.attach(line, welcome.received)
      if (resumed !== true) return this.#abandon(attempt, 'bad_message')
    } else {
      const begun = id === undefined ? live : undefined
      if (begun === undefined) this.#discard()
      this.#session = { id: welcome.session, live: begun ?? this.#begin(line) }
      const restarted = this.#epoch !== welcome.epoch
      if (this.#epoch !== undefined) for (const room of this.#rooms.values()) room.discontinue({ restarted })
      this.#epoch = welcome.epoch
    }
    this.#session?.live.pace(rulesOf(welcome))
    this.#on({ type: 'welcomed', line: attempt.dialer.name })
    if (this.#move?.attempt === attempt) this.#settleMove()
    this.#planUpgrade()
  }

  #message(message: ServerMessage): void {
    if ('room' in message && message.room !== undefined) this.#rooms.get(message.room)?.receive(message)
  }

  /** The other end, or what it sent, rules this line out. */
  #refuse(attempt: LineAttempt, code: CloseCode, retryAfterMs = 0): void {
    if (!closeCodes[code].comeBack) return this.#finish(code)
    this.#notBefore = this.#options.clock.now() + retryAfterMs
    this.#cause = code
    attempt.line?.close()
  }

  /** The server said something this client cannot read. Sent again it would be no better: the session starts anew. */
  #abandon(attempt: LineAttempt, code: ProtocolErrorCode): void {
    if (code === 'version_unsupported') return this.#finish(code)
    this.#drop()
    this.#discard()
    this.#failed(attempt, code)
  }

  /** Forgets the session; the next line begins a new one. */
  #discard(): void {
    const session = this.#session
    this.#session = undefined
    session?.live.end('bye')
  }

  #ended(attempt: LineAttempt): void {
    const current = this.#attempt === attempt
    if (this.#move?.attempt === attempt) {
      this.#settleMove(notOpened(attempt))
      if (!current) this.#planUpgrade()
    }
    if (!current) return
    const live = this.#session?.live
    if (attempt.replaces !== undefined && live?.isOn(attempt.replaces) === true) {
      attempt.replaces.close()
      live.lineEnded(attempt.replaces)
    } else if (attempt.welcomed && attempt.line !== undefined) {
      const steady = attempt.ageMs >= STEADY_MS
      if (steady) this.#policy.lasted(attempt.dialer)
      this.#failures = steady ? 0 : this.#failures + 1
      if (!steady) this.#policy.failed(attempt.dialer)
      live?.lineEnded(attempt.line)
    } else {
      if (this.#session?.id === undefined) this.#discard()
      this.#failed(attempt, attempt.line === undefined ? 'unreachable' : this.#cause)
    }
  }

  /** An attempt has failed: the next line is dialed at once, or, when all have failed, the first after a while. */
  #failed(attempt: LineAttempt, cause: OutageCause): void {
    const all = this.#policy.failed(attempt.dialer)
    if (all) this.#failures += 1
    this.#retry(cause, all)
  }

  #retry(cause: OutageCause, wait = true): void {
    const { status } = this.#store.getSnapshot()
    if (status === 'closed') return
    const { clock, random, backoff } = this.#options
    this.#cancelUpgrade?.()
    this.#cancelRetry?.()
    const waitMs =
      Math.max(0, this.#notBefore - clock.now()) + (wait ? backoffMs(this.#failures, random(), backoff) : 0)
    if (this.#move?.attempt !== this.#attempt) this.#drop()
    // The line that was to take over may be under way already.
    this.#attempt = this.#move?.attempt
    if (this.#attempt === undefined) this.#cancelRetry = clock.after(waitMs, () => this.#dial())
    if (wait || status !== 'connecting')
      this.#on({ type: 'outage', attempt: this.#failures, cause, retryAt: clock.now() + waitMs })
  }

  /** Lets go of the line, or of the attempt to get one. */
  #drop(): void {
    const attempt = this.#attempt
    this.#attempt = undefined
    attempt?.drop()
    if (attempt !== undefined && this.#move?.attempt === attempt) this.#settleMove(notOpened(attempt))
  }

  #finish(code: CloseCode | 'bye'): void {
    if (this.#store.getSnapshot().status === 'closed') return
    this.#on({ type: 'closed', code })
    this.#cancelRetry?.()
    this.#cancelUpgrade?.()
    this.#settleMove(new Error('The client is closed.'))
    this.#drop()
    this.#discard()
    for (const room of this.#rooms.values()) room.dispose()
    this.#rooms.clear()
  }

  #on(event: ClientEvent): void {
    this.#store.set(nextClientState(this.#store.getSnapshot(), event))
  }
}
