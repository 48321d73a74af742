import type { PeerInfo, PeerMessage } from '@patchbay/protocol'
import type { Signal } from '../client/index.ts'
import type { Clock } from '../transport/index.ts'
import type { NegotiatorOptions } from './negotiator.ts'
import type { PeerLink } from './peer-link.ts'

/** Creates peer connections; in browsers, `(c) => new RTCPeerConnection(c)`. */
export type CreatePeerConnection = (configuration: RTCConfiguration) => RTCPeerConnection

/** A value measured by a device. */
export type Reading = Omit<Extract<PeerMessage, { type: 'reading' }>, 'type'>

/** A user of an additional data channel on every connection; both ends create it with the same id. */
export interface ChannelUse {
  readonly label: string
  /** The same at both ends, and above 0, which is the id of the chat channel. */
  readonly id: number
  /** Receives the channel of a new connection, before it opens. Call `cut` when the peer breaks the protocol. */
  attach(peer: PeerInfo, channel: RTCDataChannel, cut: () => void): void
  /** The connection of this channel has ended. */
  detach(peer: PeerInfo, channel: RTCDataChannel): void
}

/** What a link needs from its mesh. */
export interface PeerLinkHost {
  readonly clock: Clock
  readonly createPeerConnection: CreatePeerConnection
  /** Whether this end accepts a second offer on a live connection. */
  readonly renegotiate: boolean
  readonly channels: readonly ChannelUse[]
  /** Called for each new connection: the credentials may be short-lived. */
  configuration(): RTCConfiguration
  /** Sends over the signaling line. */
  signal(link: PeerLink, signal: Signal): void
  /** Something in the link's snapshot changed. */
  changed(link: PeerLink): void
  /** A new chat message. */
  chat(link: PeerLink, message: Extract<PeerMessage, { type: 'chat' }>): void
  /** The peer asks us to relay a signal, or has relayed one to us. */
  relay(link: PeerLink, message: Extract<PeerMessage, { type: 'relay' | 'relayed' }>): void
  /** The peer said goodbye. */
  saidBye(link: PeerLink): void
  /** The peer broke the protocol. */
  misbehaved(link: PeerLink): void
  /** The peer has made a new connection, or ours is unusable: a new link must replace this one. */
  replace(link: PeerLink, how: { readonly firstSignal: Signal } | { readonly offersFirst: boolean }): void
  /** A signal arrived that is for the link that replaced this one. */
  handOver(link: PeerLink, signal: Signal): void
}

/** The role of a link; see {@link NegotiatorOptions}. */
export type LinkRole = Pick<NegotiatorOptions, 'polite' | 'offersFirst' | 'connection' | 'newestRemote'>
