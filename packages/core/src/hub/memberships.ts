import {
  type ClientMessage,
  encode,
  encodeRoster,
  type ErrorCode,
  type PeerId,
  type RemoveReason,
  type RoomId,
  type SessionId,
} from '@patchbay/protocol'
import type { NoSeat, Opening, RuleChange } from '../engine/index.ts'
import type { Session } from '../session/index.ts'
import { TokenBucket } from '../token-bucket.ts'
import type { Clock } from '../transport/index.ts'
import type { HubCounters } from './hub-counters.ts'
import type { HubLimits } from './hub-limits.ts'
import type { KnockShares } from './knock-shares.ts'
import type { LocalMember, Member } from './member.ts'
import type { Permit } from './permit.ts'
import type { Room } from './room.ts'
import type { Rooms } from './rooms.ts'

/** What the rooms of a session need from its hub. */
export interface MembershipHost {
  readonly clock: Clock
  /** When the hub was made. */
  readonly startedAt: number
  readonly limits: HubLimits
  readonly rooms: Rooms
  readonly counters: HubCounters
  /** Of whom hosts are told, among those who knock. */
  readonly knocks: KnockShares
}

/** Whose memberships these are. */
export interface MembershipOwner {
  readonly identity: { readonly id: PeerId; readonly address: string }
  readonly sessionId: SessionId
  readonly session: Session<ClientMessage>
  readonly permit: Permit
  /** @returns the seat that it takes now, under that name. */
  memberAs(name: string, isHost: boolean): LocalMember
  /** Refuses one request. */
  refuse(code: ErrorCode, room: RoomId, to?: PeerId): void
}

/** How a session has joined a room. */
interface Membership extends Opening {
  readonly name: string
  /** Its token makes it a host. */
  readonly isGranted: boolean
}

/** So long after its start, whoever comes back to a hub may have been the host of those who are back already. */
const RETURN_MS = 120_000

/** Why a session is not in a room, in terms of the protocol. */
const refusals = { full: 'room_full', locked: 'room_locked', removed: 'removed', busy: 'busy' } as const

/**
 * The rooms that one session has joined. They are kept after it was removed as lost, so that it enters them again when it
 * comes back.
 */
export class Memberships {
  readonly #host: MembershipHost
  readonly #owner: MembershipOwner
  readonly #rooms = new Map<RoomId, Membership>()
  readonly #joins: TokenBucket
  // What follows is made when it is needed: most sessions never do, and there are many.
  #rules: TokenBucket | undefined
  /** Rooms that it asks to enter, and how many answers it expects. */
  #entering: Map<RoomId, number> | undefined
  /** Rooms of which it was told that it may be a host. */
  #undecided: Set<RoomId> | undefined
  /** Rooms whose changes were not told while too much waited. */
  #stale: Set<RoomId> | undefined

  constructor(host: MembershipHost, owner: MembershipOwner) {
    this.#host = host
    this.#owner = owner
    this.#joins = new TokenBucket(host.limits.joins, host.clock.now())
  }

  get size(): number {
    return this.#rooms.size
  }

  /** S5: joining a room again changes nothing and gets the same answer. */
  join(id: RoomId, { name, title, host }: Opening & { readonly name: string }): void {
    const { limits, rooms, clock } = this.#host
    const { identity, sessionId, permit } = this.#owner
    const room = rooms.find(id)
    if (room?.members.get(identity.id)?.session === sessionId) return this.#answer(room)
    const asked = this.#entering?.get(id)
    if (!permit.allows(id)) return this.#owner.refuse('forbidden', id)
    if (this.#rooms.size >= limits.roomsPerSession && !this.#rooms.has(id))
      return this.#owner.refuse('too_many_rooms', id)
    const membership = { name, title, host, isGranted: permit.hosts(id) }
    if (asked !== undefined) {
      // It may have left meanwhile.
      this.#rooms.set(id, membership)
      return void this.#entering?.set(id, asked + 1)
    }
    if (!this.#joins.tryTake(1, clock.now())) return this.#owner.refuse('too_fast', id)
    this.#rooms.set(id, membership)
    this.#enter(id, membership)
  }

  /** @param reason sent to the others. */
  leave(id: RoomId, reason: RemoveReason | 'moving'): void {
    this.#rooms.delete(id)
    this.#undecided?.delete(id)
    this.#host.rooms.leave(id, this.#owner.identity.id, this.#owner.sessionId, reason)
  }

  /** The room has another host, which it may be. */
  ruled(id: RoomId): void {
    const membership = this.#rooms.get(id)
    if (membership !== undefined) this.#show(id, membership)
  }

  /** A host has removed it. */
  removed(id: RoomId): void {
    if (!this.#rooms.has(id)) return
    this.leave(id, 'left')
    this.#owner.refuse('removed', id)
  }

  /** Changes who may come into a room. Only a host may, and not about another. */
  rule(id: RoomId, change: RuleChange): void {
    const { identity, sessionId } = this.#owner
    const { rooms, clock, limits } = this.#host
    const room = rooms.find(id)
    const own = room?.members.get(identity.id)
    if (room === undefined || own?.session !== sessionId) return this.#owner.refuse('not_in_room', id)
    const peer = change.type === 'verdict' ? change.peer : undefined
    if (own.info.host !== true || (peer !== undefined && room.of(peer)?.info.host === true))
      return this.#owner.refuse('not_host', id, peer)
    this.#rules ??= new TokenBucket(limits.rules, clock.now())
    if (!this.#rules.tryTake(1, clock.now())) return this.#owner.refuse('too_fast', id, peer)
    const outcome = rooms.rule(id, change)
    if (outcome === 'done') return
    void outcome.then((late) => late === 'busy' && this.#owner.refuse('busy', id, peer))
  }

  leaveAll(reason: RemoveReason | 'moving'): void {
    for (const room of this.#rooms.keys()) this.leave(room, reason)
  }

  /** Leaves the rooms that are no longer allowed. @returns whether it became a host or ceased to be one. */
  regrant(): boolean {
    const { permit } = this.#owner
    let isOther = false
    for (const [room, membership] of this.#rooms) {
      if (!permit.allows(room)) {
        this.leave(room, 'left')
        this.#owner.refuse('forbidden', room)
        continue
      }
      const isGranted = permit.hosts(room)
      isOther ||= isGranted !== membership.isGranted
      this.#rooms.set(room, { ...membership, isGranted })
      if (membership.isGranted && !isGranted) this.#keepPlace(room)
    }
    return isOther
  }

  /** It is back after it was removed as lost. */
  enterAgain(): void {
    for (const [room, membership] of this.#rooms) this.#enter(room, membership)
  }

  /** Shows the others its line and whether it is there, or that its place is only kept. */
  show(): void {
    for (const [id, membership] of this.#rooms) this.#show(id, membership)
  }

  /** Tells of a change in a room. Others decide how many there are, so they must not fill the outbox either (S6). */
  tell(room: RoomId, frame: string): void {
    if (this.#owner.session.isBackedUp) (this.#stale ??= new Set()).add(room)
    else this.#owner.session.send(frame)
  }

  /** Sends the rosters that changed while too much waited, once that has been taken. */
  refresh(): void {
    const { identity, session } = this.#owner
    const stale = this.#stale
    if (stale === undefined || session.isBackedUp || session.state.status === 'ended') return
    this.#stale = undefined
    for (const id of stale) {
      const room = this.#host.rooms.find(id)
      if (room?.members.has(identity.id) === true) this.#answer(room)
    }
  }

  #enter(id: RoomId, membership: Membership): void {
    const { clock, startedAt, rooms } = this.#host
    const member = this.#memberIn(id, membership)
    const outcome = rooms.enter(id, member, { ...membership, afterOthers: clock.now() - startedAt < RETURN_MS })
    if (!(outcome instanceof Promise)) return this.#entered(id, outcome)
    const entering = (this.#entering ??= new Map<RoomId, number>()).set(id, 1)
    void outcome.then((late) => {
      const asked = entering.get(id) ?? 1
      entering.delete(id)
      if (entering.size === 0) this.#entering = undefined
      for (let i = 0; i < asked; i += 1) this.#entered(id, late, i === 0)
      // It may have lost its line meanwhile, or changed it.
      const now = this.#rooms.get(id)
      const shown = typeof late === 'string' ? undefined : late.of(this.#owner.identity.id)
      if (now !== undefined && shown !== undefined && !isSame(shown, this.#memberIn(id, now))) this.#show(id, now)
    })
  }

  /** A former host came into the locked room as one: it stays a member, also with another session. */
  #keepPlace(id: RoomId): void {
    const { identity } = this.#owner
    const rules = this.#host.rooms.find(id)?.rules
    if (rules?.isLocked === true && rules.verdicts[identity.id] === undefined)
      void this.#host.rooms.rule(id, { type: 'verdict', peer: identity.id, verdict: 'admitted' })
  }

  /**
   * It gets a full snapshot: a lost member may have missed changes (S4).
   * @param isFirst whether it is the first answer to what was asked once, or several times before there was one.
   */
  #entered(id: RoomId, outcome: Room | NoSeat, isFirst = true): void {
    const { rooms, counters } = this.#host
    const { identity, session, sessionId } = this.#owner
    const membership = this.#rooms.get(id)
    if (session.state.status === 'ended' || membership === undefined)
      return rooms.leave(id, identity.id, sessionId, 'left')
    if (typeof outcome !== 'string') {
      if (isFirst) counters.joins += 1
      return this.#answer(outcome)
    }
    // A place that is kept stays so while what the nodes share cannot be reached.
    if (outcome !== 'busy' || rooms.find(id)?.kept.has(identity.id) !== true) this.#rooms.delete(id)
    if (outcome !== 'busy' && rooms.find(id)?.of(identity.id)?.session === sessionId)
      rooms.leave(id, identity.id, sessionId, 'left')
    this.#owner.refuse(refusals[outcome], id)
    if (outcome !== 'locked' || !this.#host.knocks.take(identity.address)) return
    const { name } = this.#memberIn(id, membership).info
    rooms.knock(id, encode({ type: 'knock', room: id, peer: { id: identity.id, name } }))
  }

  #answer({ id, title, members, rules, openings }: Room): void {
    const { identity, session } = this.#owner
    const peers: string[] = []
    for (const { info, infoJson } of members.values()) if (info.id !== identity.id) peers.push(infoJson)
    const isHost = members.get(identity.id)?.info.host === true
    const [isLocked, isUndecided] = [rules?.isLocked === true, openings.get(identity.id)?.host !== undefined]
    if (isUndecided) (this.#undecided ??= new Set()).add(id)
    else this.#undecided?.delete(id)
    session.send(encodeRoster({ room: id, title, isHost, isLocked, isUndecided }, peers))
  }

  /** What a token calls somebody counts, and whether it is a host, from the moment that it is taken. */
  #memberIn(id: RoomId, { name, host, isGranted }: Membership): LocalMember {
    const hasKey = host !== undefined && this.#host.rooms.find(id)?.rules?.host === host
    return this.#owner.memberAs(this.#owner.permit.name ?? name, isGranted || hasKey)
  }

  #show(id: RoomId, membership: Membership): void {
    const { rooms } = this.#host
    const { identity, sessionId } = this.#owner
    const member = this.#memberIn(id, membership)
    if (member.state === 'lost') return rooms.keep(id, member)
    const room = rooms.find(id)
    const before = room?.members.get(identity.id)
    rooms.update(id, member)
    if (room === undefined || before?.session !== sessionId) return
    const isDecided = this.#undecided?.has(id) === true && !room.openings.has(identity.id)
    // Others see it in the member; it hears of itself in a roster only.
    if (isDecided || before.info.host !== member.info.host) this.#answer(room)
  }
}

function isSame(one: Member, other: Member): boolean {
  return one.state === other.state && one.infoJson === other.infoJson
}
