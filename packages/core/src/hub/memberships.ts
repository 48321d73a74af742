import {
  type ClientMessage,
  encodeRoster,
  type ErrorCode,
  type PeerId,
  type RemoveReason,
  type RoomId,
  type SessionId,
} from '@patchbay/protocol'
import type { Session } from '../session/index.ts'
import { TokenBucket } from '../token-bucket.ts'
import type { Clock } from '../transport/index.ts'
import type { HubCounters } from './hub-counters.ts'
import type { HubLimits } from './hub-limits.ts'
import type { LocalMember } from './member.ts'
import type { Permit } from './permit.ts'
import type { Room } from './room.ts'
import type { NoEntry, Rooms } from './rooms.ts'

/** What the rooms of a session need from its hub. */
export interface MembershipHost {
  readonly clock: Clock
  readonly limits: HubLimits
  readonly rooms: Rooms
  readonly counters: HubCounters
}

/** Whose memberships these are. */
export interface MembershipOwner {
  readonly identity: { readonly id: PeerId }
  readonly sessionId: SessionId
  readonly session: Session<ClientMessage>
  readonly permit: Permit
  /** @returns the seat that it takes now, under that name. */
  memberAs(name: string): LocalMember
  /** Refuses one request. */
  refuse(code: ErrorCode, room: RoomId): void
}

interface Membership {
  readonly name: string
  readonly title: string | undefined
}

/**
 * The rooms that one session has joined. They are kept after it was removed as lost, so that it enters them again when it
 * comes back.
 */
export class Memberships {
  readonly #host: MembershipHost
  readonly #owner: MembershipOwner
  readonly #rooms = new Map<RoomId, Membership>()
  readonly #joins: TokenBucket
  /** Rooms that it asks to enter, and how many answers it expects. */
  readonly #entering = new Map<RoomId, number>()
  /** Rooms whose changes were not told while too much waited. */
  readonly #stale = new Set<RoomId>()

  constructor(host: MembershipHost, owner: MembershipOwner) {
    this.#host = host
    this.#owner = owner
    this.#joins = new TokenBucket(host.limits.joins, host.clock.now())
  }

  get size(): number {
    return this.#rooms.size
  }

  /** S5: joining a room again changes nothing and gets the same answer. */
  join(id: RoomId, membership: Membership): void {
    const { limits, rooms, clock } = this.#host
    const { identity, sessionId, permit } = this.#owner
    const room = rooms.find(id)
    if (room?.members.get(identity.id)?.session === sessionId) return this.#answer(room)
    const asked = this.#entering.get(id)
    if (!permit.allows(id)) return this.#owner.refuse('forbidden', id)
    if (this.#rooms.size >= limits.roomsPerSession && !this.#rooms.has(id))
      return this.#owner.refuse('too_many_rooms', id)
    if (asked !== undefined) {
      // It may have left meanwhile.
      this.#rooms.set(id, membership)
      return void this.#entering.set(id, asked + 1)
    }
    if (!this.#joins.tryTake(1, clock.now())) return this.#owner.refuse('too_fast', id)
    this.#rooms.set(id, membership)
    this.#enter(id, membership)
  }

  /** @param reason sent to the others. */
  leave(id: RoomId, reason: RemoveReason | 'moving'): void {
    this.#rooms.delete(id)
    this.#host.rooms.leave(id, this.#owner.identity.id, this.#owner.sessionId, reason)
  }

  leaveAll(reason: RemoveReason | 'moving'): void {
    for (const room of this.#rooms.keys()) this.leave(room, reason)
  }

  /** Leaves the rooms that are no longer allowed. */
  leaveForbidden(): void {
    for (const room of this.#rooms.keys()) {
      if (this.#owner.permit.allows(room)) continue
      this.leave(room, 'left')
      this.#owner.refuse('forbidden', room)
    }
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
    if (this.#owner.session.isBackedUp) this.#stale.add(room)
    else this.#owner.session.send(frame)
  }

  /** Sends the rosters that changed while too much waited, once that has been taken. */
  refresh(): void {
    const { identity, session } = this.#owner
    if (this.#stale.size === 0 || session.isBackedUp || session.state.status === 'ended') return
    for (const id of this.#stale) {
      const room = this.#host.rooms.find(id)
      if (room?.members.has(identity.id) === true) this.#answer(room)
    }
    this.#stale.clear()
  }

  #enter(id: RoomId, membership: Membership): void {
    const member = this.#memberIn(membership)
    const outcome = this.#host.rooms.enter(id, member, membership.title)
    if (!(outcome instanceof Promise)) return this.#entered(id, outcome)
    this.#entering.set(id, 1)
    void outcome.then((late) => {
      const asked = this.#entering.get(id) ?? 1
      this.#entering.delete(id)
      for (let i = 0; i < asked; i += 1) this.#entered(id, late)
      // It may have lost its line meanwhile, or changed it.
      const now = this.#rooms.get(id)
      if (now !== undefined && typeof late !== 'string' && !isSame(member, this.#memberIn(now))) this.#show(id, now)
    })
  }

  /** It gets a full snapshot: a lost member may have missed changes (S4). */
  #entered(id: RoomId, outcome: Room | NoEntry): void {
    const { rooms, counters } = this.#host
    const { identity, session, sessionId } = this.#owner
    if (session.state.status === 'ended' || !this.#rooms.has(id)) return rooms.leave(id, identity.id, sessionId, 'left')
    if (typeof outcome !== 'string') {
      counters.joins += 1
      return this.#answer(outcome)
    }
    // A place that is kept stays so while what the nodes share cannot be reached.
    if (outcome === 'full' || rooms.find(id)?.kept.has(identity.id) !== true) this.#rooms.delete(id)
    this.#owner.refuse(outcome === 'full' ? 'room_full' : 'busy', id)
  }

  #answer({ id, title, members }: Room): void {
    const { identity, session } = this.#owner
    const peers: string[] = []
    for (const { info, infoJson } of members.values()) if (info.id !== identity.id) peers.push(infoJson)
    session.send(encodeRoster(id, title, peers))
  }

  /** What a token calls somebody counts, from the moment that it is taken. */
  #memberIn({ name }: Membership): LocalMember {
    return this.#owner.memberAs(this.#owner.permit.name ?? name)
  }

  #show(id: RoomId, membership: Membership): void {
    const { rooms } = this.#host
    const member = this.#memberIn(membership)
    if (member.state === 'lost') rooms.keep(id, member)
    else rooms.update(id, member)
  }
}

function isSame(one: LocalMember, other: LocalMember): boolean {
  return one.state === other.state && one.infoJson === other.infoJson
}
