import { type Candidate, decodeCandidate, decodeDescription, type Description } from '@patchbay/protocol'
import type { Signal } from '../client/index.ts'
import { judgeOffer } from './negotiation.ts'
import { fingerprintsOf, isPlausibleCandidate, isSound } from './sdp.ts'

/** What a negotiator needs from its link. */
export interface NegotiatorOptions {
  readonly polite: boolean
  /** `false`: one of the ends accepts no second offer, so a dead path requires a new connection. */
  readonly renegotiate: boolean
  /** `false`: the other side makes the first offer. */
  readonly offersFirst: boolean
  /** Sends a signal to the other side over any available path. */
  readonly send: (signal: Signal) => void
  /** Number of this connection on this page. */
  readonly connection: number
  /** Number of the other side's newest known connection, 0 for none. */
  readonly newestRemote: number
  /** The other side has made a new connection: `signal` is for a new connection at this end. */
  readonly replaced: (signal: Signal) => void
  /** Each side refers to a connection of the other that is gone: this side must make a new one and offer. */
  readonly startOver: () => void
  /** A signal arrived that is for the connection that replaced this one. */
  readonly handOver: (signal: Signal) => void
}

/** Candidates buffered until their description arrives. */
const MAX_EARLY_CANDIDATES = 64
/** Candidates accepted per description: for each, the browser sends checks to an address that the other side chose. */
const MAX_CANDIDATES = 64

/**
 * Perfect negotiation over one RTCPeerConnection. A description names the two connections it is for, and an answer its
 * offer, so a late one is never applied in the wrong place, whatever path it took.
 */
export class Negotiator {
  readonly #pc: RTCPeerConnection
  readonly #options: NegotiatorOptions
  readonly #id: number
  #remoteId: number | undefined
  #waiting: boolean
  #makingOffer = false
  #settingRemoteAnswer = false
  /** The newest offer that was ignored, until ours is answered. */
  #ignored: { readonly signal: Signal; readonly n: number } | undefined
  #localOffer = 0
  /** The pending offer was made without a network. */
  #stale = false
  /** The other side's offers below this number are obsolete: answered, or rolled back. */
  #remoteOffer = 0
  #lastAnswer: Signal | undefined
  #early: Candidate[] = []
  #candidates = 0
  #replaced = false
  #incoming: Promise<void> = Promise.resolve()

  constructor(pc: RTCPeerConnection, options: NegotiatorOptions) {
    this.#pc = pc
    this.#options = options
    this.#id = options.connection
    this.#waiting = !options.offersFirst
    pc.addEventListener('negotiationneeded', () => void this.#offer())
    pc.addEventListener('icecandidate', ({ candidate }) => this.#sendCandidate(candidate))
  }

  /**
   * Restarts ICE (RFC 8445 §2.4) on the same connection. An unanswered offer is sent again, because it or its answer
   * may have been lost.
   * @param afterOutage an unanswered offer was made without a network, so it contains no usable address; another offer
   * follows when it is answered.
   */
  restartIce(afterOutage = false): void {
    if (this.#waiting) return this.#offerAfterAll()
    const unanswered = this.#pc.signalingState === 'have-local-offer'
    this.#stale = unanswered && (afterOutage || this.#stale)
    if (unanswered) this.resendOffer()
    else if (this.#options.renegotiate) this.#pc.restartIce()
    else this.#options.startOver()
  }

  /** Number of the other side's newest known connection, 0 for none. */
  get newestRemote(): number {
    return this.#remoteId ?? this.#options.newestRemote
  }

  /** Resends an unanswered offer: it or its answer may have been lost with a path. */
  resendOffer(): void {
    if (this.#pc.signalingState === 'have-local-offer') this.#sendDescription('offer', this.#localOffer)
  }

  /** Handles a signal from the other side. Signals are applied one at a time, in order of arrival. */
  receive(signal: Signal): void {
    this.#incoming = this.#incoming.then(() => this.#apply(signal)).catch(() => undefined)
  }

  /**
   * Whether a relayed signal is from this connection's peer: a description must contain the certificate in use. Without
   * this check, the relaying member could become a man in the middle.
   */
  isOfThisPeer(signal: Signal): boolean {
    if (signal.type === 'ice_candidate') return this.#remoteId !== undefined
    const known = fingerprintsOf(this.#pc.currentRemoteDescription?.sdp ?? '')
    try {
      const { connection, sdp } = decodeDescription(signal.body)
      return connection === this.#remoteId && known !== '' && fingerprintsOf(sdp) === known
    } catch {
      return false
    }
  }

  /** Fingerprints of the certificates in use, local and remote (RFC 8122 §5); `undefined` until both are known. */
  get certificates(): readonly [string, string] | undefined {
    const [here, there] = [this.#pc.currentLocalDescription, this.#pc.currentRemoteDescription]
    return here && there ? [fingerprintsOf(here.sdp), fingerprintsOf(there.sdp)] : undefined
  }

  /** Queued behind the signal being applied: a description created during it would be the answer to that signal. */
  #offerAfterAll(): void {
    this.#waiting = false
    this.#incoming = this.#incoming.then(() => this.#offer())
  }

  async #offer(): Promise<void> {
    if (this.#waiting || this.#pc.signalingState !== 'stable') return
    try {
      this.#makingOffer = true
      await this.#pc.setLocalDescription()
      if (this.#pc.localDescription?.type !== 'offer') return
      this.#localOffer += 1
      this.#sendDescription('offer', this.#localOffer)
    } catch {
      // Closed meanwhile, or an incoming offer won; `negotiationneeded` fires again if still needed.
    } finally {
      this.#makingOffer = false
    }
  }

  async #apply(signal: Signal): Promise<void> {
    if (this.#replaced) return this.#options.handOver(signal)
    if (this.#pc.signalingState === 'closed') return
    switch (signal.type) {
      case 'offer':
        return this.#applyOffer(signal, decodeDescription(signal.body))
      case 'answer':
        return this.#applyAnswer(decodeDescription(signal.body))
      case 'ice_candidate':
        return this.#applyCandidate(decodeCandidate(signal.body))
    }
  }

  async #applyOffer(signal: Signal, offer: Description): Promise<void> {
    if (!isSound(offer.sdp)) return
    if (offer.connection < (this.#remoteId ?? this.#options.newestRemote)) return
    if (offer.peerConnection !== null && offer.peerConnection !== this.#id) return this.#missed(offer)
    if (this.#remoteId !== undefined && this.#remoteId !== offer.connection) {
      this.#replaced = true
      return this.#options.replaced(signal)
    }
    // An obsolete offer, overtaken on another path.
    if (offer.n < this.#remoteOffer || this.#isOfAnother(offer)) return
    // A repeat of the newest offer: its answer was lost. The same answer is sent, since a new one could differ. Our own
    // offer, if any, was ignored while theirs was pending, so it is resent too.
    if (this.#lastAnswer !== undefined && offer.n === this.#remoteOffer) {
      this.#options.send(this.#lastAnswer)
      return this.resendOffer()
    }
    const judgement = judgeOffer({
      polite: this.#options.polite,
      makingOffer: this.#makingOffer,
      settingRemoteAnswer: this.#settingRemoteAnswer,
      signalingState: this.#pc.signalingState,
    })
    if (judgement === 'ignore') {
      // With two paths, an older offer may arrive later.
      if (offer.n > (this.#ignored?.n ?? 0)) this.#ignored = { signal, n: offer.n }
      return
    }
    this.#ignored = undefined
    this.#remoteId = offer.connection
    try {
      await this.#pc.setRemoteDescription({ type: 'offer', sdp: offer.sdp })
    } catch {
      // Two first pictures at once: Chromium cannot roll its offer back for one of Firefox's that numbers its RTP header
      // extensions otherwise (RFC 8285 §5), and both ends would wait for ever. A new connection starts with both pictures.
      if (this.#pc.signalingState !== 'closed' && this.#options.polite) this.#options.startOver()
      return
    }
    this.#remoteOffer = offer.n
    await this.#addEarlyCandidates()
    await this.#pc.setLocalDescription()
    this.#waiting = false
    this.#lastAnswer = this.#sendDescription('answer', this.#remoteOffer)
  }

  /** A connection keeps its certificate for life: a description with a different one is not from the peer. */
  #isOfAnother({ sdp }: Description): boolean {
    const known = fingerprintsOf(this.#pc.currentRemoteDescription?.sdp ?? '')
    return known !== '' && fingerprintsOf(sdp) !== known
  }

  /** Handles an offer for an earlier connection of ours: the other side does not know of this one yet. */
  #missed(offer: Description): void {
    if (this.#remoteId === undefined) {
      if (this.#waiting) this.#offerAfterAll()
    } else if (offer.connection > this.#remoteId && this.#options.polite) this.#options.startOver()
  }

  async #applyAnswer(answer: Description): Promise<void> {
    const forThisOffer = answer.peerConnection === this.#id && answer.n === this.#localOffer
    if (!isSound(answer.sdp) || !forThisOffer || this.#pc.signalingState !== 'have-local-offer') return
    if (this.#remoteId !== undefined && this.#remoteId !== answer.connection) return
    if (this.#isOfAnother(answer)) return
    this.#remoteId = answer.connection
    try {
      this.#settingRemoteAnswer = true
      await this.#pc.setRemoteDescription({ type: 'answer', sdp: answer.sdp })
    } finally {
      this.#settingRemoteAnswer = false
    }
    this.#remoteOffer = answer.offers + 1
    this.#lastAnswer = undefined
    await this.#addEarlyCandidates()
    if (this.#stale) this.restartIce()
    // The other side made this offer after its answer. It arrived first, on a faster path, and was no collision.
    const ignored = this.#ignored
    this.#ignored = undefined
    if (ignored !== undefined && ignored.n > answer.offers) this.receive(ignored.signal)
  }

  async #applyCandidate(candidate: Candidate): Promise<void> {
    if (this.#remoteId !== undefined && this.#remoteId !== candidate.connection) return
    if (this.#pc.remoteDescription === null || !(await this.#addCandidate(candidate))) {
      if (this.#ignored === undefined && this.#early.length < MAX_EARLY_CANDIDATES) this.#early.push(candidate)
    }
  }

  /** Adds the candidates that arrived before their description was applied. */
  async #addEarlyCandidates(): Promise<void> {
    this.#candidates = 0
    for (const candidate of this.#early.splice(0)) {
      if (candidate.connection === this.#remoteId) await this.#addCandidate(candidate)
    }
  }

  /** @returns `false` when its description has not been applied yet. */
  async #addCandidate({ connection: _, ...init }: Candidate): Promise<boolean> {
    if ((this.#candidates += 1) > MAX_CANDIDATES || !isPlausibleCandidate(init.candidate)) return true
    try {
      await this.#pc.addIceCandidate(init.candidate === '' ? { candidate: '' } : init)
      return true
    } catch {
      return false
    }
  }

  #sendDescription(type: 'offer' | 'answer', n: number): Signal {
    const body: Description = {
      connection: this.#id,
      peerConnection: this.#remoteId ?? null,
      n,
      offers: this.#localOffer,
      sdp: this.#pc.localDescription?.sdp ?? '',
    }
    const signal: Signal = { type, body: JSON.stringify(body) }
    this.#options.send(signal)
    return signal
  }

  /** `null` ends a generation of candidates (RFC 8838 §8.2); it is sent as an empty candidate. */
  #sendCandidate(candidate: RTCIceCandidate | null): void {
    const body: Candidate = {
      connection: this.#id,
      candidate: candidate?.candidate ?? '',
      sdpMid: candidate?.sdpMid ?? null,
      sdpMLineIndex: candidate?.sdpMLineIndex ?? null,
      usernameFragment: candidate?.usernameFragment ?? null,
    }
    this.#options.send({ type: 'ice_candidate', body: JSON.stringify(body) })
  }
}
