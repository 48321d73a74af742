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
import { type Clock, type Connection, type Dialer, systemClock } from '../transport/index.ts'
import { backoffMs, type BackoffRange, defaultBackoff } from './backoff.ts'
import { type ClientEvent, type ClientState, nextClientState, type OutageCause } from './client-state.ts'
import { RoomChannel, type RoomEntry } from './room-channel.ts'
import { rulesOf, unwelcomed } from './session-rules.ts'

/** What a signaling client is made of. */
export interface SignalingClientOptions {
  readonly dialer: Dialer
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

/** How long a line may take to open, and the server to welcome. */
const DIAL_TIMEOUT_MS = 8_000
/** A line that lasted this long was a good one: the next attempt is the first of a new series. */
const STEADY_MS = 5_000

type Welcome = Extract<ServerMessage, { type: 'welcome' }>

/** One try to get a line and a welcome on it. */
interface Attempt {
  readonly abort: AbortController
  readonly stopTimer: () => void
  line: Connection | undefined
  welcomed: boolean
}

/**
 * The client's half of signaling: keeps one session alive over as many lines as it takes, and joins rooms on it.
 * Starts dialing at once; `close` ends it for good.
 */
export class SignalingClient implements Store<ClientState> {
  readonly #options: Required<SignalingClientOptions>
  readonly #store = createStore<ClientState>({ status: 'connecting' })
  readonly #rooms = new Map<RoomId, RoomChannel>()
  /** Without an id: greeted, not yet welcomed. */
  #session: { readonly id: SessionId | undefined; readonly live: Session<ServerMessage> } | undefined
  #attempt: Attempt | undefined
  #self: PeerId | undefined
  #iceServers: readonly IceServer[] = []
  /** The server's life as of the last welcome. */
  #epoch: Epoch | undefined
  #failures = 0
  #welcomedAt = 0
  /** The server asked not to be dialed before this moment of the clock. */
  #notBefore = 0
  #cause: OutageCause = 'lost'
  #cancelRetry: (() => void) | undefined

  constructor(options: SignalingClientOptions) {
    this.#options = {
      capabilities: fullCapabilities,
      clock: systemClock,
      random: Math.random,
      backoff: defaultBackoff,
      ...options,
    }
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

  /** Last measured round trip to the server, in milliseconds. */
  get roundTripMs(): number | undefined {
    return this.#session?.live.roundTripMs
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

  /** Dials now instead of at the end of the wait: the network is back, the page is shown again. */
  retryNow(): void {
    const waiting = this.#store.getSnapshot().status === 'reconnecting' && this.#attempt === undefined
    if (!waiting || this.#options.clock.now() < this.#notBefore) return
    this.#cancelRetry?.()
    this.#dial()
  }

  /** Leaves every room, ends the session and lets go of everything. */
  close(): void {
    this.#session?.live.send(encode({ type: 'bye' }))
    this.#finish('bye')
  }

  #dial(): void {
    const { dialer, clock } = this.#options
    const abort = new AbortController()
    const giveUp = () => abort.abort(new Error('The line did not open in time.'))
    const attempt: Attempt = {
      abort,
      stopTimer: clock.after(DIAL_TIMEOUT_MS, giveUp),
      line: undefined,
      welcomed: false,
    }
    this.#attempt = attempt
    abort.signal.addEventListener('abort', () => {
      attempt.line?.close()
      this.#attemptFailed(attempt, 'unreachable')
    })
    dialer
      .dial(
        {
          frame: (text) => this.#frame(attempt, text),
          close: () => this.#lineEnded(attempt),
        },
        { signal: abort.signal },
      )
      .then(
        (line) => this.#greet(attempt, line),
        () => this.#attemptFailed(attempt, 'unreachable'),
      )
  }

  #greet(attempt: Attempt, line: Connection): void {
    if (this.#attempt !== attempt) return line.close()
    attempt.line = line
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

  #frame(attempt: Attempt, text: string): void {
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

  #welcome(attempt: Attempt, line: Connection, welcome: Welcome): void {
    attempt.stopTimer()
    attempt.welcomed = true
    this.#welcomedAt = this.#options.clock.now()
    this.#cause = 'lost'
    this.#self = welcome.you
    this.#iceServers = welcome.iceServers
    const { id, live } = this.#session ?? {}
    if (welcome.recovered) {
      const resumed = id !== undefined && live?.attach(line, welcome.received)
      if (resumed !== true) return this.#abandon(attempt, 'bad_message')
    } else {
      const begun = id === undefined ? live : undefined
      this.#session = { id: welcome.session, live: begun ?? this.#begin(line) }
      const restarted = this.#epoch !== welcome.epoch
      if (this.#epoch !== undefined) for (const room of this.#rooms.values()) room.discontinue({ restarted })
      this.#epoch = welcome.epoch
    }
    this.#session?.live.pace(rulesOf(welcome))
    this.#on({ type: 'welcomed', line: this.#options.dialer.name })
  }

  #message(message: ServerMessage): void {
    if ('room' in message && message.room !== undefined) this.#rooms.get(message.room)?.receive(message)
  }

  /** The other end, or what it sent, rules this line out. */
  #refuse(attempt: Attempt, code: CloseCode, retryAfterMs = 0): void {
    if (!closeCodes[code].comeBack) return this.#finish(code)
    this.#notBefore = this.#options.clock.now() + retryAfterMs
    this.#cause = code
    attempt.line?.close()
  }

  /** The server said something this client cannot read. Sent again it would be no better: the session starts anew. */
  #abandon(attempt: Attempt, code: ProtocolErrorCode): void {
    if (code === 'version_unsupported') return this.#finish(code)
    this.#drop(attempt)
    this.#discard()
    this.#failures += 1
    this.#retry(code)
  }

  /** Forgets the session; the next line begins a new one. */
  #discard(): void {
    const session = this.#session
    this.#session = undefined
    session?.live.end('bye')
  }

  #lineEnded(attempt: Attempt): void {
    if (this.#attempt !== attempt) return
    if (attempt.welcomed && attempt.line !== undefined) {
      this.#attempt = undefined
      const steady = this.#options.clock.now() - this.#welcomedAt >= STEADY_MS
      this.#failures = steady ? 0 : this.#failures + 1
      this.#session?.live.lineEnded(attempt.line)
    } else {
      this.#attemptFailed(attempt, this.#cause)
    }
  }

  #attemptFailed(attempt: Attempt, cause: OutageCause): void {
    if (this.#attempt !== attempt) return
    attempt.stopTimer()
    if (this.#session?.id === undefined) this.#discard()
    this.#failures += 1
    this.#retry(cause)
  }

  #retry(cause: OutageCause): void {
    if (this.#store.getSnapshot().status === 'closed') return
    const { clock, random, backoff } = this.#options
    this.#drop(this.#attempt)
    const waitMs = Math.max(0, this.#notBefore - clock.now()) + backoffMs(this.#failures, random(), backoff)
    this.#cancelRetry?.()
    this.#cancelRetry = clock.after(waitMs, () => this.#dial())
    this.#on({ type: 'outage', attempt: this.#failures, cause, retryAt: clock.now() + waitMs })
  }

  /** Lets go of an attempt, or of the line that came of it; what it still tells is ignored. */
  #drop(attempt: Attempt | undefined): void {
    this.#attempt = undefined
    attempt?.stopTimer()
    if (attempt?.line === undefined) attempt?.abort.abort(new Error('No longer wanted.'))
    else attempt.line.close()
  }

  #finish(code: CloseCode | 'bye'): void {
    if (this.#store.getSnapshot().status === 'closed') return
    this.#on({ type: 'closed', code })
    this.#cancelRetry?.()
    this.#drop(this.#attempt)
    this.#discard()
    for (const room of this.#rooms.values()) room.dispose()
    this.#rooms.clear()
  }

  #on(event: ClientEvent): void {
    this.#store.set(nextClientState(this.#store.getSnapshot(), event))
  }
}
