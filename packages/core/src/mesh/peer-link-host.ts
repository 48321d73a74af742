import type { PeerInfo, PeerMessage } from '@patchbay/protocol'
import type { Signal } from '../client/index.ts'
import type { Clock } from '../transport/index.ts'
import type { NegotiatorOptions } from './negotiator.ts'
import type { PeerLink } from './peer-link.ts'

/** Makes the platform's peer connections; browsers pass `(c) => new RTCPeerConnection(c)`. */
export type CreatePeerConnection = (configuration: RTCConfiguration) => RTCPeerConnection

/** A value that a device measures. */
export type Reading = Omit<Extract<PeerMessage, { type: 'reading' }>, 'type'>

/** Someone who has a data channel of their own on every connection, made by both ends with one id. */
export interface ChannelUse {
  readonly label: string
  /** Above 0, which is the chat's, and the same at both ends. */
  readonly id: number
  /** Takes the channel of a new connection, before it opens. `cut` ends it: the peer does not keep to the protocol. */
  attach(peer: PeerInfo, channel: RTCDataChannel, cut: () => void): void
  /** That connection is over. */
  detach(peer: PeerInfo, channel: RTCDataChannel): void
}

/** What a link needs of its mesh. */
export interface PeerLinkHost {
  readonly clock: Clock
  readonly createPeerConnection: CreatePeerConnection
  /** Whether this end takes a second offer on a live connection. */
  readonly renegotiate: boolean
  readonly channels: readonly ChannelUse[]
  /** Asked for each new connection: credentials in it may be short-lived. */
  configuration(): RTCConfiguration
  /** Sends over the signaling line. */
  signal(link: PeerLink, signal: Signal): void
  /** Something in the link's snapshot changed. */
  changed(link: PeerLink): void
  /** A message that was not heard before. */
  chat(link: PeerLink, message: Extract<PeerMessage, { type: 'chat' }>): void
  /** The peer asks to pass a signal on, or passes one on. */
  relay(link: PeerLink, message: Extract<PeerMessage, { type: 'relay' | 'relayed' }>): void
  /** The peer said goodbye. */
  saidBye(link: PeerLink): void
  /** The peer did not keep to the protocol. */
  misbehaved(link: PeerLink): void
  /** The peer's end is a new connection, or ours is of no use any more: a new link must take its place. */
  replace(link: PeerLink, how: { readonly firstSignal: Signal } | { readonly offersFirst: boolean }): void
  /** A signal came late for the link that took this one's place. */
  handOver(link: PeerLink, signal: Signal): void
}

/** The part a link plays; see {@link NegotiatorOptions}. */
export type LinkRole = Pick<NegotiatorOptions, 'polite' | 'offersFirst' | 'connection' | 'newestRemote'>
