import { isChatText, type PeerId, type PeerInfo, type PeerMessage, randomToken } from '@patchbay/protocol'
import {
  type ChannelEvent,
  cleanEntry,
  type ClientState,
  type RoomChannel,
  type RoomEntry,
  type Signal,
  type SignalingClient,
} from '../client/index.ts'
import type { SignalSeal } from '../seal/index.ts'
import { createStore, type Store } from '../store.ts'
import { type Clock, systemClock } from '../transport/index.ts'
import { ChatBudget, OUTGOING_CHAT } from './chat-budget.ts'
import { ChatExchange } from './chat-exchange.ts'
import { ChatLog, type ChatOutcome, type Departure } from './chat-log.ts'
import { configureConnection } from './configuration.ts'
import { passOn, readRelayed, wrap } from './detour.ts'
import type { LocalMedia, Source } from './local-media.ts'
import type { MediaBudget } from './media-budget.ts'
import type { MediaFailure } from './media-failure.ts'
import { MAX_CAMERAS } from './send-budget.ts'
import { type Member, type PeerView, SEALED_NAME, viewOf } from './member.ts'
import { isPolite } from './negotiation.ts'
import { PeerLink } from './peer-link.ts'
import { SignalPort } from './signal-port.ts'
import { Strangers } from './strangers.ts'
import type { ChannelUse, CreatePeerConnection, LinkRole, PeerLinkHost, Reading } from './peer-link-host.ts'

/** Options of a mesh. */
export interface MeshOptions {
  readonly client: SignalingClient
  readonly entry: RoomEntry
  readonly createPeerConnection: CreatePeerConnection
  /** Further users of a data channel on every connection, for example a `FileShare`. */
  readonly channels?: readonly ChannelUse[]
  readonly clock?: Clock
  /** Seals signals and names with the room's key; signals from members without the key are rejected. */
  readonly seal?: SignalSeal | undefined
  /** Limits the media sent to each peer; without one the platform decides. */
  readonly mediaBudget?: MediaBudget
  /** Hides this page's addresses from everyone: everything goes through a TURN server. */
  readonly relayOnly?: boolean | undefined
}

/** A peer removed by the server as lost is shown until its own channel was silent for this long (S9). */
const LOST_SILENCE_MS = 4_000
/** After that it is hidden, and its connection kept until it was silent for this long, the resume window. */
const PARKED_MS = 120_000

/**
 * Joins a room and keeps one direct connection to every other member. Signaling announces who joins and leaves;
 * established connections do not depend on it (S7).
 */
export class Mesh implements Store<readonly PeerView[]> {
  readonly chat: ChatLog = new ChatLog()
  /** The room as reported by the server. */
  readonly channel: RoomChannel
  readonly #options: MeshOptions
  readonly #clock: Clock
  readonly #host: PeerLinkHost
  readonly #port: SignalPort
  readonly #entries = new Map<PeerId, Member>()
  readonly #strangers = new Strangers()
  readonly #store = createStore<readonly PeerView[]>([])
  readonly #stop: () => void
  readonly #spoken = new ChatBudget(OUTGOING_CHAT)
  readonly #name: string
  #media: LocalMedia | undefined
  #stopSweep: (() => void) | undefined
  #connections = 0
  #notes = 0
  #online = false
  #closed = false

  /** @throws {InvalidFieldError} when room or name of the entry cannot be used. */
  constructor(options: MeshOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#host = {
      clock: this.#clock,
      createPeerConnection: options.createPeerConnection,
      renegotiate: options.client.capabilities.renegotiate,
      channels: options.channels ?? [],
      configuration: () => configureConnection(options.client.iceServers.getSnapshot(), options.relayOnly),
      signal: (link, signal) => this.#signal(link, signal),
      changed: () => this.#publish(),
      chat: (link, message) => this.#chatFrom(link, message),
      relay: (link, message) => this.#relay(link, message),
      saidBye: (link) => this.#drop(link, 'left'),
      misbehaved: (link) => this.#drop(link, 'cut'),
      replace: (link, how) => this.#replace(link, how),
      handOver: (link, signal) => this.#entries.get(link.info.id)?.link.receiveSignal(signal),
    }
    options.mediaBudget?.begin(() => [...this.#entries.values()].map(({ link }) => link), this.#clock)
    const { client, seal } = options
    const entry = cleanEntry(options.entry)
    this.#name = entry.name
    this.#port = new SignalPort(seal)
    this.channel = client.enter(seal === undefined ? entry : { ...entry, name: SEALED_NAME })
    const stopEvents = this.channel.onEvent((event) => this.#on(event))
    const stopClient = client.subscribe(() => this.#lineChanged(client.getSnapshot().status))
    const stopIceServers = options.client.iceServers.subscribe(() => {
      for (const { link } of this.#entries.values())
        link.configure(configureConnection(options.client.iceServers.getSnapshot(), options.relayOnly))
    })
    this.#stop = () => [stopEvents, stopIceServers, stopClient].forEach((stop) => stop())
  }

  readonly getSnapshot = (): readonly PeerView[] => this.#store.getSnapshot()
  readonly subscribe = (listener: () => void): (() => void) => this.#store.subscribe(listener)

  /** The platform's connection to a peer, for statistics. */
  connectionTo(peer: PeerId): RTCPeerConnection | undefined {
    return this.#entries.get(peer)?.link.connection
  }

  /**
   * Sends a chat message to everyone in the room; members still connecting get it when their channel opens. A member that
   * is not connected, and for which too much waits, is given up.
   * @returns why nothing was sent, if nothing was.
   */
  sendChat(text: string): ChatOutcome {
    if (!isChatText(text)) return 'invalid'
    const full = [...this.#entries.values()].filter(({ chat }) => chat.full)
    if (full.some(({ link }) => link.state.phase === 'connected')) return 'waiting'
    if (!this.#spoken.take(text.length, this.#clock.now())) return 'too_fast'
    const at = Date.now()
    const id = randomToken(12)
    for (const { link } of full) this.#drop(link, 'lost')
    for (const { link } of this.#entries.values()) link.sendChat(id, text)
    const alone = this.#entries.size === 0 && { alone: true as const }
    this.chat.add({ kind: 'message', key: id, from: undefined, name: this.#name, text, at, ...alone })
    return 'sent'
  }

  /** Sends a reading to everyone whose channel is open; the others get the next one. */
  sendReading(reading: Reading): void {
    for (const { link } of this.#entries.values()) link.sendReading(reading)
  }

  /** Requests the code to compare with a peer. It appears in the peer's view here and in our view at the peer. */
  beginSafetyCheck(peer: PeerId): void {
    this.#entries.get(peer)?.link.beginSafetyCheck()
  }

  /** The network has changed: restarts ICE on every connection at once, by any signaling path that is left. */
  networkChanged(): void {
    for (const { link } of this.#entries.values()) link.networkChanged()
  }

  /** Starts or stops sending one source of `media` to everyone, newcomers included. */
  async setMedia(source: Source, media: LocalMedia): Promise<void> {
    this.#media = media
    await Promise.all([...this.#entries.values()].map(({ link }) => link.setMedia(source, media)))
    if (!this.#closed) this.#options.mediaBudget?.apply(media.tracks.size > 0)
  }

  /** @returns `crowded` when so many cameras are on that one more would overload everyone's connections. */
  objectionTo(source: Source): MediaFailure | undefined {
    const cameras = this.getSnapshot().filter(({ media }) => media.camera === 'on').length
    return source === 'camera' && cameras >= MAX_CAMERAS ? 'crowded' : undefined
  }

  /** Tells everyone that a track of `media` was muted or unmuted. */
  announceMedia(media: LocalMedia): void {
    this.#media = media
    for (const { link } of this.#entries.values()) link.announceMedia(media)
  }

  /** Leaves the room: says goodbye to everyone and closes every connection. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#stop()
    this.#stopSweep?.()
    this.#options.mediaBudget?.close()
    this.channel.leave()
    for (const { link } of this.#entries.values()) link.close('bye')
    this.#entries.clear()
    this.#strangers.clear()
    this.#store.set([])
  }

  #lineChanged(status: ClientState['status']): void {
    // A client that is closed for good has lost its session, so its calls end too.
    if (status === 'closed') return this.close()
    const isBack = status === 'online' && !this.#online
    this.#online = status === 'online'
    if (!isBack) return
    // An offer made while there was no line may have been made without a network, so without usable addresses.
    for (const { link } of this.#entries.values()) if (link.state.phase === 'healing') link.recover()
  }

  #on(event: ChannelEvent): void {
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
        for (const { link } of this.#entries.values()) link.recover()
    }
  }

  /** A member with the same instance is listed again: its connection is kept, with no new offer. */
  #meet(listed: PeerInfo, newcomer: boolean): void {
    const peer = this.#named(listed)
    const known = this.#entries.get(peer.id)
    if (known?.info.instance === peer.instance) return this.#update(listed)
    // The newcomer makes the first offer, which shows whether it has the key.
    const isProven = known !== undefined && !known.unannounced
    if (newcomer && this.#options.seal !== undefined && !isProven) {
      if (known !== undefined) this.#drop(known.link, 'left')
      return this.#strangers.add(peer)
    }
    this.#strangers.remove(peer.id)
    known?.link.close('silently')
    this.#connect(peer, { offersFirst: !newcomer, newestRemote: 0 })
    if (newcomer && this.#options.seal === undefined) this.#note('joined', peer)
    else this.#change(peer.id, { unannounced: newcomer })
  }

  #connect(peer: PeerInfo, role: Pick<LinkRole, 'offersFirst' | 'newestRemote'>): PeerLink {
    const polite = isPolite(this.#options.client.self ?? '', peer.id)
    const before = this.#entries.get(peer.id)
    const same = before?.info.instance === peer.instance
    const chat = before !== undefined && same ? before.chat : ChatExchange.after(before?.chat)
    const link = new PeerLink(peer, { ...role, polite, connection: (this.#connections += 1) }, chat, this.#host)
    const { refused = 0, unannounced = false } = (same ? before : undefined) ?? {}
    const listed = { listed: true, parked: false }
    this.#entries.set(peer.id, { link, info: peer, chat, refused, unannounced, ...listed })
    if (this.#media !== undefined) {
      for (const source of this.#media.tracks.keys()) void link.setMedia(source, this.#media)
      this.#options.mediaBudget?.apply(this.#media.tracks.size > 0)
    }
    this.#publish()
    return link
  }

  /** Without a key the name comes from the server; with one it comes from the member's sealed signals, if any yet. */
  #named(listed: PeerInfo): PeerInfo {
    if (this.#options.seal === undefined) return listed
    const known = this.#entries.get(listed.id)?.info
    return { ...listed, name: known?.instance === listed.instance ? known.name : SEALED_NAME }
  }

  #update(info: PeerInfo): void {
    const entry = this.#entries.get(info.id)
    if (entry === undefined) return void this.#strangers.update(this.#named(info))
    const cameBack = !entry.listed || (entry.info.state === 'away' && info.state === 'here')
    if (entry.parked) this.#note('back', entry.info)
    this.#change(info.id, { info: this.#named(info), listed: true, parked: false })
    if (cameBack) entry.link.recover()
    this.#publish()
  }

  #leave(id: PeerId): void {
    const entry = this.#entries.get(id)
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
    const unlisted = [...this.#entries.values()].filter(({ listed }) => !listed)
    for (const { link, info, parked } of unlisted) {
      const silent = link.silentMs > LOST_SILENCE_MS
      if (link.state.phase === 'connecting' || link.silentMs > PARKED_MS) this.#drop(link, 'lost')
      else if (parked !== silent) this.#park(info, silent)
    }
    if (unlisted.length > 0) this.#stopSweep = this.#clock.after(500, () => this.#sweep())
  }

  #park(info: PeerInfo, parked: boolean): void {
    this.#change(info.id, { parked })
    this.#note(parked ? 'lost' : 'back', info)
    this.#publish()
  }

  #drop(link: PeerLink, kind: Departure): void {
    link.close('silently')
    const entry = this.#entries.get(link.info.id)
    if (entry?.link !== link) return
    this.#entries.delete(link.info.id)
    if (!entry.parked && !entry.unannounced) this.#note(kind, entry.info)
    this.#publish()
  }

  #replace(link: PeerLink, how: Parameters<PeerLinkHost['replace']>[1]): void {
    const entry = this.#entries.get(link.info.id)
    if (entry?.link !== link || this.#closed) return
    if (!entry.listed) return this.#drop(link, 'lost')
    link.close('silently')
    const { newestRemote } = link
    const offersFirst = 'offersFirst' in how && how.offersFirst
    const next = this.#connect(entry.info, { offersFirst, newestRemote })
    if ('firstSignal' in how) next.receiveSignal(how.firstSignal)
  }

  #change(id: PeerId, change: Partial<Member>): void {
    const entry = this.#entries.get(id)
    if (entry !== undefined) this.#entries.set(id, { ...entry, ...change })
  }

  /** Unseals a signal and passes it to the sender's link. @param tell whether to count and show a rejected one. */
  #receive(from: PeerId, sealed: Signal, take: (link: PeerLink, signal: Signal) => void, tell = true): void {
    const sender = this.#entries.get(from)?.info ?? this.#strangers.find(from)
    if (sender === undefined) return
    this.#port.in(sealed, sender, (opened) => {
      if (this.#strangers.find(from)?.instance === sender.instance) this.#prove(sender, opened !== undefined)
      // The signal is from that instance, which may have been replaced meanwhile.
      const entry = this.#entries.get(from)
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
    if (entry.unannounced) this.#note('joined', info)
    this.#publish()
  }

  #signal(link: PeerLink, signal: Signal): void {
    this.#port.out(signal, link.info, (sealed) => this.#route(link, sealed))
  }

  /** Sends over the signaling line; if either end has no line, a healing connection uses a third member instead. */
  #route(link: PeerLink, signal: Signal): void {
    if (this.#closed) return
    const { client } = this.#options
    const entry = this.#entries.get(link.info.id)
    const served = client.getSnapshot().status === 'online' && entry?.listed === true && entry.info.state === 'here'
    if (!served && link.state.phase === 'healing') {
      const others = [...this.#entries.values()].filter(({ link: other }) => other.passes)
      // A different one at each attempt: the first may have no path to the peer either.
      const helper = others[link.state.attempt % others.length]
      if (helper?.link.sendRelay(wrap(link.info.id, signal)) === true) return
    }
    this.channel.send(link.info.id, signal)
  }

  #relay(link: PeerLink, message: Extract<PeerMessage, { type: 'relay' | 'relayed' }>): void {
    if (message.type === 'relay') {
      this.#entries.get(message.to)?.link.sendRelay(passOn(link.info.id, message))
      return
    }
    const signal = readRelayed(message)
    if (signal !== undefined)
      this.#receive(message.from, signal, (other, opened) => other.receiveRelayed(opened), false)
  }

  #chatFrom(link: PeerLink, message: Extract<PeerMessage, { type: 'chat' }>): void {
    const { id, name } = this.#entries.get(link.info.id)?.info ?? link.info
    const key = `${id}/${message.id}`
    this.chat.add({ kind: 'message', key, from: id, name, text: message.body, at: Date.now() })
  }

  #note(kind: 'joined' | 'back' | Departure, { name }: PeerInfo): void {
    this.chat.add({ kind, key: `${kind} ${(this.#notes += 1)}`, name, at: Date.now() })
  }

  #publish(): void {
    const members = [...this.#entries.values()].filter(({ parked }) => !parked).map(viewOf)
    this.#store.set([...members, ...this.#strangers.views()])
  }
}
