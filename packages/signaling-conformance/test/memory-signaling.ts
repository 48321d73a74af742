import type {
  RoomEvent,
  RoomMembership,
  RoomSignaling,
  RosterState,
  Signal,
  SignalingStatus,
} from '@patchbay/core/signaling'
import { createStore } from '@patchbay/core/store'
import {
  createInstanceId,
  fullCapabilities,
  type PeerId,
  type PeerInfo,
  randomToken,
  type RemoveReason,
} from '@patchbay/protocol'
import type { RigClient } from '../src/index.ts'

/** What a broken variant may do differently. */
export interface Defects {
  readonly event?: (event: RoomEvent, seat: Seat) => RoomEvent[]
  readonly signal?: (signal: Signal, to: Seat, all: readonly Seat[]) => [Seat, Signal][]
  readonly self?: () => PeerId
  /** `self` is not known for this long, in milliseconds. */
  readonly lateSelfMs?: number
  readonly afterLeave?: boolean
  /** Whoever enters again hears what was for the membership before. */
  readonly hearsFormer?: boolean
  readonly crash?: RemoveReason | 'never'
  readonly cut?:
    | 'silently'
    | 'for good'
    | 'as another'
    | 'as one that left'
    | 'renamed'
    | 'misses newcomers'
    | 'keeps ghosts'
  /** Offers are under way for longer than other signals. */
  readonly slowOffers?: boolean
  readonly oneRoom?: boolean
  readonly throws?: boolean
  readonly forgetsToClose?: boolean
}

/** One member of a room. */
export interface Seat {
  info: PeerInfo
  readonly room: string
  events: (event: RoomEvent) => void
}

/** Rooms in this process. */
export class MemoryBus {
  readonly defects: Defects
  readonly seats: Seat[] = []

  constructor(defects: Defects) {
    this.defects = defects
  }

  in(room: string): Seat[] {
    return this.seats.filter((seat) => this.defects.oneRoom === true || seat.room === room)
  }

  tell(seat: Seat, event: RoomEvent): void {
    for (const one of this.defects.event?.(event, seat) ?? [event]) seat.events(one)
  }

  add(seat: Seat): void {
    const others = this.in(seat.room)
    this.seats.push(seat)
    for (const other of others) {
      this.tell(seat, { type: 'peer_joined', peer: other.info, newcomer: false })
      this.tell(other, { type: 'peer_joined', peer: seat.info, newcomer: true })
    }
  }

  remove(seat: Seat, reason: RemoveReason): void {
    const at = this.seats.indexOf(seat)
    if (at < 0) return
    this.seats.splice(at, 1)
    for (const other of this.in(seat.room)) this.tell(other, { type: 'peer_removed', id: seat.info.id, reason })
  }
}

/** A client of the bus. */
export function connect(bus: MemoryBus): RigClient {
  const { defects } = bus
  let self = defects.self?.() ?? (randomToken(22) as PeerId)
  const knownAt = performance.now() + (defects.lateSelfMs ?? 0)
  const status = createStore<{ readonly status: SignalingStatus }>({ status: 'online' })
  const instance = createInstanceId()
  const memberships: { readonly seat: Seat; readonly leave: () => void }[] = []
  let isCut = false
  const missed = defects.cut === 'misses newcomers' ? 'peer_joined' : defects.cut === 'keeps ghosts' && 'peer_removed'
  const signaling: RoomSignaling = {
    ...status,
    get self() {
      return performance.now() < knownAt ? undefined : self
    },
    instance,
    capabilities: fullCapabilities,
    iceServers: createStore([]),
    enter({ room, name }) {
      const listeners = new Set<(event: RoomEvent) => void>()
      const roster = createStore<RosterState>({ status: 'joining' })
      const isOpen = () => roster.getSnapshot().status === 'joined'
      const seat: Seat = {
        info: { id: self, instance, name, line: 'memory', state: 'here', capabilities: fullCapabilities },
        room,
        events: (event) => {
          if (isOpen() && !(isCut && event.type === missed)) for (const listener of listeners) listener(event)
        },
      }
      const membership: RoomMembership = {
        ...roster,
        onEvent(listener) {
          listeners.add(listener)
          return () => listeners.delete(listener)
        },
        send(to, signal) {
          const receiver = bus.in(room).find(({ info }) => info.id === to && to !== self)
          if (receiver === undefined && defects.throws === true) throw new Error('nobody')
          const sent = receiver && (defects.signal?.(signal, receiver, bus.seats) ?? [[receiver, signal] as const])
          for (const [at, what] of sent ?? []) {
            const tell = () => bus.tell(at, { type: 'signal', from: self, signal: what })
            if (defects.slowOffers === true && what.type === 'offer') setTimeout(tell, 5)
            else tell()
          }
        },
        leave() {
          if (defects.hearsFormer === true) queueMicrotask(() => bus.remove(seat, 'left'))
          else bus.remove(seat, 'left')
          if (defects.afterLeave === true) bus.seats.push(seat)
          else roster.set({ status: 'left' })
        },
      }
      queueMicrotask(() => {
        roster.set({ status: 'joined', title: undefined, peers: [] })
        bus.add(seat)
      })
      const former = defects.hearsFormer === true ? memberships.at(-1)?.seat : undefined
      if (former !== undefined) {
        const { events } = seat
        const told = new Set<PeerId>()
        former.events = (event) => {
          if (event.type === 'peer_joined') told.add(event.peer.id)
          for (const listener of listeners) listener(event)
        }
        seat.events = (event) => {
          if (event.type !== 'peer_joined' || !told.has(event.peer.id)) events(event)
        }
      }
      memberships.push({ seat, leave: () => membership.leave() })
      return membership
    },
  }
  return {
    signaling,
    cut() {
      if (defects.cut === 'silently') return
      status.set({ status: 'reconnecting' })
      isCut = true
      if (defects.cut === 'for good') return
      setTimeout(() => {
        const changes = {
          'as another': () => ({ instance: createInstanceId() }),
          'as one that left': () => ({}),
          renamed: () => ({ id: (self = randomToken(22) as PeerId) }),
        }
        if (defects.cut !== undefined && defects.cut in changes) {
          const change = changes[defects.cut as keyof typeof changes]()
          for (const { seat } of memberships) {
            bus.remove(seat, defects.cut === 'as one that left' ? 'left' : 'lost')
            seat.info = { ...seat.info, ...change }
            bus.add(seat)
          }
        }
        isCut = false
        status.set({ status: 'online' })
      }, 50)
    },
    crash() {
      const reason = defects.crash ?? 'lost'
      if (reason !== 'never') for (const { seat } of memberships) bus.remove(seat, reason)
    },
    close() {
      for (const { leave } of memberships) leave()
      if (defects.forgetsToClose !== true) status.set({ status: 'closed' })
    },
  }
}
