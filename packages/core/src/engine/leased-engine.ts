import { type PeerId, randomToken, type RemoveReason, type RoomId } from '@patchbay/protocol'
import { type Clock, systemClock } from '../transport/index.ts'
import { Acts, homeKey, keyOf } from './acts.ts'
import { DeadSeats } from './dead-seats.ts'
import {
  BEAT_MS,
  checkNodeId,
  type Engine,
  type EngineHandlers,
  type EngineStats,
  LEASE_MS,
  type NodeId,
  type NoSeat,
  type Opening,
  type RoomHead,
  type RoomSnapshot,
  RULES_MS,
  type Seat,
  type SeatRef,
} from './engine.ts'
import type { Change, EngineStore, Post, StoredSnapshot } from './engine-store.ts'
import { Mail } from './mail.ts'
import { NodeView } from './node-view.ts'
import { rewriteRules } from './rewrite-rules.ts'
import { outranks, type RoomRules, type RuleChange, withChange } from './room-rules.ts'
import { put, type Told } from './told.ts'
import { within } from './within.ts'

/** An act on the store that takes longer has failed, as far as anybody can tell. */
const ACT_MS = 2_000
/** Between two tries to reach a store that is away. */
const RETRY_MS = 250

/** Options of {@link createEngine}. */
export interface EngineOptions {
  readonly store: EngineStore
  readonly clock?: Clock
  /**
   * By default a fresh one. Two nodes must never have the same, not even one after the other: a process that starts again
   * needs another.
   */
  readonly node?: NodeId
  /** Told when the store can be reached, and when it cannot: once for each reason until it can be reached again. */
  readonly onHealth?: (health: EngineHealth) => void
}

/** Whether the store can be reached, and why not. */
export type EngineHealth = { readonly state: 'up' } | { readonly state: 'down'; readonly reason: Error }

/**
 * Builds an engine on a store: leases, the view of the other nodes, numbered changes, and acts that outlive an outage.
 * @throws {TypeError} for a `node` that cannot be the name of one.
 */
export function createEngine(options: EngineOptions): Engine {
  const { store, clock = systemClock, node = randomToken(6), onHealth = () => {} } = options
  checkNodeId(node)
  return new LeasedEngine(store, clock, node, onHealth)
}

class LeasedEngine implements Engine {
  readonly node: NodeId
  readonly #store: EngineStore
  readonly #clock: Clock
  readonly #mail: Mail
  readonly #onHealth: (health: EngineHealth) => void
  /** Messages of what has been said to be wrong since the store was up. */
  readonly #reasons = new Set<string>()
  #on: EngineHandlers | undefined
  #isUp = false
  #epoch = ''
  #losses = 0
  #roundTripMs = 0
  #beatAt = -Infinity
  /** When the store was found to have lost everything. */
  #emptyAt = -Infinity
  /** What was sent to this node may be lost, and the owner was not told yet. */
  #isVoid = false
  readonly #nodes: NodeView
  readonly #dead: DeadSeats
  readonly #acts: Acts
  #stopTimer: (() => void) | undefined
  #isClosed = false
  #started: (() => void) | undefined

  constructor(store: EngineStore, clock: Clock, node: NodeId, onHealth: (health: EngineHealth) => void) {
    this.node = node
    this.#store = store
    this.#clock = clock
    this.#onHealth = onHealth
    this.#acts = new Acts(clock, () => this.#isUp)
    this.#mail = new Mail(node, {
      post: (to, post) => this.#act(() => store.post(to, post)),
      frame: (from, frame) => this.#on?.frame(from, frame),
      room: (room, delta) => this.#on?.room(room, delta),
      gap: (from) => this.#on?.gap(from),
      hello: (from) => this.#nodes.came(from),
      bye: (from) => this.#nodes.went(from),
    })
    this.#nodes = new NodeView(clock, (now) => {
      for (const one of this.#mail.partners) if (!now.has(one)) this.#mail.drop(one)
      this.#mail.catchUp(now)
      this.#on?.nodes(now)
    })
    this.#dead = new DeadSeats(this.#nodes, () => this.#look())
  }

  get stats(): EngineStats {
    return {
      isUp: this.#isUp,
      roundTripMs: this.#roundTripMs,
      nodes: this.#nodes.alive.size,
      dropped: this.#mail.dropped,
    }
  }

  start(on: EngineHandlers): Promise<void> {
    this.#on = on
    return new Promise((resolve) => {
      this.#started = resolve
      void this.#beat()
    })
  }

  send(node: NodeId, frame: string): void {
    this.#mail.frame(node, frame)
  }

  isBackedUp(node: NodeId): boolean {
    return this.#mail.isBackedUp(node)
  }

  async claim(peer: PeerId, from?: NodeId): Promise<NodeId | undefined> {
    if (!this.#isUp) return undefined
    this.#acts.forget(homeKey(peer))
    try {
      const home = await this.#act(() => this.#store.claim(peer, this.node, from))
      if (home === this.node || this.#nodes.alive.has(home)) return home
      await this.#look()
      return this.#nodes.isLost(home) ? await this.#act(() => this.#store.claim(peer, this.node, home)) : home
    } catch {
      return undefined
    }
  }

  release(peer: PeerId): void {
    this.#acts.ensure(homeKey(peer), () => this.#store.release(peer, this.node))
  }

  async enter(room: RoomId, seat: Seat, max: number, opening: Opening = {}): Promise<RoomSnapshot | NoSeat> {
    if (!this.#isUp) return 'busy'
    const remember = this.#acts.forget(keyOf(room, seat))
    let hasBegun = false
    try {
      return await this.#acts.inTime(room, ACT_MS, async () => {
        hasBegun = true
        // Soon after the store has lost everything a room may have a host that is not in it yet.
        const isLost = this.#clock.now() - this.#emptyAt < LEASE_MS
        const ask = () =>
          this.#act(() => this.#store.enter(room, seat, max, isLost ? { title: opening.title } : opening))
        let entry = await ask()
        const { dead, isOver } = await this.#dead.before(entry, seat.session)
        const rulesMs = isOver ? 0 : RULES_MS
        for (const one of dead) await this.#remove(room, one, { reason: 'lost', rulesMs })
        if (isOver && !('refused' in entry)) await this.#remove(room, seat, { rulesMs })
        if (isOver || ('refused' in entry && entry.refused === 'full' && dead.length > 0)) entry = await ask()
        if ('refused' in entry) return entry.refused
        this.#publish(
          room,
          entry.change,
          { ...put(entry.seat, entry.change, entry.snapshot.rules), isEntry: true },
          false,
        )
        return this.#complete(entry.snapshot, dead, isLost)
      })
    } catch {
      // It may have been done nevertheless.
      if (hasBegun) this.leave(room, seat)
      else remember()
      return 'busy'
    }
  }

  update(room: RoomId, seat: Seat, head: RoomHead = {}): void {
    this.#acts.ensure(keyOf(room, seat), () =>
      this.#acts.turn(room, async () => {
        const change = await this.#act(() => this.#store.put(room, seat, head))
        if (change !== undefined) this.#publish(room, change, put(seat, change, head.rules))
      }),
    )
  }

  rule(room: RoomId, change: RuleChange): Promise<'done' | 'busy'> {
    return this.#setRules(room, (snapshot) =>
      withChange(snapshot.rules, change, () => snapshot.seats.map(({ info }) => info.id)),
    )
  }

  restore(room: RoomId, rules: RoomRules): Promise<'done' | 'busy'> {
    return this.#setRules(room, ({ rules: found }) => (found === undefined || outranks(rules, found) ? rules : found))
  }

  leave(room: RoomId, seat: SeatRef, reason?: RemoveReason): void {
    let isFirst = true
    this.#acts.ensure(keyOf(room, seat), () =>
      this.#acts.turn(room, async () => {
        const isAgain = !isFirst
        isFirst = false
        await this.#remove(room, seat, { ...(reason !== undefined && { reason }), isAgain })
      }),
    )
  }

  async read(room: RoomId): Promise<RoomSnapshot | 'busy'> {
    if (!this.#isUp) return 'busy'
    try {
      return await this.#acts.inTime(room, ACT_MS, async () => {
        const snapshot = await this.#act(() => this.#store.read(room))
        return this.#complete(snapshot, await this.#dead.of(snapshot))
      })
    } catch {
      return 'busy'
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#stopTimer?.()
    // By then the others give this node up whatever it does.
    await within(this.#clock, LEASE_MS, () => this.#takeLeave()).catch(() => undefined)
    await this.#store.close().catch(() => undefined)
  }

  later<T>(act: () => Promise<T>): Promise<T> {
    return this.#acts.later(act)
  }

  async #takeLeave(): Promise<void> {
    await this.#acts.settled()
    for (const one of this.#nodes.told) this.#mail.bye(one)
    this.#mail.catchUp(this.#nodes.told)
    await this.#mail.settled()
    await this.#act(() => this.#store.end(this.node))
  }

  async #beat(): Promise<void> {
    const begun = this.#clock.now()
    try {
      await this.#look()
      await this.#probe()
      this.#mail.catchUp(this.#nodes.told)
      this.#up()
    } catch (error) {
      this.#down(error instanceof Error ? error : new Error(String(error)))
    }
    if (this.#isClosed) return
    const wait = Math.max(0, (this.#isUp ? BEAT_MS : RETRY_MS) - (this.#clock.now() - begun))
    this.#stopTimer = this.#clock.after(wait, () => void this.#beat())
  }

  async #setRules(room: RoomId, next: (snapshot: StoredSnapshot) => RoomRules): Promise<'done' | 'busy'> {
    if (!this.#isUp) return 'busy'
    const doubt = () => this.#doubt(room)
    try {
      return await this.#acts.inTime(room, ACT_MS, async () => {
        const made = await rewriteRules(room, { store: this.#store, act: (act) => this.#act(act), next, doubt })
        if (made === undefined) return 'busy'
        const { rules, change } = made
        if (change !== undefined) this.#publish(room, change, { type: 'rules', rules })
        return 'done'
      })
    } catch {
      return 'busy'
    }
  }

  /** Renews the lease, and learns who else has one. */
  async #look(): Promise<void> {
    const isFirst = this.#epoch === ''
    // Whoever sees the lease may write to this node.
    if (isFirst) await this.#listen()
    const asked = this.#clock.now()
    const { epoch, alive, lately, wasAbsent, losses } = await this.#act(() => this.#store.beat(this.node, LEASE_MS))
    if (this.#isClosed) return
    const now = this.#clock.now()
    this.#roundTripMs = now - asked
    const isNew = epoch !== this.#epoch
    // A beat that came late may have renewed the lease after others had seen its end.
    const wasLate = now - this.#beatAt > LEASE_MS
    // The others were away too, perhaps, or everything is forgotten, or the store's clock has ended all leases.
    if (isNew || wasLate || wasAbsent) this.#nodes.doubt(LEASE_MS)
    if (isNew && !isFirst) this.#emptyAt = now
    this.#epoch = epoch
    this.#beatAt = now
    this.#isVoid ||= !isFirst && (isNew || wasAbsent || wasLate || losses !== this.#losses)
    this.#losses = losses
    // They need not wait for their own next beat to know of this node.
    if (isFirst || this.#isVoid) for (const one of alive) this.#mail.hello(one)
    if (this.#isVoid) {
      await this.#listen()
      this.#isVoid = false
      this.#on?.reset()
    }
    this.#nodes.see(alive, lately)
  }

  /** Sends itself something: an inbox that is open and silent would go unnoticed. @throws when nothing has come of late. */
  async #probe(): Promise<void> {
    const { isDeaf } = this.#mail
    if (isDeaf) {
      await this.#listen()
      this.#on?.reset()
    }
    const { probe } = this.#mail
    await this.#act(() => this.#store.post(this.node, probe))
    if (isDeaf) throw new Error('Nothing comes from the inbox.')
  }

  async #listen(): Promise<void> {
    await this.#act(() => this.#store.listen(this.node, (post: Post) => this.#mail.take(post)))
    this.#mail.forget()
  }

  #complete(snapshot: StoredSnapshot, dead: readonly Seat[], isUnasked = false): RoomSnapshot {
    const { epoch, offset, title, rules } = snapshot
    return {
      epoch,
      offset,
      ...(title !== undefined && { title }),
      ...(rules !== undefined && { rules }),
      isComplete: this.#nodes.isCertain,
      isUndecided: isUnasked && rules === undefined,
      // Whoever follows the room already does not ask: then no seat is decoded.
      get seats() {
        return dead.length === 0 ? snapshot.seats : snapshot.seats.filter((seat) => !dead.includes(seat))
      },
    }
  }

  #up(): void {
    if (this.#isClosed) return
    if (!this.#isUp) {
      this.#isUp = true
      this.#reasons.clear()
      this.#onHealth({ state: 'up' })
      this.#on?.health('up')
      this.#started?.()
    }
    // Single acts may have failed while everything else went on.
    this.#acts.retry()
  }

  #down(reason: Error): void {
    if (this.#isClosed) return
    if (!this.#reasons.has(reason.message)) {
      this.#reasons.add(reason.message)
      this.#onHealth({ state: 'down', reason })
    }
    if (!this.#isUp) return
    this.#isUp = false
    this.#on?.health('down')
  }

  async #remove(room: RoomId, { session, info }: SeatRef, { reason, rulesMs = 0, isAgain = false }: Removal) {
    const removal = { type: 'remove', peer: info.id, session, ...(reason !== undefined && { reason }) } as const
    const change = await this.#act(() => this.#store.remove(room, info.id, session, rulesMs))
    if (change !== undefined) return this.#publish(room, change, removal)
    if (isAgain) this.#doubt(room)
  }

  /** Something may have been done of which nobody was told: everybody reads the room. */
  #doubt(room: RoomId): void {
    this.#publish(room, { epoch: '', offset: 0, nodes: [...this.#nodes.told] }, { type: 'unknown' })
  }

  #publish(room: RoomId, { epoch, offset, nodes }: Change, what: Told, here = true): void {
    const delta = { epoch, offset, ...what }
    // One that has no seat may still follow a room of that name that the store has lost.
    const heard = offset === 1 ? new Set([...nodes, ...this.#nodes.told]) : nodes
    for (const node of heard)
      if (this.#nodes.told.has(node)) this.#mail.room(node, room, delta)
      else if (node !== this.node) this.#mail.leaveOut(node)
    if (here) this.#on?.room(room, delta)
  }

  /** @throws when the store refuses, or takes too long. */
  #act<T>(act: () => Promise<T>): Promise<T> {
    return within(this.#clock, ACT_MS, act)
  }
}

/** How a seat is given up. */
interface Removal {
  readonly reason?: RemoveReason
  /** How long the rules of the room are kept if it was the last seat, in milliseconds. */
  readonly rulesMs?: number
  /** It was tried before, and may have been done then. */
  readonly isAgain?: boolean
}
