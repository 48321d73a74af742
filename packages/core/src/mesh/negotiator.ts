import { type Candidate, decodeCandidate, decodeDescription, type Description } from '@patchbay/protocol'
import type { Signal } from '../client/index.ts'
import { judgeOffer } from './negotiation.ts'

/** What a negotiator needs of the link it serves. */
export interface NegotiatorOptions {
  readonly polite: boolean
  /** `false`: one of the ends takes no second offer, so a dead path takes a new connection. */
  readonly renegotiate: boolean
  /** `false`: leave the first offer to the other side. */
  readonly offersFirst: boolean
  /** Sends a signal to the other side over whatever path there is. */
  readonly send: (signal: Signal) => void
  /** Number of this connection among those of this page. */
  readonly connection: number
  /** The newest connection of the other side that is known of, 0 for none. */
  readonly newestRemote: number
  /** The other side has made a new connection: `signal` is for a new one of ours. */
  readonly replaced: (signal: Signal) => void
  /** Both sides hold on to a connection of the other that is gone: this side makes a new one and offers. */
  readonly startOver: () => void
  /** A signal came for the connection that has taken this one's place. */
  readonly handOver: (signal: Signal) => void
}

/** Candidates kept for a description that is still under way. */
const MAX_EARLY_CANDIDATES = 64
/** Candidates taken for one description; each makes the browser send checks to an address of the other side's choice. */
const MAX_CANDIDATES = 128
/** Media sections of a description: two sources need two, and a long life of changes not many more. */
const MAX_SECTIONS = 64

/**
 * Perfect negotiation over one RTCPeerConnection. Descriptions number the connections they are meant for and answers the
 * offer they answer, so a late one never lands in the wrong place, whatever path it took.
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
  /** The offer under way was made without a network. */
  #stale = false
  /** The other side's offers below this number are old news: answered, or rolled back by it. */
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
   * Sets the path up anew (RFC 8445 §2.4), over the same connection. An offer still unanswered is sent again: it or its
   * answer may have been lost.
   * @param afterOutage such an offer was made while nothing could be reached: it names no address that others can, so that
   * another follows when it is answered.
   */
  restartIce(afterOutage = false): void {
    if (this.#waiting) return this.#offerAfterAll()
    const unanswered = this.#pc.signalingState === 'have-local-offer'
    this.#stale = unanswered && (afterOutage || this.#stale)
    if (unanswered) this.resendOffer()
    else if (this.#options.renegotiate) this.#pc.restartIce()
    else this.#options.startOver()
  }

  /** The newest connection of the other side that is known of, 0 for none. */
  get newestRemote(): number {
    return this.#remoteId ?? this.#options.newestRemote
  }

  /** Sends an offer again that was never answered: it or its answer went down with the path it took. */
  resendOffer(): void {
    if (this.#pc.signalingState === 'have-local-offer') this.#sendDescription('offer', this.#localOffer)
  }

  /** Takes a signal of the other side. Signals are applied one after the other, in the order they came. */
  receive(signal: Signal): void {
    this.#incoming = this.#incoming.then(() => this.#apply(signal)).catch(() => undefined)
  }

  /**
   * Whether a signal that someone passed on comes from the peer this connection is with: a description must show the
   * certificate that is in use. Without it whoever passes signals on could put themselves in between.
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

  /** The certificates in use, this end's and the other's (RFC 8122 §5); `undefined` before there are both. */
  get certificates(): readonly [string, string] | undefined {
    const [here, there] = [this.#pc.currentLocalDescription, this.#pc.currentRemoteDescription]
    return here && there ? [fingerprintsOf(here.sdp), fingerprintsOf(there.sdp)] : undefined
  }

  /** Behind whatever is being applied: an offer made in the middle of it would come out as its answer. */
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
      // Closed meanwhile, or an incoming offer went first; `negotiationneeded` fires again if there is still need.
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
    // Overtaken on another path.
    if (offer.n < this.#remoteOffer || this.#isOfAnother(offer)) return
    // The newest one again: its answer was lost. A second answer of its own could differ from the first. An offer of
    // ours was ignored while theirs was open.
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
      // On two paths, an older one may come later.
      if (offer.n > (this.#ignored?.n ?? 0)) this.#ignored = { signal, n: offer.n }
      return
    }
    this.#ignored = undefined
    this.#remoteId = offer.connection
    await this.#pc.setRemoteDescription({ type: 'offer', sdp: offer.sdp })
    this.#remoteOffer = offer.n
    await this.#addEarlyCandidates()
    await this.#pc.setLocalDescription()
    this.#waiting = false
    this.#lastAnswer = this.#sendDescription('answer', this.#remoteOffer)
  }

  /** A connection has one certificate for life: with another, it is not the peer who speaks. */
  #isOfAnother({ sdp }: Description): boolean {
    const known = fingerprintsOf(this.#pc.currentRemoteDescription?.sdp ?? '')
    return known !== '' && fingerprintsOf(sdp) !== known
  }

  /** An offer for a connection of ours that is gone: the other side has not heard of this one. */
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
    // Made after this answer, it only looked like a collision: it came first on a faster path.
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

  /** A description has been applied: what was kept for it is added. */
  async #addEarlyCandidates(): Promise<void> {
    this.#candidates = 0
    for (const candidate of this.#early.splice(0)) {
      if (candidate.connection === this.#remoteId) await this.#addCandidate(candidate)
    }
  }

  /** @returns `false` when no description it belongs to has come yet. */
  async #addCandidate({ connection: _, ...init }: Candidate): Promise<boolean> {
    if ((this.#candidates += 1) > MAX_CANDIDATES) return true
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

  /** `null` ends a generation of candidates (RFC 8838 §8.2); it is told as an empty candidate. */
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

/** Whether a description is one that a browser might have made: it names its certificate, and has not too much in it. */
function isSound(sdp: string): boolean {
  return /^a=fingerprint:/m.test(sdp) && (sdp.match(/^m=/gm)?.length ?? 0) <= MAX_SECTIONS
}

/** The certificates a description names (RFC 8122 §5), in one text to compare. */
function fingerprintsOf(sdp: string): string {
  return [...new Set(sdp.match(/^a=fingerprint:.*$/gm))].toSorted().join(' ').toLowerCase()
}
