import {
  type Capabilities,
  type ClientMessage,
  type CloseCode,
  encode,
  encodeRelayed,
  type ErrorCode,
  type HostKey,
  type IceServer,
  type InstanceId,
  type PeerId,
  type PeerInfo,
  type RemoveReason,
  type RoomId,
  type SessionId,
} from '@patchbay/protocol'
import type { NodeId, Verdict } from '../engine/index.ts'
import { Session, type SessionHandlers, type SessionRules } from '../session/index.ts'
import { type Rate, TokenBucket } from '../token-bucket.ts'
import type { AcceptedConnection, Clock, RemoteEnd } from '../transport/index.ts'
import type { Grant, Visitor } from './authority.ts'
import { LocalMember } from './member.ts'
import { type MembershipHost, Memberships } from './memberships.ts'
import { Permit, type PermitHost } from './permit.ts'
import { SessionRate } from './session-rate.ts'
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

/** What a host is told of those who knock. */
const KNOCKS: Rate = { perSecond: 10, burst: 32 }

/** The first message of a line: it opens or resumes a session. */
export type Greeting = Extract<ClientMessage, { type: 'hello' | 'resume' }>

/** What a participant needs from its hub. */
export interface ParticipantHost extends MembershipHost {
  /** This node, among those that share rooms. */
  readonly node: NodeId
  /** What waits for sessions without a line. */
  readonly waiting: WaitingBudget
  /** The rules of a session on a line of that transport. */
  rulesOn(transport: string): SessionRules
  iceServersFor(identity: Identity): IceGrant
  /** @returns what rooms know a host by; `undefined` where keys make no hosts. */
  hostOf(key: HostKey): string | undefined
  /** @returns what the visitor may do now, or why it may not stay. Never rejects. */
  reauthorize(visitor: Visitor): Grant | CloseCode | Promise<Grant | CloseCode>
  /** A defect: the affected session is ended, everything else is unaffected. */
  failed(error: unknown): void
  /** A session has lost its line, and why. */
  away(participant: Participant, cause: CloseCode | 'lost'): void
  /** More is kept for a session of that address, which has no line. */
  keptMore(address: string): void
  /** A session has a line again. */
  returned(participant: Participant): void
  /** The session is over: forget it. */
  ended(participant: Participant, code: CloseCode | 'bye'): void
}

/** One session on the hub: a client, its rooms, and their lifetime after its line is lost. */
export class Participant implements SessionHandlers<ClientMessage>, PermitHost {
  readonly identity: Identity
  readonly sessionId: SessionId
  readonly session: Session<ClientMessage>
  readonly permit: Permit
  readonly #host: ParticipantHost
  readonly #memberships: Memberships
  readonly #rate: SessionRate
  /** What it is told of those who knock. Made when it is needed, as few sessions are a host's. */
  #knocks: TokenBucket | undefined
  /** What is kept for a session without a line, in UTF-16 code units. */
  #waitingSize = 0
  #line = ''
  #presence: 'here' | 'away' | 'lost' = 'here'
  #cancelWait: (() => void) | undefined
  #sameInstance = false
  /** What the greeting that attached its line says of its order; see `hello`. */
  #greeting = { attempt: 0, at: -Infinity }
  #remote: RemoteEnd | undefined

  constructor(identity: Identity, sessionId: SessionId, host: ParticipantHost) {
    this.identity = identity
    this.sessionId = sessionId
    this.#host = host
    const { clock, limits } = host
    this.#rate = new SessionRate(limits, clock.now())
    this.session = new Session(clock, host.rulesOn(''), this)
    this.permit = new Permit(this)
    this.#memberships = new Memberships(host, this)
  }

  /**
   * Whether a greeting must not take the session over: it was sent before the one of the current line and arrived late, on a
   * slower line; or it is another instance's that came before that one, and was judged for longer; or another instance yields to
   * this one, which has a line.
   * @param at when the greeting came.
   */
  outranks({ instance, attempt = 0, yields }: Pick<Greeting, 'instance' | 'attempt' | 'yields'>, at: number): boolean {
    if (instance === this.identity.instance) return attempt < this.#greeting.attempt
    return at < this.#greeting.at || (yields === true && this.#presence === 'here')
  }

  get clock(): Clock {
    return this.#host.clock
  }

  reauthorize(visitor: Visitor): Grant | CloseCode | Promise<Grant | CloseCode> {
    return this.#host.reauthorize(visitor)
  }

  revoked(code: CloseCode): void {
    this.session.end(code)
  }

  failed(error: unknown): void {
    this.#host.failed(error)
  }

  renewed(grant: Grant): void {
    this.allow(grant)
    this.session.send(encode({ type: 'token_renewed', ...this.permit.lifetime }))
  }

  get silentMs(): number {
    return Math.round(this.#host.clock.now() - this.session.heardAt)
  }

  endStale(): void {
    this.session.end('silent')
  }

  /** From now on the client may do this, and no more. */
  allow(grant: Grant): void {
    const { name } = this.permit
    this.permit.grant(grant)
    const isOther = this.#memberships.regrant()
    if (isOther || grant.name !== name) this.#memberships.show()
  }

  /** Attaches the session to a line, after `welcome` was sent on it. It must be able to resume from the count. */
  attach(
    line: AcceptedConnection,
    transport: string,
    greeting: { attempt?: number | undefined; received: number; at: number },
  ): void {
    this.#greeting = { attempt: greeting.attempt ?? 0, at: greeting.at }
    const before = { presence: this.#presence, line: this.#line }
    this.#line = transport
    this.#remote = line.remote
    this.#presence = 'here'
    this.#cancelWait?.()
    this.#releaseWaiting()
    this.#host.returned(this)
    this.session.attach(line, greeting.received)
    this.session.setRules(this.#host.rulesOn(transport))
    this.#memberships.refresh()
    if (before.presence === 'lost') this.#memberships.enterAgain()
    else if (before.presence === 'away' || before.line !== transport) this.#memberships.show()
  }

  /** Ends this session in favour of a new one of the peer. For the same instance, others get `lost`, not `left`. */
  supersede(instance: InstanceId): void {
    this.#sameInstance = instance === this.identity.instance
    this.session.end('superseded')
  }

  /** Handles one decoded message from the session's line, within its rate limits. */
  receive(message: ClientMessage, size: number): void {
    if (!this.#rate.take(size, this.#host.clock.now())) return this.session.end('rate_limited', 1_000)
    this.session.receive(message, size)
    this.#memberships.refresh()
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

  takeNotice(room: RoomId, frame: string): void {
    this.#memberships.tell(room, frame)
  }

  /** Whoever knocks does so again soon: what is too much is left out. */
  takeKnock(frame: string): void {
    const now = this.#host.clock.now()
    this.#knocks ??= new TokenBucket(KNOCKS, now)
    const isHere = this.#presence === 'here' && !this.session.isBackedUp
    if (isHere && this.#knocks.tryTake(1, now)) this.session.send(frame)
  }

  removed(room: RoomId): void {
    this.#memberships.removed(room)
  }

  ruled(room: RoomId): void {
    this.#memberships.ruled(room)
  }

  message(message: ClientMessage): void {
    switch (message.type) {
      case 'join':
        return this.#join(message)
      case 'leave':
        return this.#memberships.leave(message.room, 'left')
      case 'lock':
        return this.#memberships.rule(message.room, { type: 'lock', isLocked: message.locked })
      case 'admit':
        return this.#judge(message.room, message.to, 'admitted')
      case 'remove':
        return this.#judge(message.room, message.to, 'removed')
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
    this.#memberships.show()
    // A line with rare heartbeats may have been silent for longer than that, and yet have been there until now.
    const heardAt = Math.max(this.session.heardAt, clock.now() - limits.deadMs)
    const silentMs = () => clock.now() - heardAt
    this.#cancelWait = clock.after(Math.max(0, limits.lostMs - silentMs()), () => {
      if (this.#memberships.size === 0) return this.session.end('silent')
      this.#presence = 'lost'
      this.#memberships.show()
      this.#cancelWait = clock.after(Math.max(0, limits.resumeMs - silentMs()), () => this.session.end('silent'))
    })
    this.#waitingSize = this.session.unackedSize
    this.#host.waiting.charge(this.identity.address, this.#waitingSize)
    this.#host.keptMore(this.identity.address)
  }

  ended(code: CloseCode | 'bye'): void {
    this.#cancelWait?.()
    this.permit.stop()
    this.#releaseWaiting()
    this.#memberships.leaveAll(this.#sameInstance ? 'lost' : reasonOf(code))
    this.#host.ended(this, code)
  }

  #renew(token: string): void {
    const remote = this.#remote
    if (remote !== undefined) void this.permit.renew({ token, remote, transport: this.#line, peer: this.identity.id })
  }

  #join({ room, name, title, hostKey }: Extract<ClientMessage, { type: 'join' }>): void {
    const host = hostKey && this.#host.hostOf(hostKey)
    this.#memberships.join(room, { name, title, host })
  }

  #judge(room: RoomId, peer: PeerId, verdict: Verdict): void {
    this.#memberships.rule(room, { type: 'verdict', peer, verdict })
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

  #releaseWaiting(): void {
    this.#host.waiting.release(this.identity.address, this.#waitingSize)
    this.#waitingSize = 0
  }

  /** @returns the seat that it takes now, under that name. */
  memberAs(name: string, isHost: boolean): LocalMember {
    const { id, instance, capabilities } = this.identity
    const info: PeerInfo = {
      id,
      instance,
      name,
      line: this.#line,
      state: this.#presence === 'here' ? 'here' : 'away',
      capabilities,
      ...(isHost && { host: true }),
    }
    const state = this.#presence === 'lost' ? 'lost' : 'in'
    return new LocalMember({ node: this.#host.node, session: this.sessionId, info, state }, this)
  }

  /** Refuses one request. */
  refuse(code: ErrorCode, room: RoomId, to?: PeerId): void {
    this.#host.counters.requestRefused(code)
    this.session.send(encode({ type: 'error', code, room, ...(to !== undefined && { to }) }))
  }
}

/** The reason sent to others when a session ends; none when the server restarts, because all members come back. */
function reasonOf(code: CloseCode | 'bye'): RemoveReason | 'moving' {
  if (code === 'restarting') return 'moving'
  return code === 'bye' || code === 'superseded' ? 'left' : 'lost'
}
