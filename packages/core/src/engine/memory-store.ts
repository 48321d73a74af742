import { type PeerId, randomToken, type RoomId, type SessionId } from '@patchbay/protocol'
import { type Clock, systemClock } from '../transport/index.ts'
import { asHost, type NodeId, type Opening, type RoomHead, RULES_MS, type Seat } from './engine.ts'
import type { Beat, Change, EngineStore, Entry, Post, StoredSnapshot } from './engine-store.ts'
import { passDoor, type RoomRules } from './room-rules.ts'

interface StoredRoom {
  /** Made with the room. */
  readonly epoch: string
  offset: number
  readonly title: string | undefined
  rules: RoomRules | undefined
  readonly seats: Map<PeerId, Seat>
  /** When a seat was last taken, changed or given up. */
  changedAt: number
  /** When it is forgotten if nobody is in it by then but those who are moving. */
  until: number
}

/** A store in memory, for several nodes in one process. */
export class MemoryStore {
  readonly #clock: Clock
  #epoch = randomToken(22)
  readonly #leases = new Map<NodeId, number>()
  /** Until when each node that has a lease, or had one, counts as one that had it lately. */
  readonly #lately = new Map<NodeId, number>()
  readonly #homes = new Map<PeerId, NodeId>()
  readonly #rooms = new Map<RoomId, StoredRoom>()
  readonly #inboxes = new Map<NodeId, (post: Post) => void>()

  constructor(clock: Clock = systemClock) {
    this.#clock = clock
  }

  /** Peers that have a home. */
  get homes(): number {
    return this.#homes.size
  }

  /** The seats of all rooms, those of nodes included that are dead. */
  get seats(): Seat[] {
    return [...this.#rooms.values()].flatMap(({ seats }) => [...seats.values()])
  }

  /** Forgets everything, as a store does that starts again without a disk. */
  restart(): void {
    this.#epoch = randomToken(22)
    for (const map of [this.#leases, this.#lately, this.#homes, this.#rooms, this.#inboxes]) map.clear()
  }

  /** The store as one node sees it. */
  connect(): EngineStore {
    let own: NodeId | undefined
    return {
      beat: async (node, leaseMs) => this.#beat(node, leaseMs),
      end: async (node) => void this.#leases.delete(node),
      claim: async (peer, node, from) => this.#claim(peer, node, from),
      release: async (peer, node) => void (this.#homes.get(peer) === node && this.#homes.delete(peer)),
      enter: async (room, seat, max, opening) => this.#enter(room, seat, max, opening),
      put: async (room, seat, head) => this.#put(room, seat, head),
      rule: async (room, before, after) => this.#rule(room, before, after),
      remove: async (room, peer, session, rulesMs) => this.#remove(room, peer, session, rulesMs),
      read: async (room) => this.#snapshot(room),
      post: async (node, post) => queueMicrotask(() => this.#inboxes.get(node)?.(post)),
      listen: async (node, take) => {
        own = node
        this.#inboxes.set(node, take)
      },
      close: async () => void (own !== undefined && this.#inboxes.delete(own)),
    }
  }

  #beat(node: NodeId, leaseMs: number): Beat {
    const now = this.#clock.now()
    const wasAbsent = (this.#leases.get(node) ?? -1) < now
    this.#leases.set(node, now + leaseMs)
    this.#lately.set(node, now + leaseMs + RULES_MS)
    for (const nodes of [this.#leases, this.#lately])
      for (const [other, until] of nodes) if (until < now) nodes.delete(other)
    for (const [id, { seats, until }] of this.#rooms)
      if (until < now && [...seats.values()].every(({ state }) => state === 'moving')) this.#rooms.delete(id)
    const [alive, lately] = [[...this.#leases.keys()], [...this.#lately.keys()]]
    return { epoch: this.#epoch, alive, lately, wasAbsent, losses: 0 }
  }

  #claim(peer: PeerId, node: NodeId, from: NodeId | undefined): NodeId {
    const home = this.#homes.get(peer)
    if (home !== undefined && home !== from) return home
    this.#homes.set(peer, node)
    return node
  }

  #enter(id: RoomId, seat: Seat, max: number, { title, ...shown }: Opening): Entry {
    const room = this.#rooms.get(id)
    const hasSeat = room?.seats.has(seat.info.id) === true
    const others = (room?.seats.size ?? 0) - (hasSeat ? 1 : 0)
    const now = this.#clock.now()
    const quietMs = now - (room?.changedAt ?? now)
    const passed = passDoor({ rules: room?.rules, hasSeat, others, max }, seat.info, shown)
    if ('refused' in passed) return { snapshot: this.#snapshot(id), quietMs, refused: passed.refused }
    const taken = passed.isHost ? asHost(seat) : seat
    const change = this.#set(id, taken, { title, rules: passed.rules })
    return { snapshot: this.#snapshot(id), quietMs, change, seat: taken }
  }

  #put(id: RoomId, seat: Seat, head: RoomHead): Change | undefined {
    const before = this.#rooms.get(id)?.seats.get(seat.info.id)
    const isFree =
      before === undefined || before.session === seat.session || (before.state !== 'in' && seat.state === 'in')
    return isFree ? this.#set(id, seat, head) : undefined
  }

  #set(id: RoomId, seat: Seat, { title, rules }: RoomHead): Change {
    const known = this.#rooms.get(id)
    // Whoever was in the room has to learn that its seats are lost.
    const isNew = known === undefined || known.seats.size === 0
    const head = { title: known?.title ?? title, rules: known?.rules ?? rules }
    const room = isNew ? { epoch: randomToken(8), offset: 0, ...head, seats: new Map(), changedAt: 0, until: 0 } : known
    this.#rooms.set(id, room)
    const isRuled = known?.rules === undefined && rules !== undefined
    room.rules ??= rules
    const before = room.seats.get(seat.info.id)
    room.seats.set(seat.info.id, seat)
    room.changedAt = this.#clock.now()
    room.until = room.changedAt + RULES_MS
    return { ...this.#changed(room, before), isRuled }
  }

  #rule(id: RoomId, before: RoomRules | undefined, after: RoomRules): Change | undefined {
    const room = this.#rooms.get(id)
    if (room === undefined || room.seats.size === 0) return undefined
    if (JSON.stringify(room.rules) !== JSON.stringify(before)) return undefined
    room.rules = after
    return this.#changed(room, undefined)
  }

  #remove(id: RoomId, peer: PeerId, session: SessionId, rulesMs: number): Change | undefined {
    const room = this.#rooms.get(id)
    const before = room?.seats.get(peer)
    if (room === undefined || before?.session !== session) return undefined
    room.seats.delete(peer)
    room.changedAt = this.#clock.now()
    room.until = room.changedAt + (room.seats.size === 0 ? rulesMs : RULES_MS)
    if (room.seats.size === 0 && rulesMs === 0) this.#rooms.delete(id)
    return this.#changed(room, before)
  }

  #changed(room: StoredRoom, before: Seat | undefined): Change {
    room.offset += 1
    const nodes = new Set([...room.seats.values()].map(({ node }) => node))
    if (before !== undefined) nodes.add(before.node)
    return { epoch: room.epoch, offset: room.offset, nodes: [...nodes] }
  }

  #snapshot(id: RoomId): StoredSnapshot {
    const room = this.#rooms.get(id)
    const { title, rules } = room ?? {}
    const seats = [...(room?.seats.values() ?? [])]
    return {
      epoch: room?.epoch ?? '',
      offset: room?.offset ?? 0,
      ...(title !== undefined && { title }),
      ...(rules !== undefined && { rules }),
      seats,
      nodes: [...new Set(seats.map(({ node }) => node))],
    }
  }
}
