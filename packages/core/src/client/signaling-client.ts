import {
  type Capabilities,
  type CloseCode,
  decodeServerMessage,
  encode,
  type Epoch,
  fullCapabilities,
  type InstanceId,
  isRetryable,
  type PeerId,
  PROTOCOL_VERSION,
  ProtocolError,
  type ProtocolErrorCode,
  type RoomId,
  type ServerMessage,
  type SessionId,
} from '@patchbay/protocol'
import { Session } from '../session/index.ts'
import { createStore, type Store } from '../store.ts'
import { type Connection, DialError, systemClock } from '../transport/index.ts'
import { defaultBackoff } from './backoff.ts'
import type { SignalingClientOptions } from './client-options.ts'
import { type ClientEvent, type ClientState, nextClientState } from './client-state.ts'
import { IceServers } from './ice-servers.ts'
import { LineKeeper } from './line-keeper.ts'
import { AUTO, LinePolicy } from './line-policy.ts'
import { cleanEntry, requireIdentity, type RoomEntry, type RoomSignaling } from '../signaling/index.ts'
import { ClientRoom, type RoomChannel } from './room-channel.ts'
import { MOMENT_MS, Takeover } from './takeover.ts'
import { Tokens } from './tokens.ts'
import { rulesOf, rulesBeforeWelcome } from './session-rules.ts'

type Welcome = Extract<ServerMessage, { type: 'welcome' }>

/**
 * The client half of signaling: keeps one session alive over successive lines of any transport, and joins rooms in it.
 * Starts dialing at once; `close` ends it for good.
 */
export class SignalingClient implements Store<ClientState>, RoomSignaling {
  readonly #options: Required<Omit<SignalingClientOptions, 'line' | 'lineMemory' | 'token'>>
  readonly #policy: LinePolicy
  readonly #lines: LineKeeper
  readonly #store = createStore<ClientState>({ status: 'connecting' })
  readonly #rooms = new Map<RoomId, ClientRoom>()
  /** Without an id: `hello` was sent and the welcome has not arrived. */
  #session: { readonly id: SessionId | undefined; readonly live: Session<ServerMessage> } | undefined
  #self: PeerId | undefined
  /** ICE servers as last received, with valid credentials. */
  readonly iceServers: IceServers
  readonly #tokens: Tokens | undefined
  #greetings = 0
  /** The session is asked for on this line, and not on it yet. */
  #resuming: Connection | undefined
  /** The server's epoch in the last welcome. */
  #epoch: Epoch | undefined
  readonly #takeover: Takeover

  /** @throws {InvalidFieldError} for a malformed secret or instance, no dialers, a line that none of them has, or a token that is not a function. */
  constructor(options: SignalingClientOptions) {
    requireIdentity(options)
    this.#options = {
      capabilities: fullCapabilities,
      clock: systemClock,
      random: Math.random,
      backoff: defaultBackoff,
      ...options,
    }
    const { clock, random, backoff } = this.#options
    this.iceServers = new IceServers(clock, () => this.#session?.live.send(encode({ type: 'renew_ice_servers' })))
    this.#takeover = new Takeover(clock)
    const { token } = options
    const renew = (fresh: string) => this.#session?.live.send(encode({ type: 'renew_token', token: fresh }))
    this.#tokens = token === undefined ? undefined : new Tokens(token, clock, renew, () => this.#lines.online)
    const policy = new LinePolicy(options.dialers, options.line ?? AUTO, options.lineMemory)
    this.#policy = policy
    this.#lines = new LineKeeper(
      { policy, clock, random, backoff },
      {
        opened: (line) => void this.#introduce(line),
        frame: (line, text) => this.#frame(line, text),
        lost: (line) => this.#session?.live.lineEnded(line),
        failed: () => this.#session?.id === undefined && this.#discard(),
        outage: (outage, over) => {
          // The first round through the lines is still `connecting`, not an outage.
          if (over || this.#store.getSnapshot().status !== 'connecting') this.#on({ type: 'outage', ...outage })
        },
      },
    )
    this.#lines.dial()
  }

  readonly getSnapshot = (): ClientState => this.#store.getSnapshot()
  readonly subscribe = (listener: () => void): (() => void) => this.#store.subscribe(listener)

  /** This client's own peer id; `undefined` until the server has welcomed it once. */
  get self(): PeerId | undefined {
    return this.#self
  }

  /** This client's instance id. */
  get instance(): InstanceId {
    return this.#options.instance
  }

  /** The capabilities this client has announced. */
  get capabilities(): Capabilities {
    return this.#options.capabilities
  }

  /** Last measured round trip to the server on the line in use, in milliseconds. */
  get roundTripMs(): number | undefined {
    return this.#session?.live.roundTripMs ?? this.#lines.greetingMs
  }

  /** Names of all lines, best first. */
  get lines(): readonly string[] {
    return this.#policy.names
  }

  /** The chosen line: a name, or `auto`. */
  get choice(): string {
    return this.#policy.choice
  }

  /**
   * Enters a room; the channel reports the result. Entering a room twice returns the same channel. A closed client enters none.
   * @throws {InvalidFieldError} when room or name cannot be used; everything else goes on.
   */
  enter(wanted: RoomEntry): RoomChannel {
    const entry = cleanEntry(wanted)
    const existing = this.#rooms.get(entry.room)
    if (existing !== undefined) return existing.channel
    const room = new ClientRoom(
      entry,
      this.#options.clock,
      (frame) => this.#session?.live.send(frame),
      () => this.#rooms.delete(entry.room),
    )
    if (this.#isClosed) room.dispose()
    else this.#rooms.set(entry.room, room)
    if (this.#session !== undefined) room.join()
    return room.channel
  }

  /**
   * Chooses another line. A live session moves to it without loss: the old line carries it until the new one has opened.
   * `auto` moves to the line that worked last and stays on the current line if that fails. While there is no line, the
   * choice applies to the next dial and the promise resolves at once.
   * @throws {InvalidFieldError} when no line has that name.
   * @throws {Error} when the line could not be opened, as a `DialError` that says why; the choice is then reverted. Also when another
   * line was chosen meanwhile, or the client was closed.
   */
  async switchTo(choice: string): Promise<void> {
    this.#policy.choose(choice)
    if (this.#session?.id === undefined) this.#discard()
    return this.#lines.switchTo(choice)
  }

  /** Dials now instead of after the back-off, for example when the network is back or the page is shown again. */
  retryNow(): void {
    this.#lines.dial()
  }

  /** Leaves every room, ends the session and releases everything. */
  close(): void {
    const bye = encode({ type: 'bye' })
    this.#session?.live.send(bye)
    this.#resuming?.send(bye)
    this.#finish('bye')
  }

  /** While the token is awaited the session stays on the line that it has. */
  async #introduce(line: Connection): Promise<void> {
    try {
      const token = this.#tokens && (await this.#tokens.take())
      if (this.#lines.greets(line)) this.#greet(line, token)
    } catch (cause) {
      const message = `There is no token: ${cause instanceof Error ? cause.message : String(cause)}`
      const error = new DialError(this.#lines.nameOf(line) ?? '', message, { cause, failure: 'refused' })
      this.#lines.reject(line, 'no_token', error)
    }
  }

  #greet(line: Connection, token?: string): void {
    const { secret, instance, capabilities } = this.#options
    const attempt = (this.#greetings += 1)
    const proof = { ...(token !== undefined && { token }), ...this.#takeover.greeting }
    const identity = { version: PROTOCOL_VERSION, secret, instance, capabilities, attempt, ...proof }
    const { id, live } = this.#session ?? {}
    if (id !== undefined && live !== undefined) {
      this.#resuming = line
      return line.send(encode({ type: 'resume', ...identity, session: id, received: live.received }))
    }
    line.send(encode({ type: 'hello', ...identity }))
    this.#begin(line)
  }

  /** Starts a new session on a line. The joins follow at once: they need not wait for the welcome. */
  #begin(line: Connection): Session<ServerMessage> {
    const live: Session<ServerMessage> = new Session(this.#options.clock, rulesBeforeWelcome, {
      message: (message) => this.#message(message),
      // Without a cause it was the keeper that lost the line.
      away: (cause) => cause !== undefined && this.#lines.lost(cause),
      ended: (code) => {
        if (this.#session?.live !== live) return
        this.#session = undefined
        if (code !== 'bye') this.#lines.lost(code)
      },
    })
    this.#session = { id: undefined, live }
    live.attach(line, 0)
    for (const room of this.#rooms.values()) room.join()
    return live
  }

  #frame(line: Connection, text: string): void {
    let message: ServerMessage
    try {
      message = decodeServerMessage(text)
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      return this.#abandon(line, error.code)
    }
    if (message.type === 'close') return this.#refuse(message.code, message.retryAfterMs)
    const { id, live } = this.#session ?? {}
    if (id !== undefined && live?.isOn(line) === true) return live.receive(message, text.length)
    if (message.type !== 'welcome') return this.#abandon(line, 'bad_message')
    this.#welcome(line, message)
  }

  #welcome(line: Connection, welcome: Welcome): void {
    this.#self = welcome.you
    this.#takeover.welcomed()
    this.iceServers.set(welcome.iceServers, welcome.iceLifetimeMs)
    // Whoever was told of them may have closed the client.
    if (this.#isClosed) return
    this.#tokens?.accepted(welcome.tokenLifetimeMs)
    const { id, live } = this.#session ?? {}
    const before = this.#epoch
    if (welcome.recovered) {
      const resumed = id !== undefined && live?.attach(line, welcome.received)
      if (resumed !== true) return this.#abandon(line, 'bad_message')
      this.#tokens?.resumed()
    } else {
      const begun = id === undefined ? live : undefined
      if (begun === undefined) this.#discard()
      this.#session = { id: welcome.session, live: begun ?? this.#begin(line) }
      this.#epoch = welcome.epoch
    }
    this.#resuming = undefined
    this.#session?.live.setRules(rulesOf(welcome))
    this.#lines.welcomed()
    if (!welcome.recovered && before !== undefined) {
      for (const room of this.#rooms.values()) room.discontinue({ restarted: before !== welcome.epoch })
    }
    this.#on({ type: 'welcomed', line: this.#lines.name ?? '' })
  }

  #message(message: ServerMessage): void {
    if (message.type === 'ice_servers') this.iceServers.set(message.iceServers, message.iceLifetimeMs)
    if (message.type === 'token_renewed') this.#tokens?.accepted(message.tokenLifetimeMs)
    if ('room' in message && message.room !== undefined) this.#rooms.get(message.room)?.receive(message)
  }

  /** Handles the server's `close`: redials, or finishes when redialing makes no sense. */
  #refuse(code: CloseCode, retryAfterMs = 0): void {
    if (code === 'token_expired') this.#tokens?.forget()
    if (code === 'superseded' && this.#takeover.superseded()) this.#lines.refused(code, MOMENT_MS)
    else if (isRetryable(code)) this.#lines.refused(code, retryAfterMs)
    else this.#finish(code)
  }

  /** The server sent an invalid message. A resume would replay it, so a new session is started. */
  #abandon(line: Connection, code: ProtocolErrorCode): void {
    if (code === 'version_unsupported') return this.#finish(code)
    this.#lines.reject(line, code)
    this.#discard()
  }

  /** Forgets the session; the next line begins a new one. */
  #discard(): void {
    const session = this.#session
    this.#session = undefined
    session?.live.end('bye')
  }

  #finish(code: CloseCode | 'bye'): void {
    if (this.#isClosed) return
    this.#on({ type: 'closed', code })
    this.#lines.stop()
    this.iceServers.dispose()
    this.#tokens?.dispose()
    this.#discard()
    for (const room of this.#rooms.values()) room.dispose()
    this.#rooms.clear()
  }

  get #isClosed(): boolean {
    return this.#store.getSnapshot().status === 'closed'
  }

  #on(event: ClientEvent): void {
    this.#store.set(nextClientState(this.#store.getSnapshot(), event))
  }
}
