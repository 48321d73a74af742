import type { Candidate, Description } from '@patchbay/protocol'

/** What stays the same for the life of one RTCPeerConnection. */
export interface NegotiationRole {
  /** The polite end rolls its own offer back when two offers cross. */
  readonly polite: boolean
  /** `false`: one of the ends accepts no second offer, so a dead path requires a new connection. */
  readonly renegotiate: boolean
  /** Number of this connection on this page. */
  readonly connection: number
}

/** What this end is doing. */
type LocalNegotiation =
  /** Nothing. `theirTurn`: the other end makes the first offer. */
  | { readonly is: 'stable'; readonly theirTurn: boolean }
  /** The platform is making an offer. */
  | { readonly is: 'making' }
  | {
      readonly is: 'offered'
      /** How often the offer was sent again, since there was last no line to send it on. */
      readonly unanswered: number
      /** The offer was made without a network: another follows when it is answered. */
      readonly stale: boolean
      /** The newest offer of the other end that lost against ours, until ours is answered. */
      readonly ignored: Description | undefined
      /** The answer that the platform is applying. */
      readonly applying: Description | undefined
    }
  /** The platform is applying the other end's offer, or making the answer to it. */
  | { readonly is: 'answering'; readonly offer: Description }

/** This end waits for an answer. */
export type Offered = Extract<LocalNegotiation, { is: 'offered' }>

/** What is known of the other end. */
export type RemoteNegotiation =
  /** No description of it was applied. `newest`: number of its newest known connection, 0 for none. */
  | { readonly is: 'unknown'; readonly newest: number }
  | {
      readonly is: 'known'
      readonly connection: number
      /** Its certificates, which stay the same for the life of a connection. Empty until the first negotiation ends. */
      readonly certificate: string
      /** Its offers below this number are obsolete: answered, or rolled back. */
      readonly floor: number
      /** Its offer numbered `floor` was answered, when we had made this many. */
      readonly answeredAfter: number | undefined
      /** Candidates taken since its last description. */
      readonly candidates: number
    }
  /** It has made a new connection; what arrives is for the one that replaces ours. */
  | { readonly is: 'replaced'; readonly newest: number }

/** State of the negotiation over one RTCPeerConnection. */
export interface Negotiation {
  readonly role: NegotiationRole
  readonly local: LocalNegotiation
  readonly remote: RemoteNegotiation
  /** Offers made by this end. */
  readonly offers: number
  /** Candidates whose description has not been applied yet. */
  readonly early: readonly Candidate[]
}

/**
 * What happens to a negotiation. What the other end or the link causes is handled only once the platform has reported on
 * the effects of the event before it, so never while an offer is being made or a description applied.
 */
export type NegotiationEvent =
  /** The platform needs a new offer (`negotiationneeded`, W3C WebRTC §4.7.3). */
  | { readonly type: 'needed' }
  /** The path is dead. `afterOutage`: an unanswered offer was made without a network, so it has no usable address. */
  | { readonly type: 'restart'; readonly afterOutage: boolean }
  /** An unanswered offer, or its answer, may have been lost with a path. */
  | { readonly type: 'resend' }
  | SignalEvent
  /** The platform has made the offer or answer it was asked for. */
  | { readonly type: 'made' }
  /** The platform has applied the remote description. */
  | { readonly type: 'applied' }
  /** The platform could not do what it was asked for. */
  | { readonly type: 'failed' }
  /** The platform has no description for that candidate. */
  | { readonly type: 'early'; readonly candidate: Candidate }

/** A signal of the other end. */
export type SignalEvent =
  | { readonly type: 'offer'; readonly description: Description }
  | { readonly type: 'answer'; readonly description: Description }
  | { readonly type: 'candidate'; readonly candidate: Candidate }

/** What is to be done, in this order. `make`, `apply` and `add` report back before anything else is handled. */
export type NegotiationEffect =
  /** `setLocalDescription()`; then `made` or `failed`. */
  | { readonly type: 'make' }
  /** `setRemoteDescription`; then `applied` or `failed`. */
  | { readonly type: 'apply'; readonly as: 'offer' | 'answer'; readonly sdp: string }
  /** `addIceCandidate`; then `early` if it failed. */
  | { readonly type: 'add'; readonly candidate: Candidate }
  /** `restartIce` (RFC 8445 §2.4). */
  | { readonly type: 'restart_ice' }
  /** Send the pending offer, or the last answer. */
  | { readonly type: 'send'; readonly as: 'offer' | 'answer'; readonly head: Omit<Description, 'sdp'> }
  /** The other end has made a new connection, and so must we; `first` is for that one. */
  | { readonly type: 'replaced'; readonly first: NegotiationEvent }
  /** The event is for the connection that replaced this one. */
  | { readonly type: 'hand_over'; readonly event: NegotiationEvent }
  /** This connection is of no use to the other end: this end must make a new one and offer. */
  | { readonly type: 'start_over' }

/** A state, and what is to be done. */
export interface NegotiationStep {
  readonly next: Negotiation
  readonly effects: readonly NegotiationEffect[]
}
