import { isChatText, type PeerId, type PeerInfo, type PeerMessage, randomToken } from '@patchbay/protocol'
import type { ChannelEvent, RoomChannel, RoomEntry, Signal, SignalingClient } from '../client/index.ts'
import type { SignalSeal } from '../seal/index.ts'
import { createStore, type Store } from '../store.ts'
import { type Clock, systemClock } from '../transport/index.ts'
import { ChatExchange } from './chat-exchange.ts'
import { ChatLog, type Departure } from './chat-log.ts'
import { passOn, readRelayed, wrap } from './detour.ts'
import type { LinkState } from './link-state.ts'
import type { LocalMedia, MediaState, Source } from './local-media.ts'
import { isPolite } from './negotiation.ts'
import type { Path } from './path.ts'
import { PeerLink } from './peer-link.ts'
import { SignalPort } from './signal-port.ts'
import type { ChannelUse, CreatePeerConnection, LinkRole, PeerLinkHost, Reading } from './peer-link-host.ts'

/** A peer as the page shows it. */
export interface PeerView {
  /** In a room with a key, the name is the sealed one; {@link SEALED_NAME} until it is known. */
  readonly info: PeerInfo
  /** Whether the server lists it as reachable. `false` while the call to it goes on without signaling. */
  readonly listed: boolean
  readonly link: LinkState
  /** Which way packets take, once that is known. */
  readonly path: Path | undefined
  readonly media: MediaState
  /** The stream its media message names. */
  readonly stream: MediaStream | undefined
  /** What it measures, if it is a device: the newest value of each name. */
  readonly readings: readonly Reading[]
  /** Signals in its name that were not sealed with the room's key, or were changed, sent elsewhere or sent again on the way. */
  readonly refused: number
  /** The code to compare with this person, once either end has asked for it. */
  readonly safetyCode: string | undefined
}

/** What the server is told as the name of everyone in a room with a key. */
export const SEALED_NAME = '…'

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
  /** Shows nobody an address of this page: everything goes through a TURN server. */
  readonly relayOnly?: boolean | undefined
}

interface Entry {
  readonly link: PeerLink
  readonly info: PeerInfo
  readonly listed: boolean
  readonly chat: ChatExchange
  readonly refused: number
  /** It came after us, and that was not said yet: its name is not known. */
  readonly unannounced: boolean
}

/** A peer that signaling has given up is kept as long as its own channel is no more silent than this (S9). */
const LOST_SILENCE_MS = 4_000

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
  readonly #entries = new Map<PeerId, Entry>()
  readonly #store = createStore<readonly PeerView[]>([])
  readonly #stop: () => void
  #media: LocalMedia | undefined
  #stopSweep: (() => void) | undefined
  #connections = 0
  #notes = 0
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
    const { client, entry, seal } = options
    this.#port = new SignalPort(seal)
    this.channel = client.enter(seal === undefined ? entry : { ...entry, name: SEALED_NAME })
    const stopEvents = this.channel.onEvent((event) => this.#on(event))
    // A client that is closed for good has lost its place: calls end with it.
    const stopClient = options.client.subscribe(() => options.client.getSnapshot().status === 'closed' && this.close())
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
    this.channel.leave()
    for (const { link } of this.#entries.values()) link.close('bye')
    this.#entries.clear()
    this.#store.set([])
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
  #meet(peer: PeerInfo, newcomer: boolean): void {
    const known = this.#entries.get(peer.id)
    if (known?.info.instance === peer.instance) return this.#update(peer)
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
    this.#entries.set(peer.id, { link, info: peer, listed: true, chat, refused, unannounced })
    if (this.#media !== undefined) {
      for (const source of this.#media.tracks.keys()) void link.setMedia(source, this.#media)
    }
    this.#publish()
    return link
  }

  #update(info: PeerInfo): void {
    const entry = this.#entries.get(info.id)
    if (entry === undefined) return
    const cameBack = !entry.listed || (entry.info.state === 'away' && info.state === 'here')
    // The server knows a name only where there is no key.
    const name = this.#options.seal === undefined ? info.name : entry.info.name
    this.#entries.set(info.id, { ...entry, info: { ...info, name }, listed: true })
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

  /** Lets go of members that neither the server nor their own channel vouches for. */
  #sweep(): void {
    this.#stopSweep?.()
    const unlisted = [...this.#entries.values()].filter((entry) => !entry.listed)
    for (const { link } of unlisted) {
      if (link.state.phase === 'connecting' || link.silentMs > LOST_SILENCE_MS) this.#drop(link, 'lost')
    }
    if (unlisted.length > 0) this.#stopSweep = this.#clock.after(500, () => this.#sweep())
  }

  #drop(link: PeerLink, kind: Departure): void {
    link.close('silently')
    const entry = this.#entries.get(link.info.id)
    if (entry?.link !== link) return
    this.#entries.delete(link.info.id)
    this.#note(kind, entry.info)
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

  #change(id: PeerId, change: Partial<Entry>): void {
    const entry = this.#entries.get(id)
    if (entry !== undefined) this.#entries.set(id, { ...entry, ...change })
  }

  /** Finds out who a signal is from, and hands it to the connection to them. */
  #receive(from: PeerId, sealed: Signal, take: (link: PeerLink, signal: Signal) => void): void {
    const sender = this.#entries.get(from)
    if (sender === undefined) return
    this.#port.in(sealed, sender.info, (opened) => {
      // Seen to be from that life of its page, which may be over.
      const entry = this.#entries.get(from)
      if (entry === undefined || entry.info.instance !== sender.info.instance) return
      if (opened === undefined) {
        this.#change(from, { refused: entry.refused + 1 })
        return this.#publish()
      }
      if (opened.name !== entry.info.name) this.#introduce(entry, opened.name)
      take(entry.link, opened.signal)
    })
  }

  #introduce(entry: Entry, name: string): void {
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
      const others = [...this.#entries.values()].filter(({ link: other }) => other.state.phase === 'connected')
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
    if (signal !== undefined) this.#receive(message.from, signal, (other, opened) => other.receiveRelayed(opened))
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

  #note(kind: 'joined' | Departure, { name }: PeerInfo): void {
    this.chat.add({ kind, key: `${kind} ${(this.#notes += 1)}`, name, at: Date.now() })
  }

  #publish(): void {
    this.#store.set(
      [...this.#entries.values()].map(({ link, info, listed, refused }) => ({
        info,
        listed,
        link: link.state,
        path: link.path,
        media: link.media,
        readings: link.readings,
        refused,
        safetyCode: link.safetyCode,
        stream: link.streams.find((stream) => stream.id === link.media.stream),
      })),
    )
  }
}

/** For a new connection, or one whose credentials have run out. */
function configurationOf({ client, relayOnly = false }: MeshOptions): RTCConfiguration {
  // The platform's types want to own what they are given.
  const iceServers = client.iceServers.getSnapshot().map((server) => ({ ...server, urls: [...server.urls] }))
  return { bundlePolicy: 'max-bundle', iceServers, iceTransportPolicy: relayOnly ? 'relay' : 'all' }
}
