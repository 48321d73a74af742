import { MAX_FEATURE_NAME, MAX_FEATURES, type PeerId, type PeerInfo } from '@patchbay/protocol'
import type { SignalSeal } from '../seal/index.ts'
import {
  cleanEntry,
  InvalidFieldError,
  type RoomEntry,
  type RoomEvent,
  type RoomMembership,
  type RoomSignaling,
  type Signal,
} from '../signaling/index.ts'
import { createStore, type Store } from '../store.ts'
import { type Clock, systemClock } from '../transport/index.ts'
import type { AppChannel, ChannelOptions } from './channels/app-channel.ts'
import { AppChannels } from './channels/app-channels.ts'
import type { Departure } from './chat/chat-log.ts'
import { RoomChat } from './chat/room-chat.ts'
import { Connections } from './connections.ts'
import { Detour } from './detour.ts'
import type { Feature } from './feature.ts'
import type { LinkEvent } from './link-state.ts'
import type { LimitMedia } from './media/media-budget.ts'
import { RoomMedia } from './media/room-media.ts'
import { type Member, type PeerView, SEALED_NAME } from './member.ts'
import { isPolite, type NegotiationEvent } from './negotiation.ts'
import { type CreatePeerConnection, type LinkOptions, type LinkRole, PeerLink } from './peer-link.ts'
import { SafetyCodes } from './safety-codes.ts'
import { SignalPort } from './signal-port.ts'
import { SignalingNews } from './signaling-news.ts'
import { Strangers } from './strangers.ts'

/** Options of a mesh. */
export interface MeshOptions {
  /** Says who is in the room and carries the first signals: a `SignalingClient`, or any other. */
  readonly signaling: RoomSignaling
  readonly entry: RoomEntry
  readonly createPeerConnection: CreatePeerConnection
  /** Further features, for example a `FileShare`. */
  readonly features?: readonly Feature[]
  readonly clock?: Clock
  /** Seals signals and names with the room's key; signals from members without the key are rejected. */
  readonly seal?: SignalSeal | undefined
  /** Limits the media sent to each peer: `limitMedia`. Without it the platform decides. */
  readonly limitMedia?: LimitMedia
  /** Hides this page's addresses from everyone: everything goes through a TURN server. */
  readonly relayOnly?: boolean | undefined
}

/** A peer removed by the server as lost is shown until its own channel was silent for this long (S9). */
const LOST_SILENCE_MS = 4_000
/** After that it is hidden, and its connection kept until it was silent for this long, the resume window. */
const PARKED_MS = 120_000

/**
 * Joins a room and keeps one direct connection to every other member. Signaling announces who joins and leaves;
 * established connections do not depend on it (S7). What members do with each other is in the features.
 */
export class Mesh implements Store<readonly PeerView[]> {
  readonly chat: RoomChat
  readonly media: RoomMedia
  readonly safety: SafetyCodes = new SafetyCodes()
  /** The room as reported by signaling. */
  readonly membership: RoomMembership
  readonly #signaling: RoomSignaling
  readonly #isSealed: boolean
  readonly #clock: Clock
  readonly #linkOptions: LinkOptions
  readonly #channels = new AppChannels()
  readonly #detour = new Detour((from, signal) =>
    this.#receive(from, signal, (link, opened) => link.receiveRelayed(opened), false),
  )
  readonly #news: SignalingNews
  readonly #port: SignalPort
  readonly #members = new Map<PeerId, Member>()
  readonly #strangers = new Strangers()
  readonly #store = createStore<readonly PeerView[]>([])
  readonly #stop: () => void
  #stopSweep: (() => void) | undefined
  #connections = 0
  #online = false
  #closed = false

  /** @throws {InvalidFieldError} when room or name of the entry, or the features cannot be used. */
  constructor(options: MeshOptions) {
    const { signaling, seal, relayOnly = false, clock = systemClock } = options
    const entry = cleanEntry(options.entry)
    this.#signaling = signaling
    this.#isSealed = seal !== undefined
    this.#clock = clock
    this.#port = new SignalPort(seal)
    this.chat = new RoomChat({
      clock,
      name: entry.name,
      nameOf: (id) => this.#members.get(id)?.info.name ?? SEALED_NAME,
    })
    this.#news = new SignalingNews(clock, () => signaling.retryNow?.())
    this.media = new RoomMedia(clock, options.limitMedia)
    const own = [this.chat, this.media, this.safety, this.#channels, this.#detour, this.#news]
    const features: readonly Feature[] = [...own, ...(options.features ?? [])]
    const named = features.every(({ name }) => name.length > 0 && name.length <= MAX_FEATURE_NAME)
    if (!named || features.length > MAX_FEATURES)
      throw new InvalidFieldError(
        'features',
        `at most ${MAX_FEATURES}, each with a name of 1 to ${MAX_FEATURE_NAME} characters`,
      )
    this.membership = signaling.enter(seal === undefined ? entry : { ...entry, name: SEALED_NAME })
    const { createPeerConnection } = options
    const connections = new Connections({ createPeerConnection, iceServers: signaling.iceServers, relayOnly })
    this.#linkOptions = {
      clock,
      features,
      connect: () => connections.take(),
      renegotiate: signaling.capabilities.renegotiate,
    }
    const stops = [
      this.membership.onEvent((event) => this.#on(event)),
      signaling.subscribe(() => this.#signalingChanged()),
      signaling.iceServers.subscribe(() => this.#eachLink((link) => link.configure(connections.configuration))),
    ]
    this.#stop = () => [...stops, () => connections.close()].forEach((stop) => stop())
  }

  readonly getSnapshot = (): readonly PeerView[] => this.#store.getSnapshot()
  readonly subscribe = (listener: () => void): (() => void) => this.#store.subscribe(listener)

  /**
   * Opens a channel for the application's own data: `T` is what goes over it, `R` what requests are answered with.
   * @throws {InvalidFieldError} for a name outside 1 to 64 of `[A-Za-z0-9_.:-]`.
   */
  channel<T, R = unknown>(name: string, options: ChannelOptions<T> = {}): AppChannel<T, R> {
    return this.#channels.open(name, options)
  }

  /** The platform's connection to a peer, for statistics. */
  connectionTo(peer: PeerId): RTCPeerConnection | undefined {
    return this.#members.get(peer)?.link.connection
  }

  /** The network has changed: restarts ICE on every connection at once, by any signaling path that is left. */
  networkChanged(): void {
    this.#eachLink((link) => link.networkChanged())
  }

  /** Leaves the room: says goodbye to everyone and closes every connection. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#stop()
    this.#stopSweep?.()
    this.membership.leave()
    this.#eachLink((link) => link.close('bye'))
    this.#members.clear()
    this.#strangers.clear()
    this.#store.set([])
  }

  #eachLink(act: (link: PeerLink) => void): void {
    for (const { link } of [...this.#members.values()]) act(link)
  }

  #signalingChanged(): void {
    const { status } = this.#signaling.getSnapshot()
    // Signaling that is closed for good has lost its session, so its calls end too.
    if (status === 'closed') return this.close()
    const isBack = status === 'online' && !this.#online
    this.#online = status === 'online'
    // An offer made while there was no line may have been made without a network, so without usable addresses.
    if (!isBack) return
    this.#eachLink((link) => link.state.phase === 'healing' && link.recover())
    this.#news.tell()
  }

  #on(event: RoomEvent): void {
    switch (event.type) {
      case 'peer_joined':
        return this.#meet(event.peer, event.newcomer)
      case 'peer_updated':
        return this.#update(event.peer)
      case 'peer_removed':
        return event.reason === 'left' ? this.#leave(event.id) : this.#unlist(event.id)
      case 'signal':
        return this.#receive(event.from, event.signal, (link, signal) => link.receiveSignal(signal))
      case 'discontinuity':
        return this.#eachLink((link) => link.recover())
      case 'message':
        return
    }
  }

  #onLink(link: PeerLink, event: LinkEvent): void {
    switch (event.type) {
      case 'changed':
        return this.#publish()
      case 'signal':
        return this.#port.out(event.signal, link.peer, (sealed) => this.#route(link, sealed))
      case 'left':
      case 'cut':
      case 'lost':
        return this.#drop(link, event.type)
      case 'replace':
        return this.#replace(link, event.offersFirst, event.first)
      case 'hand_over': {
        const current = this.#members.get(link.peer.id)?.link
        return current === link ? undefined : current?.takeOver(event.event)
      }
    }
  }

  /** A member with the same instance is listed again: its connection is kept, with no new offer. */
  #meet(listed: PeerInfo, newcomer: boolean): void {
    const peer = this.#named(listed)
    const known = this.#members.get(peer.id)
    if (known?.info.instance === peer.instance) return this.#update(listed)
    // The newcomer makes the first offer, which shows whether it has the key.
    const isProven = known !== undefined && !known.unannounced
    if (newcomer && this.#isSealed && !isProven) {
      if (known !== undefined) this.#drop(known.link, 'left')
      return this.#strangers.add(peer)
    }
    this.#strangers.remove(peer.id)
    known?.link.close('silently')
    this.#connect(peer, { offersFirst: !newcomer, newestRemote: 0 })
    if (newcomer && !this.#isSealed) this.chat.note('joined', peer.name)
    else this.#change(peer.id, { unannounced: newcomer })
  }

  #connect(peer: PeerInfo, role: Pick<LinkRole, 'offersFirst' | 'newestRemote'>): PeerLink {
    const before = this.#members.get(peer.id)
    const { refused = 0, unannounced = false } = (before?.info.instance === peer.instance ? before : undefined) ?? {}
    const polite = isPolite(this.#signaling.self ?? '', peer.id)
    const connection = (this.#connections += 1)
    const link = new PeerLink(peer, { ...role, polite, connection }, this.#linkOptions, (from, event) =>
      this.#onLink(from, event),
    )
    this.#members.set(peer.id, { link, info: peer, refused, unannounced, listed: true, parked: false })
    this.#publish()
    return link
  }

  /** Without a key the name comes from the server; with one it comes from the member's sealed signals, if any yet. */
  #named(listed: PeerInfo): PeerInfo {
    if (!this.#isSealed) return listed
    const known = this.#members.get(listed.id)?.info
    return { ...listed, name: known?.instance === listed.instance ? known.name : SEALED_NAME }
  }

  #update(info: PeerInfo): void {
    const entry = this.#members.get(info.id)
    if (entry === undefined) return void this.#strangers.update(this.#named(info))
    const cameBack = !entry.listed || (entry.info.state === 'away' && info.state === 'here')
    if (entry.parked) this.chat.note('back', entry.info.name)
    this.#change(info.id, { info: this.#named(info), listed: true, parked: false })
    if (cameBack) entry.link.recover()
    this.#publish()
  }

  #leave(id: PeerId): void {
    const entry = this.#members.get(id)
    if (entry !== undefined) return this.#drop(entry.link, 'left')
    if (this.#strangers.remove(id)) this.#publish()
  }

  #unlist(id: PeerId): void {
    this.#strangers.remove(id)
    this.#change(id, { listed: false })
    this.#publish()
    this.#sweep()
  }

  /** Checks unlisted members: parks those that are silent too, and finally drops them. */
  #sweep(): void {
    this.#stopSweep?.()
    const unlisted = [...this.#members.values()].filter(({ listed }) => !listed)
    for (const { link, info, parked } of unlisted) {
      const silent = link.silentMs > LOST_SILENCE_MS
      if (link.state.phase === 'connecting' || link.silentMs > PARKED_MS) this.#drop(link, 'lost')
      else if (parked !== silent) this.#park(info, silent)
    }
    if (unlisted.length > 0) this.#stopSweep = this.#clock.after(500, () => this.#sweep())
  }

  #park(info: PeerInfo, parked: boolean): void {
    this.#change(info.id, { parked })
    this.chat.note(parked ? 'lost' : 'back', info.name)
    this.#publish()
  }

  #drop(link: PeerLink, kind: Departure): void {
    link.close('silently')
    const entry = this.#members.get(link.peer.id)
    if (entry?.link !== link) return
    this.#members.delete(link.peer.id)
    for (const feature of this.#linkOptions.features) feature.forget?.(link.peer.id)
    if (!entry.parked && !entry.unannounced) this.chat.note(kind, entry.info.name)
    this.#publish()
  }

  #replace(link: PeerLink, offersFirst: boolean, first: NegotiationEvent | undefined): void {
    const member = this.#members.get(link.peer.id)
    if (member?.link !== link || this.#closed) return
    if (!member.listed) return this.#drop(link, 'lost')
    link.close('silently')
    const next = this.#connect(member.info, { offersFirst, newestRemote: link.newestRemote })
    if (first !== undefined) next.takeOver(first)
  }

  #change(id: PeerId, change: Partial<Member>): void {
    const entry = this.#members.get(id)
    if (entry !== undefined) this.#members.set(id, { ...entry, ...change })
  }

  /** Unseals a signal and passes it to the sender's link. @param tell whether to count and show a rejected one. */
  #receive(from: PeerId, sealed: Signal, take: (link: PeerLink, signal: Signal) => void, tell = true): void {
    const sender = this.#members.get(from)?.info ?? this.#strangers.find(from)
    if (sender === undefined) return
    this.#port.in(sealed, sender, (opened) => {
      if (this.#strangers.find(from)?.instance === sender.instance) this.#prove(sender, opened !== undefined)
      // The signal is from that instance, which may have been replaced meanwhile.
      const entry = this.#members.get(from)
      if (entry === undefined || entry.info.instance !== sender.instance) return
      if (opened === undefined) {
        if (!tell) return
        this.#change(from, { refused: entry.refused + 1 })
        return this.#publish()
      }
      if (opened.name !== entry.info.name) this.#introduce(entry, opened.name)
      take(entry.link, opened.signal)
    })
  }

  /** A stranger has sent its first authentic signal, or another one that is not. */
  #prove(stranger: PeerInfo, isAuthentic: boolean): void {
    if (isAuthentic) {
      this.#strangers.remove(stranger.id)
      this.#connect(stranger, { offersFirst: false, newestRemote: 0 })
      this.#change(stranger.id, { unannounced: true })
    } else {
      this.#strangers.refuse(stranger.id)
      this.#publish()
    }
  }

  #introduce(entry: Member, name: string): void {
    const info = { ...entry.info, name }
    this.#change(info.id, { info, unannounced: false })
    if (entry.unannounced) this.chat.note('joined', info.name)
    this.#publish()
  }

  /** Sends over the signaling line; if either end has no line, a healing connection uses a third member instead. */
  #route(link: PeerLink, signal: Signal): void {
    if (this.#closed) return
    const { id } = link.peer
    const member = this.#members.get(id)
    const isServed = this.#signaling.getSnapshot().status === 'online' && member?.listed === true
    if (!(isServed && member.info.state === 'here') && link.state.phase === 'healing') {
      if (this.#detour.send(id, signal, link.state.attempt)) return
    }
    this.membership.send(id, signal)
  }

  #publish(): void {
    const members = [...this.#members.values()].filter(({ parked }) => !parked)
    const views = members.map(({ link, info, listed, refused }) => ({
      info,
      listed,
      refused,
      link: link.state,
      path: link.path,
      ...this.media.of(info.id),
      safetyCode: this.safety.codeOf(info.id),
    }))
    this.#store.set([...views, ...this.#strangers.views()])
  }
}
