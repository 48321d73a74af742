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

/** How long a peer whose end is closed may take to be known to have left. */
const FAREWELL_MS = 1_500
/** An offer without an answer for more beats than these was lost, or its answer was, on a path that died. */
const ANSWER_BEATS = 2
/** Different values one peer may show. */
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
  /** Beats for which an offer of this end has been without an answer. */
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
    // Both ends make the channel with one id, so neither waits to be told of it (RFC 8832 §1 is not needed).
    this.#channel = pc.createDataChannel('chat', { negotiated: true, id: 0 })
    this.#channel.addEventListener('open', () => this.#opened())
    this.#channel.addEventListener('message', ({ data }: MessageEvent<unknown>) => this.#receive(data))
    this.#channel.addEventListener('close', () => this.#channelClosed())
    for (const use of host.channels) {
      const channel = pc.createDataChannel(use.label, { negotiated: true, id: use.id })
      use.attach(info, channel, () => this.#rejectPeer())
      this.#detach.push(() => use.detach(info, channel))
    }
    // There are no others.
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

  /** What the peer says of its microphone and camera. */
  get media(): MediaState {
    return this.#remoteMedia
  }

  /** What the peer measures: the newest value of each name. */
  get readings(): readonly Reading[] {
    return this.#readings
  }

  /** Which way the packets take; `undefined` until that is known. */
  get path(): Path | undefined {
    return this.#path
  }

  /** The code to compare with the peer, once it was asked for at either end. */
  get safetyCode(): string | undefined {
    return this.#safety.code
  }

  get streams(): readonly MediaStream[] {
    return this.#streams
  }

  /**
   * Whether the channel passes, both ways as far as is known. What is lost on one that does not would fill SCTP's window, and
   * hold up all words behind it until a timer of up to 3 s ends.
   */
  get passes(): boolean {
    const { alive, isPathUp } = this.#heartbeat
    return this.#state.phase === 'connected' && this.#channel.readyState === 'open' && alive && isPathUp
  }

  /** The platform's connection, for statistics. */
  get connection(): RTCPeerConnection {
    return this.#pc
  }

  /** The newest connection of the peer that is known of, 0 for none. */
  get newestRemote(): number {
    return this.#negotiator.newestRemote
  }

  /** Milliseconds since anything came from the peer over the connection itself. */
  get silentMs(): number {
    return this.#heartbeat.silentMs
  }

  /** Takes a signal that came over the signaling line. */
  receiveSignal(signal: Signal): void {
    this.#negotiator.receive(signal)
  }

  /** Takes a signal that another member passed on: it may heal this connection, and nothing else. */
  receiveRelayed(signal: Signal): void {
    if (this.#state.phase !== 'healing' || !this.#negotiator.isOfThisPeer(signal)) return
    if (signal.type === 'ice_candidate' && !this.#budget.takePassedOn()) return
    this.#negotiator.receive(signal)
  }

  /** From the next ICE restart on; what is relayed already goes on with the credentials it has. */
  configure(configuration: RTCConfiguration): void {
    if (this.#pc.signalingState !== 'closed') this.#pc.setConfiguration(configuration)
  }

  /** The network has changed: does not wait until silence tells. */
  networkChanged(): void {
    if (this.#state.phase !== 'connected') return
    this.#on('silent')
    this.#retry()
  }

  /** Signals may have been lost: makes sure that both sides come to the same state. */
  recover(): void {
    if (this.#state.phase !== 'connected') this.#retry({ afterOutage: true })
  }

  /** Sends one chat message, now or as soon as there is a channel. */
  sendChat(id: string, body: string): void {
    const frame = this.#chat.add(id, body)
    if (this.#channel.readyState === 'open') this.#channel.send(frame)
  }

  /** Asks for the code that shows whether someone sits between this end and the peer. */
  beginSafetyCheck(): void {
    if (this.#channel.readyState === 'open') this.#safety.begin()
  }

  /** Asks this peer to pass a signal on to another, or passes one on to it. @returns `false` when it cannot. */
  sendRelay(message: Extract<PeerMessage, { type: 'relay' | 'relayed' }>): boolean {
    if (!this.passes) return false
    this.#send(message)
    return true
  }

  /** Sends a measured value, if the channel is open. */
  sendReading(reading: Reading): void {
    if (this.#channel.readyState === 'open') this.#send({ type: 'reading', ...reading })
  }

  /** Starts, changes or stops sending one source, and tells the peer. */
  async setMedia(source: Source, media: LocalMedia): Promise<void> {
    if (this.info.capabilities.media) await this.#media.set(source, media)
    this.announceMedia(media)
  }

  /** Keeps what is sent to the peer within limits. */
  limitMedia(limits: SendLimits): Promise<void> {
    return this.#media.limit(limits)
  }

  /** Tells the peer what the local microphone and camera do. */
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
    // A channel that is closed with its connection from this side says nothing of it (W3C WebRTC §4.4.1.6).
    for (const detach of this.#detach) detach()
    // Closing in the same turn would discard the goodbye that was just queued.
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
      this.#take(decodePeerMessage(data))
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
        return
      case 'offer':
      case 'answer':
      case 'ice_candidate':
        return this.#negotiator.receive(message)
      case 'sync':
        return this.#chat.begin(message)
      case 'ack':
        return this.#chat.confirm(message) ? undefined : this.#rejectPeer()
      case 'chat': {
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

  /** A peer that does not keep to the protocol is cut; the room goes on without it. */
  #rejectPeer(): void {
    this.#host.misbehaved(this)
  }

  #heard(): void {
    this.#heartbeat.heard()
    if (this.#state.phase !== 'healing') return
    this.#on('opened')
    void this.#look()
  }

  /** A signal goes over the peers' own channel where that passes, and over the signaling line otherwise. */
  #sendSignal(signal: Signal): void {
    if (this.passes) this.#send(signal)
    else this.#host.signal(this, signal)
  }

  #send(message: PeerMessage): void {
    this.#sendFrame(encode(message))
  }

  #sendFrame(frame: string): void {
    // Past its limit Chromium throws; a peer that takes nothing for this long is dead and its path is being healed.
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

  /** The peer closed its end. Most often it is leaving, and its goodbye comes another way; else a new link is due. */
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
