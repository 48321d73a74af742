import type { PeerId, RemoveReason, RoomId, SessionId } from '@patchbay/protocol'
import {
  BEAT_MS,
  type Engine,
  LEASE_MS,
  type NodeId,
  type NoSeat,
  type Opening,
  outranks,
  type RoomDelta,
  type RoomRules,
  type RoomSnapshot,
  type RuleChange,
  type Seat,
} from '../engine/index.ts'
import type { Clock } from '../transport/index.ts'
import { giveUpLeftOvers, hasSteppedBack, putOneLater } from './left-overs.ts'
import { LocalMember, RemoteMember, seatOf } from './member.ts'
import { type KnownDelta, Replica } from './replica.ts'
import { Room } from './room.ts'
import { type Rooms, type RoomView, viewOf } from './rooms.ts'

/** What shared rooms need from their hub. */
interface SharedRoomsHost {
  readonly clock: Clock
  readonly engine: Engine
  /** Most members of one room. */
  readonly max: number
  /** How long a member is expected whose node is shutting down. */
  readonly moveMs: number
  /** Sends a relayed frame to a member on another node. @returns `false` when too much waits for that node. */
  pass(seat: Seat, frame: string): boolean
}

/** A change that came too early waits this long for those before it. */
const EARLY_MS = 500
/** Changes that may wait. */
const MAX_EARLY = 1_024

/** The rooms of a hub that shares them with others: small maps that follow the engine's, change by change. */
export class SharedRooms implements Rooms {
  readonly #host: SharedRoomsHost
  readonly #replicas = new Map<RoomId, Replica>()
  /** Rooms without a member here that are to be read: see `giveUpLeftOvers`. */
  readonly #looking = new Set<RoomId>()
  /** Nodes whose members were taken for lost. */
  readonly #dead = new Set<NodeId>()
  #stopAwayTimer: (() => void) | undefined

  constructor(host: SharedRoomsHost) {
    this.#host = host
  }

  get size(): number {
    return this.#replicas.size
  }

  find(id: RoomId): Room | undefined {
    return this.#replicas.get(id)?.room
  }

  async look(id: RoomId): Promise<RoomView | undefined | 'busy'> {
    const replica = this.#replicas.get(id)
    if (replica?.isReady === true) return viewOf(replica.room.title, replica.room.members.values())
    const snapshot = await this.#host.engine.read(id)
    if (snapshot === 'busy') return 'busy'
    // Nobody here waits for those who are lost, or on their way to another node.
    return viewOf(
      snapshot.title,
      snapshot.seats.filter(({ state }) => state === 'in'),
    )
  }

  async enter(id: RoomId, member: LocalMember, opening: Opening): Promise<Room | NoSeat> {
    const { engine, max } = this.#host
    const replica = this.#replicas.get(id) ?? new Replica(new Room(id, opening.title))
    this.#replicas.set(id, replica)
    replica.entering.add(member.session)
    const outcome = await engine.enter(id, seatOf(member), max, opening)
    if (typeof outcome === 'string') {
      replica.entering.delete(member.session)
      this.#forgetIfNotOurs(id, replica)
      return outcome
    }
    if (!replica.isReady) this.#install(replica, outcome)
    const { rules } = outcome
    if (rules !== undefined && replica.room.rules === undefined) this.#rule(replica, rules, false)
    const isHost = rules?.host !== undefined && rules.host === opening.host
    const taken = isHost ? member.asHost() : member
    replica.room.put(taken)
    // Soon after it has lost everything the engine asks for nobody's key.
    if (isHost && !outcome.seats.some(({ session, info }) => session === taken.session && info.host === true))
      engine.update(id, seatOf(taken), replica.room)
    if (outcome.isUndecided === true) {
      replica.room.openings.set(taken.info.id, opening)
      replica.isStale = true
    }
    // A host may have removed it while it was entered.
    if (replica.room.rules !== undefined) this.#rule(replica, replica.room.rules, false)
    replica.entering.delete(member.session)
    const { epoch, offset } = outcome
    this.#take(replica, { epoch, offset, type: 'put', seat: member })
    // Something was lost while it was entered.
    if (replica.isStale) this.#read(replica)
    this.#forgetIfNotOurs(id, replica)
    return replica.room
  }

  rule(id: RoomId, change: RuleChange): Promise<'done' | 'busy'> {
    return this.#host.engine.rule(id, change)
  }

  knock(id: RoomId, frame: string): void {
    const replica = this.#replicas.get(id)
    if (replica?.isReady === true) return replica.room.knock(frame)
    const host = this.#host
    void host.engine.read(id).then((snapshot) => {
      if (snapshot === 'busy') return
      for (const seat of snapshot.seats) if (seat.state === 'in' && seat.info.host === true) host.pass(seat, frame)
    })
  }

  update(id: RoomId, member: LocalMember): void {
    const room = this.find(id)
    if (room?.of(member.info.id)?.session !== member.session) return
    room.put(member)
    this.#host.engine.update(id, seatOf(member), room)
  }

  keep(id: RoomId, member: LocalMember): void {
    const room = this.find(id)
    if (room?.of(member.info.id)?.session !== member.session) return
    room.keep(member)
    this.#host.engine.update(id, seatOf(member), room)
  }

  leave(id: RoomId, peer: PeerId, session: SessionId, reason: RemoveReason | 'moving'): void {
    const { engine } = this.#host
    const replica = this.#replicas.get(id)
    const member = replica?.room.remove(peer, session, reason === 'moving' ? undefined : reason)
    if (replica === undefined) return
    // Another session has its place here, or it has never had one; in the engine it may have.
    if (member === undefined)
      engine.leave(id, { session, info: { id: peer } }, reason === 'moving' ? undefined : reason)
    else if (reason !== 'moving') engine.leave(id, member, member.state === 'lost' ? undefined : reason)
    else if (member.state === 'in') engine.update(id, { ...seatOf(member), state: 'moving' }, replica.room)
    else engine.leave(id, member)
    this.#forgetIfNotOurs(id, replica)
  }

  /** A change, of this node or of another. */
  change(id: RoomId, delta: RoomDelta): void {
    const { engine, clock } = this.#host
    const replica = this.#replicas.get(id)
    if (replica === undefined) return giveUpLeftOvers(engine, id, delta, this.#looking, () => this.#replicas.has(id))
    if (hasSteppedBack(replica, delta, engine.node)) putOneLater(replica, engine, clock)
    this.#take(replica, delta)
  }

  /** What is known of a room is read again: something was lost. */
  readAgain(): void {
    for (const replica of this.#replicas.values()) this.#read(replica)
  }

  /** Others may have taken this node's seats away. */
  putAgain(): void {
    for (const replica of this.#replicas.values()) {
      const { room } = replica
      for (const member of room.everyone())
        if (member instanceof LocalMember) this.#host.engine.update(room.id, seatOf(member), room)
      this.#read(replica)
    }
  }

  /** Whoever was on a node that is dead is lost, and may be in the engine again when the node turns out to live. */
  nodes(alive: ReadonlySet<NodeId>): void {
    for (const { room } of this.#replicas.values())
      for (const { info, node, session, state } of [...room.everyone()])
        if (!alive.has(node) && state !== 'moving') {
          this.#dead.add(node)
          room.remove(info.id, session, 'lost')
        }
    const returned = [...this.#dead].filter((node) => alive.has(node))
    for (const node of returned) this.#dead.delete(node)
    if (returned.length > 0) this.readAgain()
  }

  /** While the engine is away for long, nobody knows of those on other nodes: they are away. */
  health(state: 'up' | 'down'): void {
    this.#stopAwayTimer?.()
    if (state === 'down') return void (this.#stopAwayTimer = this.#host.clock.after(LEASE_MS, () => this.#showAway()))
    for (const replica of this.#replicas.values()) if (replica.isStale) this.#read(replica)
  }

  close(): void {
    this.#stopAwayTimer?.()
    for (const replica of this.#replicas.values()) replica.stop()
    this.#replicas.clear()
  }

  #showAway(): void {
    for (const replica of this.#replicas.values()) {
      replica.isStale = true
      for (const member of [...replica.room.members.values()])
        if (!(member instanceof LocalMember))
          this.#show(replica, { ...seatOf(member), info: { ...member.info, state: 'away' } })
    }
  }

  #take(replica: Replica, delta: RoomDelta): void {
    if (delta.type === 'unknown') return this.#read(replica)
    if (replica.isReady && delta.epoch !== replica.epoch) return this.#read(replica)
    if (replica.isReady && delta.offset <= replica.offset) return
    if (replica.early.size >= MAX_EARLY) return this.#read(replica)
    replica.early.set(delta.offset, delta)
    if (replica.isReady) this.#advance(replica)
  }

  #advance(replica: Replica): void {
    for (;;) {
      const next = replica.early.get(replica.offset + 1)
      if (next === undefined) break
      replica.early.delete(next.offset)
      replica.offset = next.offset
      this.#apply(replica, next)
    }
    replica.stopTimer?.()
    replica.stopTimer =
      replica.early.size === 0 ? undefined : this.#host.clock.after(EARLY_MS, () => this.#read(replica))
    this.#forgetIfNotOurs(replica.room.id, replica)
  }

  #apply(replica: Replica, delta: KnownDelta): void {
    const { engine } = this.#host
    const { room } = replica
    if (delta.type === 'put') {
      // This node's own changes were made when they were asked for.
      if (delta.seat.node === engine.node) return
      if (delta.rules !== undefined)
        this.#installRules(replica, { rules: delta.rules, seats: [] }, { isNewEpoch: false, isComplete: false })
      if (delta.isEntry === true && room.openings.size > 0) room.openings.set(delta.seat.info.id, {})
      return this.#show(replica, delta.seat)
    }
    if (delta.type === 'rules') return this.#rule(replica, delta.rules, true)
    const member = room.of(delta.peer)
    if (member?.session !== delta.session) return
    // Somebody has taken this node for dead.
    if (member instanceof LocalMember) return engine.update(room.id, seatOf(member), room)
    // Without a reason it was lost before; where that was not heard, it is told now.
    room.remove(delta.peer, delta.session, delta.reason ?? 'lost')
  }

  #rule({ room }: Replica, rules: RoomRules, isChange: boolean): void {
    const { engine } = this.#host
    // Other seats are given up by their own nodes; the node of this one is gone.
    for (const seat of room.setRules(rules, isChange)) if (seat.state === 'moving') engine.leave(room.id, seat, 'left')
  }

  /** Shows a seat of another node as it is. */
  #show(replica: Replica, seat: Seat): void {
    const { clock, engine, moveMs } = this.#host
    const { room } = replica
    // Its node has not heard yet that a host has removed it.
    if (room.rules?.verdicts[seat.info.id] === 'removed' && seat.info.host !== true) return
    const before = room.of(seat.info.id)
    if (before instanceof LocalMember) {
      // Whoever is here has the place of one who was lost.
      if (before.state === 'in' && seat.state !== 'in') return engine.update(room.id, seatOf(before), room)
      room.remove(before.info.id, before.session)
      before.replaced()
    }
    const info = seat.state === 'in' ? seat.info : ({ ...seat.info, state: 'away' } as const)
    const member = new RemoteMember({ ...seat, info }, (to, frame) => this.#host.pass(to, frame))
    if (seat.state === 'lost') return room.keep(member)
    room.put(member)
    replica.moving.get(seat.info.id)?.()
    replica.moving.delete(seat.info.id)
    if (seat.state !== 'moving') return
    const stopWaiting = clock.after(moveMs, () => {
      replica.moving.delete(seat.info.id)
      // It has not come to another node.
      if (room.of(seat.info.id) !== member) return
      room.remove(seat.info.id, seat.session, 'lost')
      engine.leave(room.id, seat, 'lost')
    })
    replica.moving.set(seat.info.id, stopWaiting)
  }

  #read(replica: Replica): void {
    replica.isStale = true
    if (replica.isReading || !replica.isReady) return
    replica.isReading = true
    const { engine } = this.#host
    let { offset } = replica
    const reading = engine.later(() => {
      replica.isStale = false
      offset = replica.offset
      return engine.read(replica.room.id)
    })
    void reading.then((snapshot) => {
      replica.isReading = false
      if (this.#replicas.get(replica.room.id) !== replica) return
      if (snapshot === 'busy') return this.#readLater(replica)
      const isOvertaken = snapshot.offset < replica.offset && replica.offset !== offset
      // A change has come while it was read, and is not in it. A store that has stepped back is behind without that.
      if (isOvertaken && snapshot.epoch === replica.epoch) replica.isStale = true
      else this.#install(replica, snapshot)
      // Something was lost while it was read.
      if (replica.isStale) this.#read(replica)
    })
  }

  #readLater(replica: Replica): void {
    replica.isStale = true
    replica.stopWait?.()
    replica.stopWait = this.#host.clock.after(BEAT_MS, () => this.#read(replica))
  }

  /** From now on the room is as in the snapshot. */
  #install(replica: Replica, snapshot: RoomSnapshot): void {
    const { engine, clock } = this.#host
    const { room } = replica
    const now = clock.now()
    // Forgotten and begun anew, and perhaps not everybody knows yet.
    const isNewEpoch = replica.isReady && snapshot.epoch !== replica.epoch
    if (isNewEpoch) replica.epochAt = now
    const isComplete = snapshot.isComplete && now - replica.epochAt >= LEASE_MS
    // It is called what the first one in has called it, not what the first one of this node did.
    room.title = snapshot.title ?? (replica.isReady ? room.title : undefined)
    replica.epoch = snapshot.epoch
    replica.offset = snapshot.offset
    this.#installRules(replica, snapshot, { isNewEpoch, isComplete })
    replica.isReady = true
    const listed = new Set<SessionId>()
    for (const seat of snapshot.seats) {
      listed.add(seat.session)
      // While it is not certain who lives, seats of the dead are among them: they stay lost until their node is back.
      if (seat.state !== 'moving' && this.#dead.has(seat.node)) continue
      if (seat.node !== engine.node) this.#show(replica, seat)
      else if (room.of(seat.info.id)?.session !== seat.session && !replica.entering.has(seat.session))
        engine.leave(room.id, seat)
    }
    for (const member of [...room.everyone()]) {
      if (listed.has(member.session)) continue
      if (member instanceof LocalMember) engine.update(room.id, seatOf(member), room)
      else if (isComplete) room.remove(member.info.id, member.session, 'lost')
    }
    for (const [offset, delta] of replica.early)
      if (offset <= snapshot.offset || delta.epoch !== snapshot.epoch) replica.early.delete(offset)
    this.#advance(replica)
    replica.stopWait?.()
    replica.stopWait = isComplete ? undefined : clock.after(LEASE_MS, () => this.#read(replica))
  }

  #installRules(
    replica: Replica,
    { rules: found, seats }: Pick<RoomSnapshot, 'rules' | 'seats'>,
    { isNewEpoch, isComplete }: { readonly isNewEpoch: boolean; readonly isComplete: boolean },
  ): void {
    const { engine } = this.#host
    const { room } = replica
    const { openings } = room
    if (found === undefined) {
      // The room has had the time to get back the rules that it had: it had none.
      const host = isComplete ? room.open(seats) : undefined
      if (host !== undefined) this.#settle(replica, engine.rule(room.id, { type: 'host', host }))
      return
    }
    // After the engine has lost the room, whoever came first may have made rules of its own; or only the last change is lost.
    const isBehind = room.rules?.host === found.host && found.revision < (room.rules?.revision ?? 0)
    const isForgotten = isNewEpoch || replica.isForgotten || isBehind
    if (isForgotten && room.rules !== undefined && outranks(room.rules, found)) {
      replica.isForgotten = true
      return this.#settle(replica, engine.restore(room.id, room.rules))
    }
    replica.isForgotten = false
    openings.clear()
    // Whoever followed the room before may be connected to somebody who was removed since.
    if (JSON.stringify(room.rules) !== JSON.stringify(found)) this.#rule(replica, found, replica.isReady)
  }

  /** Rules that the engine has lost, or could not make, are made: it is asked again until it has. */
  #settle(replica: Replica, made: Promise<'done' | 'busy'>): void {
    void made.then((outcome) => {
      if (this.#replicas.get(replica.room.id) !== replica) return
      if (outcome === 'busy') return this.#readLater(replica)
      replica.isForgotten = false
      this.#read(replica)
    })
  }

  /** A room is followed as long as a session of this node is in it. */
  #forgetIfNotOurs(id: RoomId, replica: Replica): void {
    if (replica.entering.size > 0 || replica.room.isOurs || this.#replicas.get(id) !== replica) return
    replica.stop()
    this.#replicas.delete(id)
  }
}
