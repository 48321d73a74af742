import { decodePeerMessage, encode, type PeerInfo, type PeerMessage, ProtocolError } from '@patchbay/protocol'
import type { Signal } from '../client/index.ts'
import type { ChatExchange } from './chat-exchange.ts'
import { Heartbeat } from './heartbeat.ts'
import { IncomingBudget } from './incoming-budget.ts'
import { type LinkEvent, type LinkState, nextLinkState } from './link-state.ts'
import { describeMedia, type LocalMedia, type MediaState, noMedia, type Source } from './local-media.ts'
import { MediaSender } from './media-sender.ts'
import type { SendLimits } from './send-budget.ts'
import { Negotiator } from './negotiator.ts'
import { type Path, pathOf } from './path.ts'
import { SafetyCheck } from './safety-check.ts'
import type { LinkRole, PeerLinkHost, Reading } from './peer-link-host.ts'

/** How long to wait for a goodbye after the peer has closed its end. */
const FAREWELL_MS = 1_500
/** Heartbeats after which an unanswered offer is resent: it or its answer was lost with a path. */
const ANSWER_BEATS = 2
/** Readings kept per peer. */
const MAX_READINGS = 8
const MAX_BUFFERED_BYTES = 8 * 1024 * 1024

/**
 * The connection to one peer: one RTCPeerConnection that carries the data channel from the start and camera and
 * microphone when they are turned on, over the same transport (BUNDLE, RFC 8843).
 */
export class PeerLink {
  readonly info: PeerInfo
  readonly polite: boolean
  readonly #host: PeerLinkHost
  readonly #pc: RTCPeerConnection
  readonly #channel: RTCDataChannel
  readonly #negotiator: Negotiator
  readonly #media: MediaSender
  readonly #chat: ChatExchange
  readonly #detach: (() => void)[] = []
  readonly #budget = new IncomingBudget()
  readonly #safety: SafetyCheck
  readonly #heartbeat: Heartbeat
  #state: LinkState = { phase: 'connecting', attempt: 1 }
  #remoteMedia: MediaState = noMedia
  #streams: readonly MediaStream[] = []
  #readings: readonly Reading[] = []
  #localMedia: MediaState = noMedia
  #path: Path | undefined
  /** Heartbeats since our pending offer was made. */
  #unanswered = 0

  constructor(info: PeerInfo, role: LinkRole, chat: ChatExchange, host: PeerLinkHost) {
    this.info = info
    this.polite = role.polite
    this.#chat = chat
    this.#host = host
    const pc = host.createPeerConnection(host.configuration())
    this.#pc = pc
    this.#negotiator = new Negotiator(pc, {
      ...role,
      renegotiate: info.capabilities.renegotiate && host.renegotiate,
      send: (signal) => this.#sendSignal(signal),
      replaced: (firstSignal) => host.replace(this, { firstSignal }),
      startOver: () => host.replace(this, { offersFirst: true }),
      handOver: (signal) => host.handOver(this, signal),
    })
    this.#media = new MediaSender(pc)
    this.#safety = new SafetyCheck({
      fingerprints: () => this.#negotiator.certificates,
      send: (message) => this.#send(message),
      changed: () => host.changed(this),
      reject: () => this.#rejectPeer(),
    })
    pc.addEventListener('track', (event) => this.#addStreams(event.streams))
    pc.addEventListener('connectionstatechange', () => this.#watchConnection())
    // Both ends create the channel with the same id, so the protocol of RFC 8832 is not needed.
    this.#channel = pc.createDataChannel('chat', { negotiated: true, id: 0 })
    this.#channel.addEventListener('open', () => this.#opened())
    this.#channel.addEventListener('message', ({ data }: MessageEvent<unknown>) => this.#receive(data))
    this.#channel.addEventListener('close', () => this.#channelClosed())
    for (const use of host.channels) {
      const channel = pc.createDataChannel(use.label, { negotiated: true, id: use.id })
      use.attach(info, channel, () => this.#rejectPeer())
      this.#detach.push(() => use.detach(info, channel))
    }
    // All channels are negotiated: an in-band one violates the protocol.
    pc.addEventListener('datachannel', () => this.#rejectPeer())
    this.#heartbeat = new Heartbeat({
      clock: host.clock,
      polite: role.polite,
      phase: () => this.#state.phase,
      open: () => this.#channel.readyState === 'open',
      beat: () => this.#beat(),
      ping: (n) => this.#send({ type: 'ping', n }),
      look: () => void this.#look(),
      silent: () => this.#on('silent'),
      retry: () => this.#retry(),
    })
  }

  get state(): LinkState {
    return this.#state
  }

  /** State of the peer's media, as it reports it. */
  get media(): MediaState {
    return this.#remoteMedia
  }

  /** The peer's readings: the newest value of each name. */
  get readings(): readonly Reading[] {
    return this.#readings
  }

  /** Whether packets go directly or through a relay; `undefined` until known. */
  get path(): Path | undefined {
    return this.#path
  }

  /** The code to compare with the peer, once either end has requested it. */
  get safetyCode(): string | undefined {
    return this.#safety.code
  }

  get streams(): readonly MediaStream[] {
    return this.#streams
  }

  /**
   * Whether the channel works in both directions, as far as is known. Data lost on a channel that does not would fill
   * SCTP's window and block everything behind it until a timer of up to 3 s fires.
   */
  get passes(): boolean {
    const { alive, isPathUp } = this.#heartbeat
    return this.#state.phase === 'connected' && this.#channel.readyState === 'open' && alive && isPathUp
  }

  /** The platform's connection, for statistics. */
  get connection(): RTCPeerConnection {
    return this.#pc
  }

  /** Number of the peer's newest known connection, 0 for none. */
  get newestRemote(): number {
    return this.#negotiator.newestRemote
  }

  /** Milliseconds since the last message from the peer over the connection itself. */
  get silentMs(): number {
    return this.#heartbeat.silentMs
  }

  /** Handles a signal from the signaling line. */
  receiveSignal(signal: Signal): void {
    this.#negotiator.receive(signal)
  }

  /** Handles a signal that another member relayed. It is accepted only to heal this connection. */
  receiveRelayed(signal: Signal): void {
    if (this.#state.phase !== 'healing' || !this.#negotiator.isOfThisPeer(signal)) return
    if (signal.type === 'ice_candidate' && !this.#budget.takePassedOn()) return
    this.#negotiator.receive(signal)
  }

  /** Applies from the next ICE restart; existing relay allocations keep their credentials. */
  configure(configuration: RTCConfiguration): void {
    if (this.#pc.signalingState !== 'closed') this.#pc.setConfiguration(configuration)
  }

  /** The network has changed: restarts ICE without waiting for the silence timer. */
  networkChanged(): void {
    if (this.#state.phase !== 'connected') return
    this.#on('silent')
    this.#retry()
  }

  /** Signals may have been lost: retries unless the link is connected. */
  recover(): void {
    if (this.#state.phase !== 'connected') this.#retry({ afterOutage: true })
  }

  /** Sends one chat message, now or when the channel opens. */
  sendChat(id: string, body: string): void {
    const frame = this.#chat.add(id, body)
    if (this.#channel.readyState === 'open') this.#channel.send(frame)
  }

  /** Requests the code that reveals a man in the middle. */
  beginSafetyCheck(): void {
    if (this.#channel.readyState === 'open') this.#safety.begin()
  }

  /** Asks this peer to relay a signal, or relays one to it. @returns `false` when the channel does not work. */
  sendRelay(message: Extract<PeerMessage, { type: 'relay' | 'relayed' }>): boolean {
    if (!this.passes) return false
    this.#send(message)
    return true
  }

  /** Sends a reading, if the channel is open. */
  sendReading(reading: Reading): void {
    if (this.#channel.readyState === 'open') this.#send({ type: 'reading', ...reading })
  }

  /** Starts, changes or stops sending one source, and tells the peer. */
  async setMedia(source: Source, media: LocalMedia): Promise<void> {
    if (this.info.capabilities.media) await this.#media.set(source, media)
    this.announceMedia(media)
  }

  /** Limits the media sent to the peer. */
  limitMedia(limits: SendLimits): Promise<void> {
    return this.#media.limit(limits)
  }

  /** Sends the state of the local media to the peer. */
  announceMedia(media: LocalMedia): void {
    this.#localMedia = describeMedia(media)
    if (this.#channel.readyState === 'open') this.#send({ type: 'media', ...this.#localMedia })
  }

  /** Ends the connection at once; `bye` tells the peer first. */
  close(how: 'bye' | 'silently'): void {
    if (this.#state.phase === 'closed') return
    if (how === 'bye' && this.#channel.readyState === 'open') this.#send({ type: 'bye' })
    this.#heartbeat.stop()
    this.#streams = []
    this.#on('closed')
    // Closing the connection locally fires no `close` event on its channels (W3C WebRTC §4.4.1.6).
    for (const detach of this.#detach) detach()
    // Closing in the same turn would discard the queued `bye`.
    if (how === 'bye') this.#host.clock.after(0, () => this.#pc.close())
    else this.#pc.close()
  }

  #opened(): void {
    this.#heard()
    this.#on('opened')
    void this.#look()
    for (const frame of this.#chat.opening()) this.#channel.send(frame)
    this.#send({ type: 'media', ...this.#localMedia })
  }

  #receive(data: unknown): void {
    if (this.#state.phase === 'closed') return
    if (typeof data !== 'string') return this.#rejectPeer()
    if (!this.#budget.takeMessage(data.length)) return this.#rejectPeer()
    try {
      const message = decodePeerMessage(data)
      // A newer page may say what this one does not know; it is counted, and passed over.
      if (message === undefined) this.#heard()
      else this.#take(message)
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      this.#rejectPeer()
    }
  }

  #take(message: PeerMessage): void {
    this.#heard()
    switch (message.type) {
      case 'ping':
        return this.#send({ type: 'pong', n: message.n })
      case 'pong':
        return this.#chat.ponged() ? undefined : this.#rejectPeer()
      case 'offer':
      case 'answer':
      case 'ice_candidate':
        return this.#negotiator.receive(message)
      case 'sync':
        return this.#chat.begin(message)
      case 'ack':
        return this.#chat.confirm(message) ? undefined : this.#rejectPeer()
      case 'chat': {
        if (!this.#budget.takeChat(message.body.length, this.#host.clock.now())) return this.#rejectPeer()
        const fresh = this.#chat.accept(message)
        if (fresh === undefined) return this.#rejectPeer()
        if (fresh) this.#host.chat(this, message)
        return this.#chat.ackIsDue ? this.#confirmChat() : undefined
      }
      case 'relay':
        if (this.#budget.takeRelay()) this.#host.relay(this, message)
        return
      case 'relayed':
        return this.#host.relay(this, message)
      case 'media': {
        const { type: _, ...media } = message
        this.#remoteMedia = media
        return this.#host.changed(this)
      }
      case 'reading': {
        const { type: _, ...reading } = message
        const others = this.#readings.filter(({ name }) => name !== reading.name)
        this.#readings = [...others, reading].slice(-MAX_READINGS)
        return this.#host.changed(this)
      }
      case 'safety_commit':
      case 'safety_reveal':
        return this.#safety.receive(message)
      case 'bye':
        return this.#host.saidBye(this)
    }
  }

  #confirmChat(): void {
    const news = this.#chat.takeAck()
    if (news !== undefined) this.#send(news)
  }

  /** Disconnects a peer that broke the protocol; the rest of the room is unaffected. */
  #rejectPeer(): void {
    this.#host.misbehaved(this)
  }

  #heard(): void {
    this.#heartbeat.heard()
    if (this.#state.phase !== 'healing') return
    this.#on('opened')
    void this.#look()
  }

  /** Sends a signal over the peers' own channel if it works, otherwise over the signaling line. */
  #sendSignal(signal: Signal): void {
    if (this.passes) this.#send(signal)
    else this.#host.signal(this, signal)
  }

  #send(message: PeerMessage): void {
    this.#sendFrame(encode(message))
  }

  #sendFrame(frame: string): void {
    // Chromium throws beyond its limit. A peer with this much buffered is dead, and its path is being healed.
    const { readyState, bufferedAmount } = this.#channel
    if (readyState === 'open' && bufferedAmount < MAX_BUFFERED_BYTES) this.#channel.send(frame)
  }

  #addStreams(streams: readonly MediaStream[]): void {
    for (const stream of streams) {
      if (this.#streams.includes(stream)) continue
      this.#streams = [...this.#streams, stream]
      stream.addEventListener('removetrack', () => {
        if (stream.getTracks().length === 0) this.#streams = this.#streams.filter((other) => other !== stream)
        this.#host.changed(this)
      })
    }
    this.#host.changed(this)
  }

  #watchConnection(): void {
    const { connectionState } = this.#pc
    if (connectionState === 'failed') this.#retry()
    this.#heartbeat.pathChanged(connectionState === 'connected')
  }

  /** The peer closed its end. Usually it is leaving and the server reports that; otherwise a new link is needed. */
  #channelClosed(): void {
    if (this.#state.phase === 'closed') return
    this.#on('silent')
    const act = () => this.#host.replace(this, { offersFirst: !this.polite })
    this.#heartbeat.stop({ afterMs: FAREWELL_MS, act })
  }

  #beat(): void {
    this.#budget.beat()
    if (this.#channel.readyState === 'open') this.#confirmChat()
    this.#unanswered = this.#pc.signalingState === 'have-local-offer' ? this.#unanswered + 1 : 0
    if (this.#unanswered > ANSWER_BEATS && this.#state.phase === 'connected') this.#negotiator.resendOffer()
  }

  async #look(): Promise<void> {
    const path = await pathOf(this.#pc)
    if (path === this.#path) return
    this.#path = path
    this.#host.changed(this)
  }

  #retry({ afterOutage = false } = {}): void {
    this.#heartbeat.tried(afterOutage)
    this.#budget.retry()
    this.#on('retried')
    this.#negotiator.restartIce(afterOutage)
  }

  #on(event: LinkEvent): void {
    const next = nextLinkState(this.#state, event)
    if (next === this.#state) return
    this.#state = next
    this.#host.changed(this)
  }
}
