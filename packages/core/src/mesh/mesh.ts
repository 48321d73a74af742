import { isChatText, type PeerId, type PeerInfo, type PeerMessage, randomToken } from '@patchbay/protocol'
import type { ChannelEvent, ClientState, RoomChannel, RoomEntry, Signal, SignalingClient } from '../client/index.ts'
import type { SignalSeal } from '../seal/index.ts'
import { createStore, type Store } from '../store.ts'
import { type Clock, systemClock } from '../transport/index.ts'
import { ChatExchange } from './chat-exchange.ts'
import { ChatLog, type Departure } from './chat-log.ts'
import { passOn, readRelayed, wrap } from './detour.ts'
import type { LocalMedia, Source } from './local-media.ts'
import type { MediaBudget } from './media-budget.ts'
import type { MediaFailure } from './media-failure.ts'
import { MAX_CAMERAS } from './send-budget.ts'
import { type Member, type PeerView, SEALED_NAME, viewOf } from './member.ts'
import { isPolite } from './negotiation.ts'
import { PeerLink } from './peer-link.ts'
import { SignalPort } from './signal-port.ts'
import type { ChannelUse, CreatePeerConnection, LinkRole, PeerLinkHost, Reading } from './peer-link-host.ts'

/** What a mesh is made of. */
export interface MeshOptions {
  readonly client: SignalingClient
  readonly entry: RoomEntry
  readonly createPeerConnection: CreatePeerConnection
  /** Who else has a channel on every connection, for example a `FileShare`. */
  readonly channels?: readonly ChannelUse[]
  readonly clock?: Clock
  /** Seals signals and names for those who have the room's key; everyone else is refused. */
  readonly seal?: SignalSeal | undefined
  /** Shares what the page sends among everyone; without one the platform sends what it likes. */
  readonly mediaBudget?: MediaBudget
  /** Shows nobody an address of this page: everything goes through a TURN server. */
  readonly relayOnly?: boolean | undefined
}

/** A peer that signaling has given up is kept as long as its own channel is no more silent than this (S9). */
const LOST_SILENCE_MS = 4_000
/** After that it is shown no more, but can come back for as long as its session can be resumed. */
const PARKED_MS = 120_000

/**
 * Joins a room and keeps one direct connection to every other member of it. Members come and go by signaling; what is connected stays
 * connected without it (S7).
 */
export class Mesh implements Store<readonly PeerView[]> {
  readonly chat: ChatLog = new ChatLog()
  /** The room as the server tells it. */
  readonly channel: RoomChannel
  readonly #options: MeshOptions
  readonly #clock: Clock
  readonly #host: PeerLinkHost
  readonly #port: SignalPort
  readonly #entries = new Map<PeerId, Member>()
  readonly #store = createStore<readonly PeerView[]>([])
  readonly #stop: () => void
  #media: LocalMedia | undefined
  #stopSweep: (() => void) | undefined
  #connections = 0
  #notes = 0
  #online = false
  #closed = false

  constructor(options: MeshOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#host = {
      clock: this.#clock,
      createPeerConnection: options.createPeerConnection,
      renegotiate: options.client.capabilities.renegotiate,
      channels: options.channels ?? [],
      configuration: () => configurationOf(options),
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
    const { client, entry, seal } = options
    this.#port = new SignalPort(seal)
    this.channel = client.enter(seal === undefined ? entry : { ...entry, name: SEALED_NAME })
    const stopEvents = this.channel.onEvent((event) => this.#on(event))
    const stopClient = client.subscribe(() => this.#lineChanged(client.getSnapshot().status))
    const stopIceServers = options.client.iceServers.subscribe(() => {
      for (const { link } of this.#entries.values()) link.configure(configurationOf(options))
    })
    this.#stop = () => {
      stopEvents()
      stopIceServers()
      stopClient()
    }
  }

  readonly getSnapshot = (): readonly PeerView[] => this.#store.getSnapshot()
  readonly subscribe = (listener: () => void): (() => void) => this.#store.subscribe(listener)

  /** The platform's connection to a peer, for statistics. */
  connectionTo(peer: PeerId): RTCPeerConnection | undefined {
    return this.#entries.get(peer)?.link.connection
  }

  /**
   * Sends a chat message to everyone in the room; members still connecting get it when their channel opens.
   * @returns `false`, and sends nothing, when the text is empty, too long or not well-formed, or comes faster than those who are
   * connected hear it. Someone who is not, and for whom too much waits, is given up.
   */
  sendChat(text: string): boolean {
    if (!isChatText(text)) return false
    const at = Date.now()
    const id = randomToken(12)
    const full = [...this.#entries.values()].filter(({ chat }) => chat.full)
    if (full.some(({ link }) => link.state.phase === 'connected')) return false
    for (const { link } of full) this.#drop(link, 'lost')
    for (const { link } of this.#entries.values()) link.sendChat(id, text)
    this.chat.add({ kind: 'message', key: id, from: undefined, name: this.#options.entry.name, text, at })
    return true
  }

  /** Sends a measured value to everyone whose channel is open; who is not there now gets the next one. */
  sendReading(reading: Reading): void {
    for (const { link } of this.#entries.values()) link.sendReading(reading)
  }

  /** Asks for the code to compare with a peer; it shows up in its view, and in ours at the peer's. */
  beginSafetyCheck(peer: PeerId): void {
    this.#entries.get(peer)?.link.beginSafetyCheck()
  }

  /** The network is another one: every path is set up anew at once, over whatever way is left. */
  networkChanged(): void {
    for (const { link } of this.#entries.values()) link.networkChanged()
  }

  /** Sends one source of `media` to everyone, or stops; newcomers get it too. */
  async setMedia(source: Source, media: LocalMedia): Promise<void> {
    this.#media = media
    await Promise.all([...this.#entries.values()].map(({ link }) => link.setMedia(source, media)))
    if (!this.#closed) this.#options.mediaBudget?.apply(media.tracks.size > 0)
  }

  /** @returns `crowded` when so many cameras are on already that one more would be too much for everybody's line. */
  objectionTo(source: Source): MediaFailure | undefined {
    const cameras = this.getSnapshot().filter(({ media }) => media.camera === 'on').length
    return source === 'camera' && cameras >= MAX_CAMERAS ? 'crowded' : undefined
  }

  /** Tells everyone that a track of `media` was muted or is heard again. */
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
    this.#store.set([])
  }

  #lineChanged(status: ClientState['status']): void {
    // A client that is closed for good has lost its place: calls end with it.
    if (status === 'closed') return this.close()
    const isBack = status === 'online' && !this.#online
    this.#online = status === 'online'
    if (!isBack) return
    // What was offered while there was no line may have been offered while there was no network.
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

  /** A member we are still connected to is the same one, back in the list: nothing is offered anew. */
  #meet(listed: PeerInfo, newcomer: boolean): void {
    const peer = this.#named(listed)
    const known = this.#entries.get(peer.id)
    if (known?.info.instance === peer.instance) return this.#update(listed)
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

  /** The server knows a name only where there is no key; with one it is what the member itself has said, if it has. */
  #named(listed: PeerInfo): PeerInfo {
    if (this.#options.seal === undefined) return listed
    const known = this.#entries.get(listed.id)?.info
    return { ...listed, name: known?.instance === listed.instance ? known.name : SEALED_NAME }
  }

  #update(info: PeerInfo): void {
    const entry = this.#entries.get(info.id)
    if (entry === undefined) return
    const cameBack = !entry.listed || (entry.info.state === 'away' && info.state === 'here')
    if (entry.parked) this.#note('back', entry.info)
    this.#change(info.id, { info: this.#named(info), listed: true, parked: false })
    if (cameBack) entry.link.recover()
    this.#publish()
  }

  #leave(id: PeerId): void {
    const entry = this.#entries.get(id)
    if (entry !== undefined) this.#drop(entry.link, 'left')
  }

  #unlist(id: PeerId): void {
    this.#change(id, { listed: false })
    this.#publish()
    this.#sweep()
  }

  /** Looks after members that the server does not list: those who are not heard either are parked, and given up in the end. */
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
    if (!entry.parked) this.#note(kind, entry.info)
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

  /** Finds out who a signal is from, and hands it to the connection to them. @param tell that it was refused, if it is. */
  #receive(from: PeerId, sealed: Signal, take: (link: PeerLink, signal: Signal) => void, tell = true): void {
    const sender = this.#entries.get(from)
    if (sender === undefined) return
    this.#port.in(sealed, sender.info, (opened) => {
      // Seen to be from that life of its page, which may be over.
      const entry = this.#entries.get(from)
      if (entry === undefined || entry.info.instance !== sender.info.instance) return
      if (opened === undefined) {
        if (!tell) return
        this.#change(from, { refused: entry.refused + 1 })
        return this.#publish()
      }
      if (opened.name !== entry.info.name) this.#introduce(entry, opened.name)
      take(entry.link, opened.signal)
    })
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

  /** Over the signaling line; a connection that is healing takes a way past it while one of the ends is without. */
  #route(link: PeerLink, signal: Signal): void {
    if (this.#closed) return
    const { client } = this.#options
    const entry = this.#entries.get(link.info.id)
    const served = client.getSnapshot().status === 'online' && entry?.listed === true && entry.info.state === 'here'
    if (!served && link.state.phase === 'healing') {
      const others = [...this.#entries.values()].filter(({ link: other }) => other.passes)
      // Another one at each try: the first may have no way to the peer either.
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
    this.chat.add({
      kind: 'message',
      key: `${id}/${message.id}`,
      from: id,
      name,
      text: message.body,
      at: Date.now(),
    })
  }

  #note(kind: 'joined' | 'back' | Departure, { name }: PeerInfo): void {
    this.chat.add({ kind, key: `${kind} ${(this.#notes += 1)}`, name, at: Date.now() })
  }

  #publish(): void {
    this.#store.set([...this.#entries.values()].filter(({ parked }) => !parked).map(viewOf))
  }
}

/** For a new connection, or one whose credentials have run out. */
function configurationOf({ client, relayOnly = false }: MeshOptions): RTCConfiguration {
  // The platform's types want to own what they are given.
  const iceServers = client.iceServers.getSnapshot().map((server) => ({ ...server, urls: [...server.urls] }))
  return { bundlePolicy: 'max-bundle', iceServers, iceTransportPolicy: relayOnly ? 'relay' : 'all' }
}
