import { MAX_FEATURE_NAME, MAX_FEATURES, type PeerId, type PeerInfo, type PeerMessage } from '@patchbay/protocol'
import { InvalidFieldError } from '../signaling/index.ts'
import { callSafely } from '../store.ts'
import type { TrafficRate } from '../traffic-budget.ts'
import type { Clock } from '../transport/index.ts'
import type { LinkState } from './link-state.ts'

/** Types of the messages between peers. */
export type MessageType = PeerMessage['type']
/** The peer message of that type. */
export type MessageOf<T extends MessageType> = Extract<PeerMessage, { type: T }>

/** One link, as a feature sees it. */
export interface LinkPort {
  /** The member at the other end, as listed when the link was made. */
  readonly peer: PeerInfo
  readonly clock: Clock
  readonly state: LinkState
  /** Whether the channel is open. What is sent on one that is not is dropped. */
  readonly isOpen: boolean
  /**
   * Whether the channel works in both directions, as far as is known. Data lost on a channel that does not would fill
   * SCTP's window and block everything behind it until a timer of up to 3 s fires.
   */
  readonly passes: boolean
  /** The platform's connection, for tracks, further channels and statistics. */
  readonly connection: RTCPeerConnection
  /** Fingerprints of the certificates in use, local and remote; `undefined` while there is no connection. */
  readonly certificates: readonly [string, string] | undefined
  /** Whether the other end has told that it has this feature. */
  has(feature: string): boolean
  send(message: PeerMessage): void
  /**
   * Counts something that the member has sent, over all links with it: a new one gives it no further share.
   * @param name of what is counted, a constant such as `chat`: each name has a budget of its own, at one rate.
   * @returns whether it is within that rate.
   */
  accepts(name: string, rate: TrafficRate, size: number): boolean
  /** Something that the page shows has changed. */
  changed(): void
  /** The peer broke the protocol: its link ends, and the rest of the room is unaffected. */
  cut(): void
  /** Too much waits for the peer: that is dropped, and a member that is still listed gets a new link. */
  giveUp(): void
}

/** What a feature keeps for one link. */
export interface LinkFeature<M extends PeerMessage = PeerMessage> {
  /** A message of one of the types that the feature handles. */
  receive?(message: M): void
  /** The channel has opened. */
  opened?(): void
  /** The other end has told what it has. */
  introduced?(): void
  /** Called every second. @param ping number of the ping that goes out next. */
  beat?(ping?: number): void
  /** The other end asks for a sign of life, which goes out next: a page whose timers stand still is not beaten for. */
  pinged?(): void
  /** The other end has answered ping number `n`. */
  ponged?(n: number): void
  /** The link has ended. */
  closed?(): void
}

/** Something that members do with each other over their links. */
export interface Feature<M extends PeerMessage = PeerMessage> {
  /** Told to the other end when the channel opens. */
  readonly name: string
  readonly handles: readonly M['type'][]
  /** Called for each new link, before its channel opens. It may end the link at once; giving up every one would never end. */
  attach(port: LinkPort): LinkFeature<M>
  /** The member is gone for good, or this client has left the room. */
  forget?(peer: PeerId): void
}

/** Names of those that every mesh has. */
export const OWN_FEATURES = ['chat', 'media', 'safety', 'hand', 'channels', 'detour', 'news'] as const

/** Tells every feature that a member is gone. */
export function forgetMember(features: readonly Feature[], peer: PeerId): void {
  for (const feature of features) callSafely(() => feature.forget?.(peer))
}

/** Those that every mesh has, in that order. */
export type OwnFeatures = readonly Feature[] & { readonly length: (typeof OWN_FEATURES)['length'] }

/**
 * Checks what a mesh is to have beside features of these names.
 * @throws {InvalidFieldError} when there are too many, two have the same name, or one has a name that the other end does not take.
 */
export function checkFeatures(features: readonly Feature[], taken: readonly string[]): readonly Feature[] {
  const names = [...taken, ...features.map(({ name }) => name)]
  const areNames = names.every(({ length }) => length > 0 && length <= MAX_FEATURE_NAME)
  if (areNames && new Set(names).size === names.length && names.length <= MAX_FEATURES) return features
  const allowed = `at most ${MAX_FEATURES - taken.length}, with different names of 1 to ${MAX_FEATURE_NAME} characters that are not taken`
  throw new InvalidFieldError('features', allowed)
}
