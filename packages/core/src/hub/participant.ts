import {
  type Capabilities,
  type ClientMessage,
  type CloseCode,
  encode,
  encodeRelayed,
  encodeRoster,
  type ErrorCode,
  type IceServer,
  type InstanceId,
  type PeerId,
  type PeerInfo,
  type RemoveReason,
  type RoomId,
  type SessionId,
} from '@patchbay/protocol'
import type { NodeId } from '../engine/index.ts'
import { Session, type SessionHandlers, type SessionRules } from '../session/index.ts'
import type { AcceptedConnection, Clock, RemoteEnd } from '../transport/index.ts'
import type { Grant, Visitor } from './authority.ts'
import type { HubCounters } from './hub-counters.ts'
import type { HubLimits } from './hub-limits.ts'
import { LocalMember } from './member.ts'
import { Permit } from './permit.ts'
import type { Room } from './room.ts'
import type { NoEntry, Rooms } from './rooms.ts'
import { TokenBucket } from '../token-bucket.ts'
import type { WaitingBudget } from './waiting-budget.ts'

/** The identity of a session's client, from its `hello` and verified by the hub. */
export interface Identity {
  readonly id: PeerId
  readonly instance: InstanceId
  readonly capabilities: Capabilities
  /** Network address of the line that opened the session. */
  readonly address: string
}

/** ICE servers as sent to a peer. */
export interface IceGrant {
  readonly iceServers: IceServer[]
  /** How long the credentials in them are valid; absent: they do not expire. */
  readonly iceLifetimeMs?: number
}

/** The first message of a line: it opens or resumes a session. */
export type Greeting = Extract<ClientMessage, { type: 'hello' | 'resume' }>

/** What a participant needs from its hub. */
export interface ParticipantHost {
  readonly clock: Clock
  readonly limits: HubLimits
  readonly rooms: Rooms
  readonly counters: HubCounters
  /** This node, among those that share rooms. */
  readonly node: NodeId
  /** What waits for sessions without a line. */
  readonly waiting: WaitingBudget
  /** The rules of a session on a line of that transport. */
  rulesOn(transport: string): SessionRules
  iceServersFor(identity: Identity): IceGrant
  /** @returns what the visitor may do now, or why it may not stay. Never rejects. */
  reauthorize(visitor: Visitor): Grant | CloseCode | Promise<Grant | CloseCode>
  /** A defect: the affected session is ended, everything else is unaffected. */
  failed(error: unknown): void
  /** A session has lost its line, and why. */
  away(participant: Participant, cause: CloseCode | 'lost'): void
  /** A session has a line again. */
  returned(participant: Participant): void
  /** The session is over: forget it. */
  ended(participant: Participant, code: CloseCode | 'bye'): void
}

interface Membership {
  readonly name: string
  readonly title: string | undefined
}

/** One session on the hub: a client, its rooms, and their lifetime after its line is lost. */
export class Participant implements SessionHandlers<ClientMessage> {
  readonly identity: Identity
  readonly sessionId: SessionId
  readonly session: Session<ClientMessage>
  readonly permit: Permit
  readonly #host: ParticipantHost
  /** Rooms joined. Kept after the member was removed as lost, so that it re-enters them when it comes back. */
  readonly #rooms = new Map<RoomId, Membership>()
  readonly #messages: TokenBucket
  readonly #traffic: TokenBucket
  readonly #joins: TokenBucket
  /** Rooms that it asks to enter, and how many answers it expects. */
  readonly #entering = new Map<RoomId, number>()
  /** Rooms whose changes were not told while too much waited. */
  readonly #stale = new Set<RoomId>()
  /** What others have sent since the line went, in UTF-16 code units. */
  #waitingSize = 0
  #line = ''
  #presence: 'here' | 'away' | 'lost' = 'here'
  #cancelWait: (() => void) | undefined
  #sameInstance = false
  /** `attempt` of the greeting that attached its line; see `hello`. */
  #attempt = 0
  #remote: RemoteEnd | undefined

  constructor(identity: Identity, sessionId: SessionId, host: ParticipantHost) {
    this.identity = identity
    this.sessionId = sessionId
    this.#host = host
    const { clock, limits } = host
    this.#messages = new TokenBucket(limits.messages, clock.now())
    this.#traffic = new TokenBucket(limits.traffic, clock.now())
    this.#joins = new TokenBucket(limits.joins, clock.now())
    this.session = new Session(clock, host.rulesOn(''), this)
    this.permit = new Permit({
      clock,
      reauthorize: (visitor) => host.reauthorize(visitor),
      ended: (code) => this.session.end(code),
      failed: (error) => host.failed(error),
      renewed: (grant) => {
        this.allow(grant)
        this.session.send(encode({ type: 'token_renewed', ...this.permit.lifetime }))
      },
    })
  }

  /**
   * Whether a greeting must not take the session over: it was sent before the one of the current line and arrived late, on a
   * slower line; or another instance yields to this one, which has a line.
   */
  outranks({ instance, attempt = 0, yields }: Pick<Greeting, 'instance' | 'attempt' | 'yields'>): boolean {
    if (instance === this.identity.instance) return attempt < this.#attempt
    return yields === true && this.#presence === 'here'
  }

  get silentMs(): number {
    return Math.round(this.#host.clock.now() - this.session.heardAt)
  }

  endStale(): void {
    this.session.end('silent')
  }

  /** From now on the client may do this, and no more. */
  allow(grant: Grant): void {
    this.permit.grant(grant)
    for (const room of this.#rooms.keys()) {
      if (this.permit.allows(room)) continue
      this.#exit(room, 'left')
      this.refuse('forbidden', room)
    }
  }

  /** Attaches the session to a line, after `welcome` was sent on it. It must be able to resume from the count. */
  attach(
    line: AcceptedConnection,
    transport: string,
    greeting: { attempt?: number | undefined; received: number },
  ): void {
    this.#attempt = greeting.attempt ?? 0
    const before = { presence: this.#presence, line: this.#line }
    this.#line = transport
    this.#remote = line.remote
    this.#presence = 'here'
    this.#cancelWait?.()
    this.#releaseWaiting()
    this.#host.returned(this)
    this.session.attach(line, greeting.received)
    this.session.setRules(this.#host.rulesOn(transport))
    this.#refresh()
    if (before.presence === 'lost') for (const [room, membership] of this.#rooms) this.#enter(room, membership)
    else if (before.presence === 'away' || before.line !== transport) this.#tellPresence()
  }

  /** Ends this session in favour of a new one of the peer. For the same instance, others get `lost`, not `left`. */
  supersede(instance: InstanceId): void {
    this.#sameInstance = instance === this.identity.instance
    this.session.end('superseded')
  }

  /** Handles one decoded message from the session's line, within its rate limits. */
  receive(message: ClientMessage, size: number): void {
    const now = this.#host.clock.now()
    const overMs = Math.max(this.#messages.take(1, now), this.#traffic.take(size, now))
    if (overMs > this.#host.limits.rateGraceMs) return this.session.end('rate_limited', 1_000)
    this.session.receive(message, size)
    this.#refresh()
  }

  /** Sends what another member has sent. @returns `false` when too much waits already (S6). */
  takeRelayed(frame: string): boolean {
    if (this.session.isBackedUp) return false
    if (this.#presence !== 'here') {
      if (!this.#host.waiting.tryTake(this.identity.address, frame.length)) return false
      this.#waitingSize += frame.length
    }
    this.session.send(frame)
    return true
  }

  /** Tells of a change in a room. Others decide how many there are, so they must not fill the outbox either (S6). */
  takeNotice(room: RoomId, frame: string): void {
    if (this.session.isBackedUp) this.#stale.add(room)
    else this.session.send(frame)
  }

  message(message: ClientMessage): void {
    switch (message.type) {
      case 'join':
        return this.#join(message.room, { name: this.permit.name ?? message.name, title: message.title })
      case 'leave':
        return this.#exit(message.room, 'left')
      case 'offer':
      case 'answer':
      case 'ice_candidate':
      case 'message':
        return this.#relay(message)
      case 'renew_ice_servers':
        return this.session.send(encode({ type: 'ice_servers', ...this.#host.iceServersFor(this.identity) }))
      case 'renew_token':
        return this.#renew(message.token)
      case 'bye':
        return this.session.end('bye')
      default:
        return this.session.end('bad_message')
    }
  }

  /** S8: away at once, removed after enough silence, forgotten when the resume window is over. */
  away(cause: CloseCode | undefined): void {
    const { clock, limits } = this.#host
    this.#presence = 'away'
    this.#host.away(this, cause ?? 'lost')
    this.#tellPresence()
    const silentMs = () => clock.now() - this.session.heardAt
    this.#cancelWait = clock.after(Math.max(0, limits.lostMs - silentMs()), () => {
      if (this.#rooms.size === 0) return this.session.end('silent')
      this.#presence = 'lost'
      for (const [room, membership] of this.#rooms) this.#host.rooms.keep(room, this.#member(membership))
      this.#cancelWait = clock.after(Math.max(0, limits.resumeMs - silentMs()), () => this.session.end('silent'))
    })
  }

  ended(code: CloseCode | 'bye'): void {
    this.#cancelWait?.()
    this.permit.stop()
    this.#releaseWaiting()
    const reason = this.#sameInstance ? 'lost' : reasonOf(code)
    for (const room of this.#rooms.keys()) this.#exit(room, reason)
    this.#host.ended(this, code)
  }

  #renew(token: string): void {
    const remote = this.#remote
    if (remote !== undefined) void this.permit.renew({ token, remote, transport: this.#line, peer: this.identity.id })
  }

  /** S5: joining a room again changes nothing and gets the same answer. */
  #join(id: RoomId, membership: Membership): void {
    const { limits, rooms } = this.#host
    const room = rooms.find(id)
    if (room?.members.get(this.identity.id)?.session === this.sessionId) return this.#answer(room)
    const asked = this.#entering.get(id)
    if (!this.permit.allows(id)) return this.refuse('forbidden', id)
    if (this.#rooms.size >= limits.roomsPerSession && !this.#rooms.has(id)) return this.refuse('too_many_rooms', id)
    if (asked !== undefined) {
      // It may have left meanwhile.
      this.#rooms.set(id, membership)
      return void this.#entering.set(id, asked + 1)
    }
    if (!this.#joins.tryTake(1, this.#host.clock.now())) return this.refuse('too_fast', id)
    this.#rooms.set(id, membership)
    this.#enter(id, membership)
  }

  #enter(id: RoomId, membership: Membership): void {
    const member = this.#member(membership)
    const outcome = this.#host.rooms.enter(id, member, membership.title)
    if (!(outcome instanceof Promise)) return this.#entered(id, outcome)
    this.#entering.set(id, 1)
    void outcome.then((late) => {
      const asked = this.#entering.get(id) ?? 1
      this.#entering.delete(id)
      for (let i = 0; i < asked; i += 1) this.#entered(id, late)
      // It may have lost its line meanwhile, or changed it.
      const now = this.#rooms.get(id)
      if (now !== undefined && typeof late !== 'string' && !isSame(member, this.#member(now))) this.#show(id, now)
    })
  }

  /** It gets a full snapshot: a lost member may have missed changes (S4). */
  #entered(id: RoomId, outcome: Room | NoEntry): void {
    const { rooms } = this.#host
    if (this.session.state.status === 'ended' || !this.#rooms.has(id))
      return rooms.leave(id, this.identity.id, this.sessionId, 'left')
    if (typeof outcome !== 'string') {
      this.#host.counters.joins += 1
      return this.#answer(outcome)
    }
    // A place that is kept stays so while what the nodes share cannot be reached.
    if (outcome === 'full' || rooms.find(id)?.kept.has(this.identity.id) !== true) this.#rooms.delete(id)
    this.refuse(outcome === 'full' ? 'room_full' : 'busy', id)
  }

  #answer({ id, title, members }: Room): void {
    const peers: string[] = []
    for (const { info, infoJson } of members.values()) if (info.id !== this.identity.id) peers.push(infoJson)
    this.session.send(encodeRoster(id, title, peers))
  }

  /** Passes the body on verbatim: the hub never reads it. */
  #relay(message: Extract<ClientMessage, { body: string }>): void {
    const { type, room: id, to, body } = message
    const room = this.#host.rooms.find(id)
    if (room?.members.has(this.identity.id) !== true) return this.refuse('not_in_room', id)
    const target = room.of(to)
    if (target === undefined || to === this.identity.id) return this.refuse('unknown_peer', id, to)
    const frame = encodeRelayed({ type, room: id, from: this.identity.id }, body)
    if (!target.relay(frame)) return this.refuse('peer_busy', id, to)
    this.#host.counters.relayed(frame.length, target instanceof LocalMember)
  }

  /** Sends the rosters that changed while too much waited, once that has been taken. */
  #refresh(): void {
    if (this.#stale.size === 0 || this.session.isBackedUp || this.session.state.status === 'ended') return
    for (const id of this.#stale) {
      const room = this.#host.rooms.find(id)
      if (room?.members.has(this.identity.id) === true) this.#answer(room)
    }
    this.#stale.clear()
  }

  #releaseWaiting(): void {
    this.#host.waiting.release(this.identity.address, this.#waitingSize)
    this.#waitingSize = 0
  }

  /** Refuses one request. */
  refuse(code: ErrorCode, room: RoomId, to?: PeerId): void {
    this.#host.counters.requestRefused(code)
    this.session.send(encode({ type: 'error', code, room, ...(to !== undefined && { to }) }))
  }

  /** @param reason sent to the others. */
  #exit(id: RoomId, reason: RemoveReason | 'moving'): void {
    this.#rooms.delete(id)
    this.#host.rooms.leave(id, this.identity.id, this.sessionId, reason)
  }

  #member(membership: Membership): LocalMember {
    const { id, instance, capabilities } = this.identity
    const info: PeerInfo = {
      id,
      instance,
      name: membership.name,
      line: this.#line,
      state: this.#presence === 'here' ? 'here' : 'away',
      capabilities,
    }
    const state = this.#presence === 'lost' ? 'lost' : 'in'
    return new LocalMember({ node: this.#host.node, session: this.sessionId, info, state }, this)
  }

  #tellPresence(): void {
    for (const [id, membership] of this.#rooms) this.#show(id, membership)
  }

  #show(id: RoomId, membership: Membership): void {
    const { rooms } = this.#host
    const member = this.#member(membership)
    if (member.state === 'lost') rooms.keep(id, member)
    else rooms.update(id, member)
  }
}

/** The reason sent to others when a session ends; none when the server restarts, because all members come back. */
function reasonOf(code: CloseCode | 'bye'): RemoveReason | 'moving' {
  if (code === 'restarting') return 'moving'
  return code === 'bye' || code === 'superseded' ? 'left' : 'lost'
}

function isSame(one: LocalMember, other: LocalMember): boolean {
  return one.state === other.state && one.infoJson === other.infoJson
}
