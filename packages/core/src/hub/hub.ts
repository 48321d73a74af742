import {
  type CloseCode,
  createEpoch,
  createSessionId,
  encode,
  LINE_NAME,
  type PeerId,
  type PeerSecret,
  PROTOCOL_VERSION,
  type RoomId,
  type SessionId,
} from '@patchbay/protocol'
import { type AcceptedConnection, type ConnectionHandlers, type Listener, systemClock } from '../transport/index.ts'
import { homeOf, type NodeId } from '../engine/index.ts'
import { Authority, type Grant, type Visitor } from './authority.ts'
import { Cluster } from './cluster.ts'
import { Heartbeats } from './heartbeats.ts'
import { HubCounters } from './hub-counters.ts'
import { type HubLimits, limitsOf } from './hub-limits.ts'
import { type HubEvent, type HubOptions, type HubStats, tellSafely } from './hub-options.ts'
import { type Arrival, IncomingLine, type IncomingLineHost } from './incoming-line.ts'
import { type Greeting, Participant, type ParticipantHost } from './participant.ts'
import { KnockShares } from './knock-shares.ts'
import { derivePeerId } from './peer-id.ts'
import { OwnRooms, type RoomView } from './rooms.ts'
import { SessionTable } from './session-table.ts'
import type { TrunkGreeting } from './trunks.ts'
import { WaitingBudget } from './waiting-budget.ts'

/** `retryAfterMs` for a line that arrives while the server shuts down. */
const TURNED_AWAY_MS = 1_000
/** Other nodes wait `lostMs` for those who were here; so long before the end of it the last one is to set out. */
const ARRIVAL_MS = 1_500

/**
 * The server half of signaling. It accepts lines of any transport, keeps sessions on them, announces the members of a
 * room to each other and relays between them. Nothing a client sends makes it throw.
 */
export class Hub {
  readonly #host: ParticipantHost & IncomingLineHost
  readonly #random: () => number
  readonly #onEvent: (event: HubEvent) => void
  readonly #sessions: SessionTable
  readonly #ungreeted = new Set<IncomingLine>()
  /** Lines that are passed on to other nodes. */
  readonly #passedOn = new Set<IncomingLine>()
  /** Peers that have greeted and are not in, passed on or refused yet, with the number of their greetings. */
  readonly #arriving = new Map<PeerId, number>()
  readonly #epoch = createEpoch()
  /** What it has done since it began. */
  readonly counters: HubCounters = new HubCounters()
  readonly #heartbeats: Heartbeats
  readonly #cluster: Cluster | undefined
  #draining = false

  constructor(options: HubOptions = {}) {
    this.#random = options.random ?? Math.random
    this.#onEvent = tellSafely(options.onEvent)
    const limits = limitsOf(options.limits)
    this.#sessions = new SessionTable(limits)
    this.#heartbeats = new Heartbeats(limits, options.heartbeats ?? {})
    const clock = options.clock ?? systemClock
    const failed = (error: unknown) => this.#onEvent({ type: 'handler_failed', error })
    const authority = new Authority(options.authorize, clock, failed)
    const { engine } = options
    this.#cluster =
      engine &&
      new Cluster({
        clock,
        engine,
        maxPeers: limits.peersPerRoom,
        moveMs: limits.lostMs,
        guest: (peer) => this.#sessions.ofPeer(peer),
        isHere: (peer) => this.#isHere(peer),
        accept: (greeting) => this.#acceptFromNode(greeting),
        claimAgain: () => this.#claimAgain(),
        dropped: () => (this.counters.framesDropped += 1),
      })
    const peerIdOf = options.peerIdOf ?? derivePeerId
    this.#host = {
      clock,
      startedAt: clock.now(),
      knocks: new KnockShares(clock),
      limits,
      rulesOn: (transport) => this.#heartbeats.rulesOn(transport),
      iceServersFor: options.iceServersFor ?? (() => ({ iceServers: [] })),
      rooms: this.#cluster?.rooms ?? new OwnRooms(limits.peersPerRoom),
      node: engine?.node ?? '',
      counters: this.counters,
      waiting: new WaitingBudget({ size: limits.waitingSize, sizePerAddress: limits.waitingSizePerAddress }),
      away: (participant, cause) => {
        this.#sessions.left(participant)
        const { sessionId: session, identity } = participant
        this.#onEvent({ type: 'session_away', session, peer: identity.id, cause })
      },
      keptMore: (address) => this.#sessions.shed(() => this.#host.waiting.overdrawn(address)),
      returned: (participant) => this.#sessions.returned(participant),
      ended: (participant, code) => this.#forget(participant, code),
      peerIdOf,
      // With `authorize`, grants name the hosts; keys do not.
      hostOf: (key) => (options.authorize === undefined ? peerIdOf(key as string as PeerSecret) : undefined),
      judge: ({ greeting: { token }, peer }, { remote }, transport) =>
        authority.judge({ token, remote, transport, peer }),
      reauthorize: (visitor) => authority.judge(visitor),
      homeOf: (arrival, former) => this.#homeOf(arrival, former),
      passOn: async (node, { greeting, peer }, line, transport, signal) => {
        const about = { peer, transport, remote: line.remote }
        const there = (await this.#cluster?.passOn(node, about, line, signal)) ?? 'denied'
        if (typeof there !== 'string' && greeting.type === 'resume') this.counters.resumedElsewhere += 1
        return there
      },
      open: (arrival, grant, line, transport) => this.#open(arrival, grant, line, transport),
      arriving: (peer, change) => this.#arrive(peer, change),
      passedOn: (line, isSo) => void (isSo ? this.#passedOn.add(line) : this.#passedOn.delete(line)),
      greeted: (line) => this.#ungreeted.delete(line),
      refused: (code, transport) => {
        this.counters.lineRefused(code)
        this.#onEvent({ type: 'line_refused', code, transport })
      },
      failed,
    }
  }

  get limits(): HubLimits {
    return this.#host.limits
  }

  stats(): HubStats {
    return { sessions: this.#sessions.size, rooms: this.#host.rooms.size }
  }

  /** Joins the other nodes. Fulfilled when what they share can be reached; at once for a hub that is alone. */
  async start(): Promise<void> {
    await this.#cluster?.start()
  }

  /** Who is in a room: `undefined` when nobody is, `busy` when what the nodes share cannot be reached. */
  async look(room: RoomId): Promise<RoomView | undefined | 'busy'> {
    return this.#host.rooms.look(room)
  }

  /** What `authorize` says of somebody. @returns the grant, or why it is refused. Never rejects. */
  async judge(visitor: Visitor): Promise<Grant | CloseCode> {
    return this.#draining ? 'restarting' : this.#host.reauthorize(visitor)
  }

  /** The hub among others, for what goes from node to node beside rooms; `undefined` when it is alone. */
  get cluster(): Cluster | undefined {
    return this.#cluster
  }

  /**
   * Serves the lines of a transport. Any number of transports may share a hub, and their clients share rooms.
   * @throws {TypeError} for a listener whose name is not 1 to 32 of `a-z 0-9 -`: members are told it.
   */
  serve(listener: Listener): void {
    if (!LINE_NAME.test(listener.name)) throw new TypeError('The name of a listener must be 1 to 32 of a-z 0-9 -.')
    listener.listen((line) => this.#accept(line, listener.name))
  }

  /**
   * Disconnects every client with a random `retryAfterMs` up to `spreadMs`, and refuses new ones. Sessions are lost;
   * clients rejoin their rooms when they reconnect. A hub among others spreads them over `lostMs` less 1 500 at most, or the
   * others would take the last ones for lost.
   */
  drain(spreadMs: number): void {
    this.#draining = true
    const most = this.#cluster === undefined ? Infinity : Math.max(0, this.limits.lostMs - ARRIVAL_MS)
    const retryAfterMs = () => Math.round(this.#random() * Math.min(spreadMs, most))
    for (const line of this.#ungreeted) line.refuse('restarting', TURNED_AWAY_MS)
    for (const line of [...this.#passedOn]) line.refuse('restarting', retryAfterMs())
    for (const participant of this.#sessions.all()) participant.session.end('restarting', retryAfterMs())
  }

  /** Leaves the other nodes. To be called after {@link drain}. */
  async close(): Promise<void> {
    await this.#cluster?.close()
  }

  #accept(connection: AcceptedConnection, transport: string): ConnectionHandlers {
    const line = new IncomingLine(this.#host, connection, transport)
    if (this.#draining) line.refuse('restarting', TURNED_AWAY_MS)
    else this.#ungreeted.add(line)
    return line
  }

  /** A line that has reached another node, and belongs here. */
  #acceptFromNode({ peer, transport }: TrunkGreeting): ((line: AcceptedConnection) => ConnectionHandlers) | undefined {
    if (this.#draining || !this.#isHere(peer)) return undefined
    return (line) => {
      const incoming = new IncomingLine(this.#host, line, transport, true)
      this.#ungreeted.add(incoming)
      return incoming
    }
  }

  /**
   * The other node where whoever arrives is at home; `undefined` when that is here.
   * @param former a node that has denied to be it.
   */
  #homeOf({ greeting, peer }: Arrival, former?: NodeId): NodeId | undefined | Promise<NodeId | undefined> {
    const cluster = this.#cluster
    if (cluster === undefined) return undefined
    if (this.#sessions.ofPeer(peer) !== undefined) return undefined
    if (greeting.type === 'resume' && former === undefined) {
      const home = homeOf(greeting.session)
      if (home !== cluster.node && cluster.isAlive(home)) return home
    }
    return cluster.homeOf(peer, former)
  }

  /** Whether a peer has a session here, or is about to. */
  #isHere(peer: PeerId): boolean {
    return this.#sessions.ofPeer(peer) !== undefined || this.#arriving.has(peer)
  }

  #arrive(peer: PeerId, change: 1 | -1): void {
    const count = (this.#arriving.get(peer) ?? 0) + change
    if (count > 0) this.#arriving.set(peer, count)
    else this.#arriving.delete(peer)
    // Refused, or at home elsewhere: nothing is kept of it.
    if (!this.#isHere(peer)) this.#cluster?.release(peer)
  }

  #claimAgain(): void {
    for (const { identity } of this.#sessions.all()) void this.#cluster?.claimAgain(identity.id)
  }

  #newSessionId(): SessionId {
    const { node } = this.#host
    return `${node}${createSessionId().slice(node.length)}` as SessionId
  }

  #open(arrival: Arrival, grant: Grant, line: AcceptedConnection, transport: string): Participant | CloseCode {
    const { greeting, peer, at } = arrival
    if (greeting.version !== PROTOCOL_VERSION) return 'version_unsupported'
    // It may have begun while the greeting was judged.
    if (this.#draining) return 'restarting'
    if (this.#sessions.ofPeer(peer)?.outranks(greeting, at) === true) return 'superseded'
    if (greeting.type === 'resume') {
      const participant = this.#sessions.find(greeting.session)
      if (participant !== undefined) return this.#resume(participant, { greeting, peer, at }, grant, line, transport)
    }
    const begun = this.#start(arrival, grant, line, transport)
    if (greeting.type === 'resume' && typeof begun !== 'string') this.counters.resumesLost += 1
    return begun
  }

  /** S2: a wrong secret or an impossible count is refused and changes nothing. */
  #resume(
    participant: Participant,
    { greeting, peer, at }: Arrival & { readonly greeting: Extract<Greeting, { type: 'resume' }> },
    grant: Grant,
    line: AcceptedConnection,
    transport: string,
  ): Participant | CloseCode {
    if (participant.identity.id !== peer || participant.permit.subject !== grant.subject) return 'forbidden'
    if (!participant.session.canResume(greeting.received)) return 'bad_message'
    participant.allow(grant)
    line.send(this.#welcomeOf(participant, transport, true))
    participant.attach(line, transport, { ...greeting, at })
    this.counters.resumedHere += 1
    this.#onEvent({ type: 'session_resumed', session: participant.sessionId, peer, transport })
    return participant
  }

  #start(
    { greeting, peer, at }: Arrival,
    grant: Grant,
    line: AcceptedConnection,
    transport: string,
  ): Participant | CloseCode {
    const { address } = line.remote
    const before = this.#sessions.ofPeer(peer)
    if (!this.#sessions.makeRoom(address, before)) return 'overloaded'
    const { instance, capabilities, attempt } = greeting
    const participant = new Participant({ id: peer, instance, capabilities, address }, this.#newSessionId(), this.#host)
    participant.allow(grant)
    const welcome = this.#welcomeOf(participant, transport, false)
    this.#sessions.add(participant)
    // The peer stays at home here.
    before?.supersede(instance)
    line.send(welcome)
    participant.attach(line, transport, { attempt, received: 0, at })
    this.counters.sessionsOpened += 1
    this.#onEvent({ type: 'session_opened', session: participant.sessionId, peer, transport })
    return participant
  }

  /** @throws what `iceServersFor` throws: then nothing is left of the participant. */
  #welcomeOf({ sessionId, identity, permit, session }: Participant, transport: string, recovered: boolean): string {
    try {
      return encode({
        type: 'welcome',
        version: PROTOCOL_VERSION,
        epoch: this.#epoch,
        session: sessionId,
        you: identity.id,
        recovered,
        received: session.received,
        ...this.#heartbeats.on(transport),
        resumeMs: this.#host.limits.resumeMs,
        ...permit.lifetime,
        ...this.#host.iceServersFor(identity),
      })
    } catch (error) {
      if (!recovered) permit.stop()
      throw error
    }
  }

  #forget(participant: Participant, code: CloseCode | 'bye'): void {
    this.#sessions.remove(participant)
    const { id } = participant.identity
    if (!this.#isHere(id)) this.#cluster?.release(id)
    this.#onEvent({ type: 'session_ended', session: participant.sessionId, code })
  }
}
