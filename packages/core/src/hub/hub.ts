import {
  type ClientMessage,
  type CloseCode,
  createSessionId,
  decodeClientMessage,
  encode,
  type IceServer,
  type PeerId,
  type PeerSecret,
  PROTOCOL_VERSION,
  ProtocolError,
  type SessionId,
} from '@patchbay/protocol'
import { endLine } from '../session/index.ts'
import {
  type AcceptedConnection,
  type Clock,
  type ConnectionHandlers,
  type Listener,
  systemClock,
} from '../transport/index.ts'
import { createLocalDirectory, type Directory } from './directory.ts'
import { defaultHubLimits, type HubLimits } from './hub-limits.ts'
import { Participant, type ParticipantHost } from './participant.ts'

/** What a hub tells the process about itself; no names, no addresses, no bodies. */
export type HubEvent =
  | { readonly type: 'session_opened'; readonly session: SessionId; readonly peer: PeerId; readonly transport: string }
  | { readonly type: 'session_resumed'; readonly session: SessionId; readonly peer: PeerId; readonly transport: string }
  | { readonly type: 'session_ended'; readonly session: SessionId; readonly code: CloseCode | 'bye' }
  /** A defect: the session it happened in was ended, everything else goes on. */
  | { readonly type: 'handler_failed'; readonly error: unknown }
  | { readonly type: 'line_refused'; readonly code: CloseCode; readonly transport: string }

/** What a hub is made of. */
export interface HubOptions {
  /** Derives the peer id of a secret: SHA-256, first 16 bytes, base64url. */
  readonly peerIdOf: (secret: PeerSecret) => PeerId
  readonly limits?: Partial<HubLimits>
  /** Told to every client in its `welcome`. */
  readonly iceServers?: readonly IceServer[]
  readonly directory?: Directory
  readonly clock?: Clock
  /** A number in [0, 1), to spread clients that are sent away. */
  readonly random?: () => number
  readonly onEvent?: (event: HubEvent) => void
}

/** Counts of a hub, for health pages and metrics. */
export interface HubStats {
  readonly sessions: number
  readonly rooms: number
}

type Greeting = Extract<ClientMessage, { type: 'hello' | 'resume' }>

/**
 * The server's half of signaling. Lines of any transport come in, sessions live on them, members of one room are told
 * of each other and relayed to each other. Nothing a client sends can throw out of it.
 */
export class Hub {
  readonly #peerIdOf: (secret: PeerSecret) => PeerId
  readonly #iceServers: readonly IceServer[]
  readonly #host: ParticipantHost
  readonly #random: () => number
  readonly #onEvent: (event: HubEvent) => void
  readonly #byPeer = new Map<PeerId, Participant>()
  readonly #bySession = new Map<SessionId, Participant>()
  readonly #greeting = new Set<AcceptedConnection>()
  #draining = false

  constructor(options: HubOptions) {
    this.#peerIdOf = options.peerIdOf
    this.#iceServers = options.iceServers ?? []
    this.#random = options.random ?? Math.random
    this.#onEvent = options.onEvent ?? (() => undefined)
    this.#host = {
      clock: options.clock ?? systemClock,
      limits: { ...defaultHubLimits, ...options.limits },
      directory: options.directory ?? createLocalDirectory(),
      ended: (participant, code) => this.#forget(participant, code),
    }
  }

  get limits(): HubLimits {
    return this.#host.limits
  }

  stats(): HubStats {
    return { sessions: this.#bySession.size, rooms: this.#host.directory.size }
  }

  /** Takes the lines of a transport; any number of transports may share a hub, and their clients share rooms. */
  serve(listener: Listener): void {
    listener.listen((line) => this.#accept(line, listener.name))
  }

  /**
   * Sends every client away to come back later, each after a wait of its own within `spreadMs`, and refuses new ones.
   * Sessions are gone; the clients' rooms come back with them.
   */
  drain(spreadMs: number): void {
    this.#draining = true
    for (const line of this.#greeting) this.#turnAway(line)
    for (const participant of [...this.#bySession.values()]) {
      participant.session.end('restarting', Math.round(this.#random() * spreadMs))
    }
  }

  #accept(line: AcceptedConnection, transport: string): ConnectionHandlers {
    let participant: Participant | undefined
    const refuse = (code: CloseCode) => {
      this.#greeting.delete(line)
      this.#onEvent({ type: 'line_refused', code, transport })
      endLine(line, { code })
    }
    const { clock, limits } = this.#host
    const stopTimer = clock.after(limits.helloMs, () => refuse('hello_timeout'))
    const greet = (text: string) => {
      if (!this.#greeting.has(line)) return
      stopTimer()
      if (text.length > limits.helloSize) return refuse('too_big')
      const message = decodeClientMessage(text)
      if (message.type !== 'hello' && message.type !== 'resume') return refuse('hello_expected')
      const outcome = this.#open(message, line, transport)
      if (typeof outcome === 'string') return refuse(outcome)
      this.#greeting.delete(line)
      participant = outcome
    }
    this.#greeting.add(line)
    if (this.#draining) this.#turnAway(line)
    return {
      frame: (text) => {
        try {
          if (participant === undefined) return greet(text)
          if (!participant.session.isOn(line)) return
          const message = decodeClientMessage(text)
          if (message.type !== 'close') participant.receive(message, text.length)
        } catch (error) {
          const code = error instanceof ProtocolError ? error.code : 'internal_error'
          if (code === 'internal_error') this.#onEvent({ type: 'handler_failed', error })
          if (participant === undefined) refuse(code)
          else participant.session.end(code)
        }
      },
      close: () => {
        stopTimer()
        this.#greeting.delete(line)
        participant?.session.lineEnded(line)
      },
    }
  }

  #turnAway(line: AcceptedConnection): void {
    this.#greeting.delete(line)
    endLine(line, { code: 'restarting', retryAfterMs: 1_000 })
  }

  #open(greeting: Greeting, line: AcceptedConnection, transport: string): Participant | CloseCode {
    if (greeting.version !== PROTOCOL_VERSION) return 'version_unsupported'
    const peer = this.#peerIdOf(greeting.secret)
    if (greeting.type === 'resume') {
      const participant = this.#bySession.get(greeting.session)
      if (participant !== undefined) return this.#resume(participant, greeting, peer, line, transport)
    }
    return this.#start(greeting, peer, line, transport)
  }

  /** S2: a wrong secret or an impossible count is refused and changes nothing. */
  #resume(
    participant: Participant,
    greeting: Extract<Greeting, { type: 'resume' }>,
    peer: PeerId,
    line: AcceptedConnection,
    transport: string,
  ): Participant | CloseCode {
    if (participant.identity.id !== peer) return 'forbidden'
    if (!participant.session.canResume(greeting.received)) return 'bad_message'
    this.#welcome(line, participant, true)
    participant.attach(line, transport, greeting.received)
    this.#onEvent({ type: 'session_resumed', session: participant.sessionId, peer, transport })
    return participant
  }

  #start(greeting: Greeting, peer: PeerId, line: AcceptedConnection, transport: string): Participant | CloseCode {
    const before = this.#byPeer.get(peer)
    if (before === undefined && this.#bySession.size >= this.#host.limits.sessions) return 'overloaded'
    const { instance, capabilities } = greeting
    before?.supersede(instance)
    const participant = new Participant({ id: peer, instance, capabilities }, createSessionId(), this.#host)
    this.#byPeer.set(peer, participant)
    this.#bySession.set(participant.sessionId, participant)
    this.#welcome(line, participant, false)
    participant.attach(line, transport, 0)
    this.#onEvent({ type: 'session_opened', session: participant.sessionId, peer, transport })
    return participant
  }

  #welcome(line: AcceptedConnection, participant: Participant, recovered: boolean): void {
    const { heartbeatMs, deadMs, resumeMs } = this.#host.limits
    line.send(
      encode({
        type: 'welcome',
        version: PROTOCOL_VERSION,
        session: participant.sessionId,
        you: participant.identity.id,
        recovered,
        received: participant.session.received,
        heartbeatMs,
        deadMs,
        resumeMs,
        iceServers: [...this.#iceServers],
      }),
    )
  }

  #forget(participant: Participant, code: CloseCode | 'bye'): void {
    this.#bySession.delete(participant.sessionId)
    if (this.#byPeer.get(participant.identity.id) === participant) this.#byPeer.delete(participant.identity.id)
    this.#onEvent({ type: 'session_ended', session: participant.sessionId, code })
  }
}
