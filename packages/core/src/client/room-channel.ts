import {
  type ClientMessage,
  encode,
  type ErrorCode,
  type PeerId,
  type PeerInfo,
  type RemoveReason,
  type ServerMessage,
} from '@patchbay/protocol'
import type { CleanEntry, Moderation, RoomEvent, RoomMembership, RosterState, Signal } from '../signaling/index.ts'
import { callEach, createStore, type Store } from '../store.ts'
import type { Clock } from '../transport/index.ts'
import { RoomModeration } from './room-moderation.ts'

/** Answers to a join. */
const refusals: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['room_full', 'too_many_rooms', 'forbidden', 'removed'])

type RoomMessage = Extract<ServerMessage, { room?: unknown }>

/** After a server restart, members that the server has not seen again are kept as `away` for this long. */
const SETTLE_MS = 10_000
/** A join that came too fast is sent again after this long. */
const JOIN_AGAIN_MS = 1_000
/** Whoever waits to be let in knocks again after this long. */
const KNOCK_AGAIN_MS = 2_000

/** One room of a signaling client, as the client sees it. What others get of it is the {@link RoomChannel}. */
export class ClientRoom {
  readonly channel: RoomChannel
  readonly moderation: RoomModeration
  readonly #entry: CleanEntry
  readonly #clock: Clock
  readonly #send: (frame: string) => void
  readonly #onLeft: () => void
  readonly #store = createStore<RosterState>({ status: 'joining' })
  readonly #peers = new Map<PeerId, PeerInfo>()
  readonly #unconfirmed = new Map<PeerId, () => void>()
  readonly #listeners = new Set<(event: RoomEvent) => void>()
  #cancelJoin: () => void = () => undefined
  #title: string | undefined
  /** The next snapshot is the first one from a restarted server. */
  #settling = false
  #stopSettling: (() => void) | undefined
  /** The server has said whether this client is a host. */
  #isKnown = false

  constructor(entry: CleanEntry, clock: Clock, send: (frame: string) => void, onLeft: () => void) {
    this.moderation = new RoomModeration(entry.room, clock, (message) => send(encode(message)))
    this.channel = new RoomChannel(this)
    this.#entry = entry
    this.#title = entry.title
    this.#clock = clock
    this.#send = send
    this.#onLeft = onLeft
  }

  get roster(): Store<RosterState> {
    return this.#store
  }

  onEvent(listener: (event: RoomEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  send(type: Signal['type'] | 'message', to: PeerId, body: string): void {
    this.#send(encode({ type, room: this.#entry.room, to, body } as ClientMessage))
  }

  leave(): void {
    if (this.#store.getSnapshot().status === 'left') return
    this.#send(encode({ type: 'leave', room: this.#entry.room }))
    // Before `dispose`, whose listeners may enter the room again at once.
    this.#onLeft()
    this.dispose()
  }

  /** Sends the join request. */
  join(): void {
    if (this.#isOver) return
    const { room, name, hostKey } = this.#entry
    // A client that is known not to be the host sends no key: after a restart of the server the former host gets the room, not the first to return.
    const key = this.#isKnown && !this.moderation.getSnapshot().isHost ? undefined : hostKey
    const optional = { ...(this.#title !== undefined && { title: this.#title }), ...(key && { hostKey: key }) }
    this.#send(encode({ type: 'join', room, name, ...optional }))
  }

  /**
   * Reports that the session is new and messages of the old one may be lost. `restarted`: the server is new
   * too, so the other members still have to reconnect to it.
   */
  discontinue({ restarted }: { readonly restarted: boolean }): void {
    this.#settle(restarted)
    this.moderation.discontinued()
    this.#emit({ type: 'discontinuity' })
  }

  /** Releases timers and sets `left`, without telling the server. */
  dispose(): void {
    for (const cancel of this.#unconfirmed.values()) cancel()
    this.#unconfirmed.clear()
    this.moderation.dispose()
    this.#cancelJoin()
    this.#settle(false)
    this.#store.set({ status: 'left' })
  }

  /** Handles a message from the server about this room. */
  receive(message: RoomMessage): void {
    if (this.#isOver) return
    const { type } = message
    // Until `peers` answers the join, other messages but errors belong to an earlier membership.
    if (type !== 'peers' && type !== 'error' && this.#store.getSnapshot().status !== 'joined') return
    switch (type) {
      case 'peers':
        this.#cancelJoin()
        this.moderation.entered(message, this.#settling ? [...this.#peers.keys()] : undefined)
        this.#isKnown = message.undecided !== true
        return this.#reconcile(message.title, message.peers)
      case 'lock':
        return this.moderation.locked(message.locked)
      case 'knock':
        return this.moderation.knocked(message.peer)
      case 'new_peer':
      case 'peer_update':
        return this.#meet(message.peer, true)
      case 'remove_peer':
        // One that was lost before may be connected still: a host has removed it since.
        if (message.reason === 'left' && !this.#peers.has(message.peer))
          return this.#emit({ type: 'peer_removed', id: message.peer, reason: 'left' })
        return this.#forget(message.peer, message.reason)
      case 'error':
        // The other codes concern a single signal, which the mesh resends by itself.
        if (refusals.has(message.code)) this.#refuse(message.code)
        if (message.code === 'room_locked') this.#wait()
        if (message.code === 'not_host') this.moderation.denied(message.to)
        if (message.code === 'too_fast' || message.code === 'busy') this.#tryLater(message.to)
        return
      case 'offer':
      case 'answer':
      case 'ice_candidate':
        return this.#emit({ type: 'signal', from: message.from, signal: { type: message.type, body: message.body } })
      case 'message':
        return this.#emit(message)
    }
  }

  /** Applies a full snapshot (S4). After a restart, missing members are kept for 10 s: they may reconnect after us. */
  #reconcile(title: string | undefined, snapshot: readonly PeerInfo[]): void {
    this.#title = title
    const listed = new Set(snapshot.map((peer) => peer.id))
    for (const [id, peer] of this.#peers) {
      if (listed.has(id) || this.#unconfirmed.has(id)) continue
      if (!this.#settling) {
        this.#forget(id, 'lost')
        continue
      }
      this.#unconfirmed.set(
        id,
        this.#clock.after(SETTLE_MS, () => this.#forget(id, 'lost')),
      )
      this.#update({ ...peer, state: 'away' })
    }
    this.#settle(false)
    for (const peer of snapshot) this.#meet(peer, false)
    this.#publish()
  }

  #settle(isExpected: boolean): void {
    this.#settling = isExpected
    this.#stopSettling?.()
    this.#stopSettling = undefined
  }

  /** Left, or removed: a server that has forgotten that lets nobody in who has not asked again. */
  get #isOver(): boolean {
    const state = this.#store.getSnapshot()
    return state.status === 'left' || (state.status === 'refused' && state.code === 'removed')
  }

  #wait(): void {
    this.#joinLater(KNOCK_AGAIN_MS)
    // Whoever was in the room before a restart of the server goes on with those who are connected until the others are back.
    if (this.#settling) {
      this.#stopSettling ??= this.#clock.after(SETTLE_MS, () => (this.#settling = false))
      return
    }
    if (this.#store.getSnapshot().status === 'waiting') return
    for (const id of [...this.#peers.keys()]) this.#forget(id, 'lost')
    this.#show({ status: 'waiting' })
  }

  /** The server could not do something: give a place in the room, or what a host has asked of it. It does not say which. */
  #tryLater(to: PeerId | undefined): void {
    if (to === undefined) this.#joinLater(JOIN_AGAIN_MS)
    this.moderation.refused(to)
  }

  #joinLater(ms: number): void {
    this.#cancelJoin()
    this.#cancelJoin = this.#clock.after(ms, () => this.join())
  }

  #refuse(code: ErrorCode): void {
    this.#cancelJoin()
    const reason = code === 'removed' ? 'left' : 'lost'
    for (const id of [...this.#peers.keys()]) this.#forget(id, reason)
    this.#show({ status: 'refused', code })
  }

  #meet(peer: PeerInfo, newcomer: boolean): void {
    this.#unconfirmed.get(peer.id)?.()
    this.#unconfirmed.delete(peer.id)
    this.moderation.forget(peer.id)
    if (peer.host === true) this.#isKnown = true
    if (this.#peers.get(peer.id)?.instance === peer.instance) return this.#update(peer)
    this.#forget(peer.id, 'left')
    this.#peers.set(peer.id, peer)
    this.#publish()
    this.#emit({ type: 'peer_joined', peer, newcomer })
  }

  #update(peer: PeerInfo): void {
    this.#peers.set(peer.id, peer)
    this.#publish()
    this.#emit({ type: 'peer_updated', peer })
  }

  #forget(id: PeerId, reason: RemoveReason): void {
    this.#unconfirmed.get(id)?.()
    this.#unconfirmed.delete(id)
    if (!this.#peers.delete(id)) return
    this.#publish()
    this.#emit({ type: 'peer_removed', id, reason })
  }

  #publish(): void {
    this.#show({ status: 'joined', title: this.#title, peers: [...this.#peers.values()] })
  }

  /** Whoever is told of an event may leave the room at once: it stays left. */
  #show(state: RosterState): void {
    if (this.#store.getSnapshot().status !== 'left') this.#store.set(state)
  }

  #emit(event: RoomEvent): void {
    if (this.#store.getSnapshot().status === 'left') return
    callEach(this.#listeners, (listener) => listener(event))
  }
}

/** One room of a signaling client: its roster, its events, and sending to its members. */
export class RoomChannel implements RoomMembership {
  readonly #room: ClientRoom

  /** What a host can do. */
  readonly moderation: Moderation

  /** Made by `SignalingClient.enter`. */
  constructor(room: ClientRoom) {
    this.#room = room
    this.moderation = room.moderation
  }

  readonly getSnapshot = (): RosterState => this.#room.roster.getSnapshot()
  readonly subscribe = (listener: () => void): (() => void) => this.#room.roster.subscribe(listener)

  /** Subscribes to all events, in order. @returns a function that unsubscribes. */
  onEvent(listener: (event: RoomEvent) => void): () => void {
    return this.#room.onEvent(listener)
  }

  /**
   * Sends a signal to one member; while the line is down it is kept and sent later.
   * @throws {ProtocolError} `too_big` when it cannot fit a frame.
   */
  send(to: PeerId, signal: Signal): void {
    this.#room.send(signal.type, to, signal.body)
  }

  /**
   * Sends a message of your own to one member, for programs that use signaling without a mesh. The server passes it on
   * unread; it arrives as the event `message`.
   * @throws {ProtocolError} `too_big` when it cannot fit a frame.
   */
  message(to: PeerId, body: string): void {
    this.#room.send('message', to, body)
  }

  /** Leaves the room; the other members see it at once. */
  leave(): void {
    this.#room.leave()
  }
}
