import type { PeerInfo, PeerMessage } from '@patchbay/protocol'
import type { Signal } from '../signaling/index.ts'
import { callSafely } from '../store.ts'
import type { TrafficRate } from '../traffic-budget.ts'
import type { Clock } from '../transport/index.ts'
import type { Feature, LinkFeature, LinkPort, MessageType } from './feature.ts'
import { Heartbeat } from './heartbeat.ts'
import { type LinkChange, type LinkEvent, type LinkState, nextLinkState } from './link-state.ts'
import { isFromPeer, newestRemote, readSignal } from './negotiation.ts'
import type { NegotiationEvent } from './negotiation-state.ts'
import { type LinkEffect, Negotiator, type NegotiatorOptions } from './negotiator.ts'
import { type Path, pathOf } from './statistics/path.ts'
import type { PeerBudgets } from './peer-budgets.ts'
import { PeerChannel } from './peer-channel.ts'
import { DESCRIPTIONS, INCOMING } from './peer-rates.ts'

/** Creates peer connections; in browsers, `(c) => new RTCPeerConnection(c)`. */
export type CreatePeerConnection = (configuration: RTCConfiguration) => RTCPeerConnection

/** What the links of a mesh have in common. */
export interface LinkOptions {
  readonly clock: Clock
  /** Makes a connection. */
  readonly connect: () => RTCPeerConnection
  /** Whether this end accepts a second offer on a live connection. */
  readonly renegotiate: boolean
  readonly features: readonly Feature[]
  readonly budgets: PeerBudgets
}

/** The role of a link; see {@link NegotiatorOptions}. */
export type LinkRole = Pick<NegotiatorOptions, 'polite' | 'offersFirst' | 'connection' | 'newestRemote'>

/** How long to wait for a goodbye after the peer has closed its end. */
const FAREWELL_MS = 1_500
/** Heartbeats after which an unanswered offer is resent: it or its answer was lost with a path. */
const ANSWER_BEATS = 2
/** Relayed candidates accepted per ICE restart, capped so they cannot crowd out the peer's own. */
const MAX_RELAYED_CANDIDATES = 32

/**
 * The connection to one peer: one RTCPeerConnection that carries the peer channel from the start and whatever the features
 * add to it, over the same transport (BUNDLE, RFC 8843).
 */
export class PeerLink implements LinkPort {
  readonly peer: PeerInfo
  readonly connection: RTCPeerConnection
  readonly clock: Clock
  readonly #role: LinkRole
  readonly #options: LinkOptions
  readonly #emit: (link: PeerLink, event: LinkEvent) => void
  readonly #channel: PeerChannel
  readonly #negotiator: Negotiator
  readonly #heartbeat: Heartbeat
  readonly #parts: LinkFeature[] = []
  readonly #handlers = new Map<MessageType, LinkFeature>()
  #theirs: ReadonlySet<string> = new Set()
  #state: LinkState = { phase: 'connecting', attempt: 1 }
  #path: Path | undefined
  /** Heartbeats since our pending offer was made. */
  #unanswered = 0
  #relayedCandidates = 0

  constructor(peer: PeerInfo, role: LinkRole, options: LinkOptions, emit: (link: PeerLink, event: LinkEvent) => void) {
    this.peer = peer
    this.clock = options.clock
    this.#role = role
    this.#options = options
    this.#emit = emit
    const pc = options.connect()
    this.connection = pc
    this.#negotiator = new Negotiator(pc, {
      ...role,
      renegotiate: peer.capabilities.renegotiate && options.renegotiate,
      // Over the peers' own channel if it works, otherwise over the signaling line.
      send: (signal) => (this.passes ? this.send(signal) : emit(this, { type: 'signal', signal })),
      act: (effect) => this.#act(effect),
    })
    this.#channel = new PeerChannel(pc, {
      accepts: (size) => this.accepts('messages', INCOMING, size),
      opened: () => this.#opened(),
      message: (message) => this.#receive(message),
      violated: () => this.#state.phase !== 'closed' && this.cut(),
      closed: () => this.#channelClosed(),
    })
    // All channels are negotiated: an in-band one violates the protocol.
    pc.addEventListener('datachannel', () => this.cut())
    pc.addEventListener('connectionstatechange', () => this.#watchConnection())
    this.#heartbeat = new Heartbeat({
      clock: options.clock,
      polite: role.polite,
      phase: () => this.#state.phase,
      open: () => this.isOpen,
      beat: (ping) => this.#beat(ping),
      ping: (n) => this.send({ type: 'ping', n }),
      look: () => void this.#look(),
      silent: () => this.#change('silent'),
      retry: () => this.#retry(),
    })
  }

  /** Attaches the features, each of which may end the link at once, and begins. */
  start(): void {
    for (const feature of this.#options.features) {
      let part: LinkFeature = {}
      callSafely(() => (part = feature.attach(this)))
      if (this.#state.phase === 'closed') return callSafely(() => part.closed?.())
      this.#parts.push(part)
      for (const type of feature.handles) this.#handlers.set(type, part)
    }
    // The platform would ask for it a moment later.
    if (this.#role.offersFirst) this.#negotiator.handle({ type: 'needed' })
  }

  get state(): LinkState {
    return this.#state
  }

  get isOpen(): boolean {
    return this.#channel.isOpen
  }

  get passes(): boolean {
    const { alive, isPathUp } = this.#heartbeat
    return this.#state.phase === 'connected' && this.isOpen && alive && isPathUp
  }

  get certificates(): readonly [string, string] | undefined {
    return this.#negotiator.certificates
  }

  /** Whether packets go directly or through a relay; `undefined` until known. */
  get path(): Path | undefined {
    return this.#path
  }

  /** Number of the peer's newest known connection, 0 for none. */
  get newestRemote(): number {
    return newestRemote(this.#negotiator.state)
  }

  /** Milliseconds since the last message from the peer over the connection itself. */
  get silentMs(): number {
    return this.#heartbeat.silentMs
  }

  has(feature: string): boolean {
    return this.#theirs.has(feature)
  }

  send(message: PeerMessage): void {
    this.#channel.send(message)
  }

  accepts(name: string, rate: TrafficRate, size: number): boolean {
    return this.#options.budgets.take(this.peer.id, name, rate, size, this.clock.now())
  }

  changed(): void {
    this.#emit(this, { type: 'changed' })
  }

  cut(): void {
    this.#emit(this, { type: 'cut' })
  }

  giveUp(): void {
    this.#emit(this, { type: 'lost', offersFirst: true })
  }

  /** Handles a signal from the signaling line. */
  receiveSignal(signal: Signal): void {
    if (this.#takes(signal, 'descriptions over the line')) this.#negotiator.receive(signal)
  }

  /** Handles an event that came to the link before this one too late. */
  takeOver(event: NegotiationEvent): void {
    this.#negotiator.handle(event)
  }

  /** Handles a signal that another member relayed. It is accepted only to heal this connection. */
  receiveRelayed(signal: Signal): void {
    const event = this.#state.phase === 'healing' ? readSignal(signal) : undefined
    if (event === undefined || !isFromPeer(this.#negotiator.state, event)) return
    if (!this.#takes(signal, 'descriptions relayed')) return
    if (event.type === 'candidate' && (this.#relayedCandidates += 1) > MAX_RELAYED_CANDIDATES) return
    this.#negotiator.handle(event)
  }

  /** The network has changed: restarts ICE without waiting for a timer. */
  networkChanged(): void {
    if (this.#state.phase !== 'connected') return this.recover()
    this.#change('silent')
    this.#retry()
  }

  /** Signals may have been lost: retries unless the link is connected. */
  recover(): void {
    if (this.#state.phase !== 'connected') this.#retry({ afterOutage: true })
  }

  /** Ends the connection at once; `bye` tells the peer first. */
  close(how: 'bye' | 'silently'): void {
    if (this.#state.phase === 'closed') return
    if (how === 'bye') this.send({ type: 'bye' })
    this.#heartbeat.stop()
    this.#change('closed')
    // Closing the connection locally fires no `close` event on its channels (W3C WebRTC §4.4.1.6).
    this.#each((feature) => feature.closed?.())
    // Closing in the same turn would discard the queued `bye`.
    if (how === 'bye') this.clock.after(0, () => this.connection.close())
    else this.connection.close()
  }

  /** A feature of the application that throws does not keep the others from working. */
  #each(call: (feature: LinkFeature) => void): void {
    for (const part of this.#parts) callSafely(() => call(part))
  }

  #opened(): void {
    this.#heard()
    this.send({ type: 'features', names: this.#options.features.map(({ name }) => name) })
    this.#each((feature) => feature.opened?.())
    // Last, because whoever is told may send at once.
    this.#change('opened')
    void this.#look()
  }

  #receive(message: PeerMessage | undefined): void {
    if (this.#state.phase === 'closed') return
    this.#heard()
    // A newer page may say what this one does not know; it is counted, and passed over.
    if (message === undefined) return
    switch (message.type) {
      case 'ping':
        this.#each((feature) => feature.pinged?.())
        return this.send({ type: 'pong', n: message.n })
      case 'pong':
        return this.#each((feature) => feature.ponged?.(message.n))
      case 'offer':
      case 'answer':
      case 'ice_candidate':
        return this.#takes(message, 'descriptions') ? this.#negotiator.receive(message) : this.cut()
      case 'features':
        this.#theirs = new Set(message.names)
        return this.#each((feature) => feature.introduced?.())
      case 'bye':
        return this.#emit(this, { type: 'left' })
      default:
        this.#handlers.get(message.type)?.receive?.(message)
    }
  }

  /** Whether a signal is within the bounds of its path: each description has the browser work for some time. */
  #takes({ type }: Pick<Signal, 'type'>, path: string): boolean {
    return type === 'ice_candidate' || this.accepts(path, DESCRIPTIONS, 1)
  }

  #heard(): void {
    this.#heartbeat.heard()
    if (this.#state.phase !== 'healing') return
    this.#change('opened')
    void this.#look()
  }

  #act(effect: LinkEffect): void {
    switch (effect.type) {
      case 'replaced':
        return this.#emit(this, { type: 'replace', offersFirst: false, first: effect.first })
      case 'start_over':
        return this.#emit(this, { type: 'replace', offersFirst: true })
      case 'hand_over':
        return this.#emit(this, { type: 'hand_over', event: effect.event })
    }
  }

  #watchConnection(): void {
    const { connectionState } = this.connection
    if (connectionState === 'failed') this.#retry()
    this.#heartbeat.pathChanged(connectionState === 'connected')
  }

  /** The peer closed its end. Usually it is leaving and the server reports that; otherwise a new link is needed. */
  #channelClosed(): void {
    if (this.#state.phase === 'closed') return
    this.#change('silent')
    const act = () => this.#emit(this, { type: 'replace', offersFirst: !this.#role.polite })
    this.#heartbeat.stop({ afterMs: FAREWELL_MS, act })
  }

  #beat(ping: number): void {
    this.#each((feature) => feature.beat?.(ping))
    this.#unanswered = this.connection.signalingState === 'have-local-offer' ? this.#unanswered + 1 : 0
    if (this.#unanswered > ANSWER_BEATS && this.#state.phase === 'connected')
      this.#negotiator.handle({ type: 'resend' })
  }

  async #look(): Promise<void> {
    const path = await pathOf(this.connection)
    if (path === this.#path) return
    this.#path = path
    this.changed()
  }

  #retry({ afterOutage = false } = {}): void {
    this.#heartbeat.tried(afterOutage)
    this.#relayedCandidates = 0
    this.#change('retried')
    this.#negotiator.handle({ type: 'restart', afterOutage })
  }

  #change(change: LinkChange): void {
    const next = nextLinkState(this.#state, change)
    if (next === this.#state) return
    this.#state = next
    this.changed()
  }
}
