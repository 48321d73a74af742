import type { Capabilities, ErrorCode, IceServer, InstanceId, PeerId, PeerInfo, RemoveReason } from '@patchbay/protocol'
import type { Store } from '../store.ts'
import type { RoomEntry } from './entry.ts'

/** A message between two peers that sets up their connection; the same on every path. */
export interface Signal {
  readonly type: 'offer' | 'answer' | 'ice_candidate'
  readonly body: string
}

/** One change in a room, in order. */
export type RoomEvent =
  /** `newcomer`: the peer joined after us, so it makes the first offer; otherwise we do. */
  | { readonly type: 'peer_joined'; readonly peer: PeerInfo; readonly newcomer: boolean }
  | { readonly type: 'peer_updated'; readonly peer: PeerInfo }
  | { readonly type: 'peer_removed'; readonly id: PeerId; readonly reason: RemoveReason }
  | { readonly type: 'signal'; readonly from: PeerId; readonly signal: Signal }
  /** A message of an application that uses signaling without a mesh; a mesh ignores it. */
  | { readonly type: 'message'; readonly from: PeerId; readonly body: string }
  /** Signals may have been lost; the room was joined anew. */
  | { readonly type: 'discontinuity' }

/** The room as signaling last reported it. */
export type RosterState =
  | { readonly status: 'joining' }
  /** The room is locked; it is asked for again until a host has let this client in, or turned it away. */
  | { readonly status: 'waiting' }
  | { readonly status: 'joined'; readonly title: string | undefined; readonly peers: readonly PeerInfo[] }
  | { readonly status: 'refused'; readonly code: ErrorCode }
  | { readonly status: 'left' }

/** Somebody who asks to be let in. */
export interface Knock {
  readonly id: PeerId
  readonly name: string
}

/** Who may come into a room, as this client knows it. */
export interface ModerationState {
  /** Whether this client is a host: anyone else is refused whatever it asks for. */
  readonly isHost: boolean
  readonly isLocked: boolean
  /** Told to hosts; the first one first. */
  readonly knocking: readonly Knock[]
}

/**
 * What a host can do. All of it is refused, and nothing happens, where this client is not one. What is asked before this client is in
 * the room waits until then.
 */
export interface Moderation extends Store<ModerationState> {
  /** Newcomers have to be let in from now on, or need not. */
  readonly lock: (isLocked: boolean) => void
  /** Lets somebody in who knocks. */
  readonly admit: (peer: PeerId) => void
  /** Removes a member, or turns away somebody who knocks; it cannot come back. */
  readonly remove: (peer: PeerId) => void
}

/** This client's place in one room. */
export interface RoomMembership extends Store<RosterState> {
  /** Subscribes to all events, in order. @returns a function that unsubscribes. */
  onEvent(listener: (event: RoomEvent) => void): () => void
  /**
   * Sends a signal to one member. Dropped when there is no such member; nothing is thrown for that.
   * @throws {ProtocolError} `too_big`, where signaling has a limit.
   */
  send(to: PeerId, signal: Signal): void
  /** Absent: this signaling has no hosts. */
  readonly moderation?: Moderation
  /** Leaves the room; the other members see it at once. */
  leave(): void
}

/** Whether signals get through. Calls between peers go on in every state except `closed`, which is final. */
export type SignalingStatus = 'connecting' | 'online' | 'reconnecting' | 'closed'

/**
 * What a mesh needs of its signaling: who is in the room, and a way to send text to one of them. A `SignalingClient` is one;
 * anything that keeps the rules G1 to G9 of `docs/room-signaling.md` can be another.
 */
export interface RoomSignaling extends Store<{ readonly status: SignalingStatus }> {
  /** This client's id; `undefined` until signaling has given it one, and known before the first event of a room. */
  readonly self: PeerId | undefined
  /** This page load, as the others see it in `PeerInfo`. */
  readonly instance: InstanceId
  readonly capabilities: Capabilities
  /** STUN and TURN servers for new connections. */
  readonly iceServers: Store<readonly IceServer[]>
  /**
   * Enters a room.
   * @throws {InvalidFieldError} when room or name cannot be used.
   */
  enter(entry: RoomEntry): RoomMembership
  /** Ends a wait before the next attempt to connect, if there is one. */
  retryNow?(): void
}
