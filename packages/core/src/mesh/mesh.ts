import type { PeerId, PeerInfo } from '@patchbay/protocol'
import { cleanEntry, type RoomEvent, type RoomMembership, type RoomSignaling, type Signal } from '../signaling/index.ts'
import { createStore, type Store } from '../store.ts'
import { systemClock } from '../transport/index.ts'
import type { AppChannel, ChannelOptions } from './channels/app-channel.ts'
import { AppChannels } from './channels/app-channels.ts'
import type { Departure } from './chat/chat-log.ts'
import { RoomChat } from './chat/room-chat.ts'
import { Connections } from './connections.ts'
import { Detour } from './detour.ts'
import { checkFeatures, forgetMember, OWN_FEATURES, type OwnFeatures } from './feature.ts'
import { Flag } from './flag.ts'
import { isTryingAgain, type LinkEvent } from './link-state.ts'
import { RoomMedia } from './media/room-media.ts'
import { isReached, type Meeting, type Member, type PeerView, SEALED_NAME, takesRelayed, viewOf } from './member.ts'
import type { MeshOptions } from './mesh-options.ts'
import { isPolite } from './negotiation.ts'
import { Parking } from './parking.ts'
import { PeerBudgets } from './peer-budgets.ts'
import { type LinkOptions, PeerLink } from './peer-link.ts'
import { SafetyCodes } from './safety-codes.ts'
import { SignalPort } from './signal-port.ts'
import { SignalingNews } from './signaling-news.ts'
import { Strangers } from './strangers.ts'

/**
 * Joins a room and keeps one direct connection to every other member. Signaling announces who joins and leaves;
 * established connections do not depend on it (S7). What members do with each other is in the features.
 */
export class Mesh implements Store<readonly PeerView[]> {
  readonly chat: RoomChat
  readonly media: RoomMedia
  readonly safety: SafetyCodes = new SafetyCodes()
  readonly hands: Flag
  /** The room as reported by signaling. */
  readonly membership: RoomMembership
  readonly #signaling: RoomSignaling
  readonly #linkOptions: LinkOptions
  readonly #channels = new AppChannels()
  readonly #detour = new Detour((from, signal) => this.#receiveRelayed(from, signal))
  readonly #news: SignalingNews
  readonly #port: SignalPort
  readonly #members = new Map<PeerId, Member>()
  readonly #strangers: Strangers
  readonly #parking: Parking
  readonly #store = createStore<readonly PeerView[]>([])
  readonly #stop: () => void
  #connections = 0
  #online = false
  #closed = false

  /** @throws {InvalidFieldError} when room or name of the entry, or the features cannot be used. */
  constructor(options: MeshOptions) {
    const { signaling, seal, relayOnly = false, clock = systemClock } = options
    const entry = cleanEntry(options.entry)
    this.#signaling = signaling
    this.#port = new SignalPort(seal)
    this.#parking = new Parking(clock, {
      unlisted: () => [...this.#members.values()].filter(({ listed }) => !listed),
      park: ({ info }, parked) => this.#park(info, parked),
      lose: ({ link }) => this.#drop(link, 'lost'),
    })
    const nameOf = (id: PeerId) => this.#members.get(id)?.info.name ?? SEALED_NAME
    this.chat = new RoomChat({ clock, name: entry.name, nameOf })
    this.#strangers = new Strangers(this.chat)
    this.hands = new Flag('hand', clock)
    this.#news = new SignalingNews(clock, () => signaling.retryNow?.())
    this.media = new RoomMedia(clock, options.limitMedia)
    const own: OwnFeatures = [this.chat, this.media, this.safety, this.hands, this.#channels, this.#detour, this.#news]
    const features = [...own, ...checkFeatures(options.features ?? [], OWN_FEATURES)]
    this.membership = signaling.enter(seal === undefined ? entry : { ...entry, name: SEALED_NAME })
    this.chat.follow(this.membership)
    const connections = new Connections({ ...options, iceServers: signaling.iceServers, relayOnly })
    const shared = { clock, features, budgets: new PeerBudgets(), connect: () => connections.take() }
    this.#linkOptions = { ...shared, renegotiate: signaling.capabilities.renegotiate }
    const stops = [
      this.membership.onEvent((event) => this.#on(event)),
      signaling.subscribe(() => this.#signalingChanged()),
      signaling.iceServers.subscribe(() => this.#eachLink(({ connection }) => connections.configure(connection))),
      () => connections.close(),
    ]
    this.#stop = () => stops.forEach((stop) => stop())
    this.#signalingChanged()
  }

  readonly getSnapshot = (): readonly PeerView[] => this.#store.getSnapshot()
  readonly subscribe = (listener: () => void): (() => void) => this.#store.subscribe(listener)

  /**
   * Opens a channel for the application's own data: `T` is what goes over it, `R` what requests are answered with.
   * @throws {InvalidFieldError} for a name outside 1 to 64 of `[A-Za-z0-9_.:-]`.
   */
  channel<T, R = unknown>(name: string, options: ChannelOptions<T> = {}): AppChannel<T, R> {
    return this.#channels.open(name, options, () => this.#closed)
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
    this.#parking.stop()
    this.membership.leave()
    this.#eachLink((link) => link.close('bye'))
    this.#eachLink(({ peer }) => forgetMember(this.#linkOptions.features, peer.id))
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
    const wasOnline = this.#online
    this.#online = status === 'online'
    if (wasOnline || !this.#online) return
    // Further attempts without a line have sent nothing, and an offer made without a network has no usable addresses.
    this.#eachLink((link) => isTryingAgain(link.state) && link.recover())
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
        return this.#receive(event.from, event.signal)
      case 'discontinuity':
        return this.#eachLink((link) => link.recover())
      case 'message':
        return
    }
  }

  readonly #onLink = (link: PeerLink, event: LinkEvent): void => {
    switch (event.type) {
      case 'changed':
        return this.#publish()
      case 'signal':
        return this.#port.out(event.signal, link.peer, (sealed) => this.#route(link, sealed))
      case 'left':
      case 'cut':
        return this.#drop(link, event.type)
      case 'lost':
      case 'replace':
        return this.#replace(link, event)
      case 'hand_over': {
        const current = this.#members.get(link.peer.id)?.link
        if (current !== link) current?.takeOver(event.event)
      }
    }
  }

  /** A member with the same instance is listed again: its connection is kept, with no new offer. */
  #meet(listed: PeerInfo, newcomer: boolean, offersFirst = !newcomer): void {
    const peer = this.#named(listed)
    const known = this.#members.get(peer.id)
    if (known?.info.instance === peer.instance) return this.#update(listed)
    // The newcomer makes the first offer, which shows whether it has the key.
    const isProven = known !== undefined && !known.unannounced
    if (!offersFirst && this.#port.isSealed && !isProven) {
      if (known !== undefined) this.#drop(known.link, 'left')
      return this.#strangers.add(peer)
    }
    known?.link.close('silently')
    const unannounced = newcomer && this.#port.isSealed
    if (newcomer && !unannounced) this.chat.note('joined', peer.name)
    this.#connect(peer, { offersFirst, unannounced })
  }

  #connect(info: PeerInfo, { offersFirst, unannounced, newestRemote = 0 }: Meeting): PeerLink | undefined {
    // A listener may have left the room a moment ago, when the former link ended.
    if (this.#closed) return undefined
    this.#strangers.remove(info.id)
    const before = this.#members.get(info.id)
    const refused = before?.info.instance === info.instance ? before.refused : 0
    const polite = isPolite(this.#signaling.self ?? '', info.id)
    const role = { polite, offersFirst, newestRemote, connection: (this.#connections += 1) }
    const link = new PeerLink(info, role, this.#linkOptions, this.#onLink)
    this.#members.set(info.id, { link, info, refused, unannounced, listed: true, parked: false })
    link.start()
    this.#publish()
    return link
  }

  /** Without a key the name comes from the server; with one it comes from the member's sealed signals, if any yet. */
  #named(listed: PeerInfo): PeerInfo {
    if (!this.#port.isSealed) return listed
    const known = this.#members.get(listed.id)?.info
    return { ...listed, name: known?.instance === listed.instance ? known.name : SEALED_NAME }
  }

  #update(info: PeerInfo): void {
    const entry = this.#members.get(info.id)
    // Neither member nor stranger: it said goodbye itself, and entered again while signaling told of neither. It may not offer.
    const isBack = info.state === 'here' && this.#strangers.find(info.id) === undefined
    if (entry === undefined) return isBack ? this.#meet(info, true, true) : this.#strangers.update(this.#named(info))
    const cameBack = !entry.listed || (entry.info.state === 'away' && info.state === 'here')
    if (entry.parked) this.chat.note('back', entry.info.name)
    this.#change(info.id, { info: this.#named(info), listed: true, parked: false })
    if (cameBack) entry.link.recover()
    this.#publish()
  }

  #leave(id: PeerId): void {
    const entry = this.#members.get(id)
    if (entry === undefined) this.#unlist(id)
    else this.#drop(entry.link, 'left')
  }

  #unlist(id: PeerId): void {
    this.#strangers.leave(id)
    this.#change(id, { listed: false })
    this.#publish()
    this.#parking.sweep()
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
    forgetMember(this.#linkOptions.features, link.peer.id)
    if (!entry.parked && !entry.unannounced) this.chat.note(kind, entry.info.name)
    this.#publish()
  }

  #replace(link: PeerLink, { type, offersFirst, first }: Extract<LinkEvent, { offersFirst: boolean }>): void {
    const member = this.#members.get(link.peer.id)
    if (member?.link !== link || this.#closed) return
    if (type === 'lost' || !member.listed) this.#drop(link, 'lost')
    if (!member.listed) return
    link.close('silently')
    const next = this.#connect(member.info, { ...member, offersFirst, newestRemote: link.newestRemote })
    if (first !== undefined) next?.takeOver(first)
  }

  #change(id: PeerId, change: Partial<Member>): void {
    const entry = this.#members.get(id)
    if (entry !== undefined) this.#members.set(id, { ...entry, ...change })
  }

  /** A third member has relayed a signal: it can only heal a connection that is there, and says nothing else of its sender. */
  #receiveRelayed(from: PeerId, sealed: Signal): void {
    const member = this.#members.get(from)
    if (member !== undefined && takesRelayed(member, this.#signaling))
      this.#port.in(sealed, member.info, (opened) => opened && member.link.receiveRelayed(opened.signal), true)
  }

  /** Unseals a signal and passes it to the sender's link. */
  #receive(from: PeerId, sealed: Signal): void {
    const sender = this.#members.get(from)?.info ?? this.#strangers.find(from)
    if (sender === undefined) return
    this.#port.in(sealed, sender, (opened) => {
      if (this.#strangers.find(from)?.instance === sender.instance) this.#prove(sender, opened !== undefined)
      // The signal is from that instance, which may have been replaced meanwhile.
      const entry = this.#members.get(from)
      if (entry === undefined || entry.info.instance !== sender.instance) return
      if (opened === undefined) {
        this.#change(from, { refused: entry.refused + 1 })
        return this.#publish()
      }
      if (opened.name !== entry.info.name) this.#introduce(entry, opened.name)
      entry.link.receiveSignal(opened.signal)
    })
  }

  /** A stranger has sent its first authentic signal, or another one that is not. */
  #prove(stranger: PeerInfo, isAuthentic: boolean): void {
    if (isAuthentic) this.#connect(stranger, { offersFirst: false, unannounced: true })
    else this.#strangers.refuse(stranger.id)
    this.#publish()
  }

  #introduce(entry: Member, name: string): void {
    const info = { ...entry.info, name }
    this.#change(info.id, { info, unannounced: false })
    if (entry.unannounced) this.chat.note('joined', info.name)
    this.#publish()
  }

  /** Sends over the line, or heals through a third member while either end has none. Nothing of a further attempt waits here. */
  #route(link: PeerLink, signal: Signal): void {
    if (this.#closed) return
    const { peer, state } = link
    const needsDetour = state.phase === 'healing' && !isReached(this.#members.get(peer.id), this.#signaling)
    if (needsDetour && this.#detour.send(peer.id, signal, state.attempt)) return
    if (this.#online || !isTryingAgain(state)) this.membership.send(peer.id, signal)
  }

  #publish(): void {
    const shown = [...[...this.#members.values()].filter(({ parked }) => !parked), ...this.#strangers.refused()]
    this.#store.set(shown.map((member) => viewOf(member, this.media, this.safety)))
  }
}
