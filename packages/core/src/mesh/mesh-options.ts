import type { SignalSeal } from '../seal/index.ts'
import type { RoomEntry, RoomSignaling } from '../signaling/index.ts'
import type { Clock } from '../transport/index.ts'
import type { Feature } from './feature.ts'
import type { LimitMedia } from './media/media-budget.ts'
import type { CreatePeerConnection } from './peer-link.ts'

/** Options of a mesh. */
export interface MeshOptions {
  /** Says who is in the room and carries the first signals: a `SignalingClient`, or any other. */
  readonly signaling: RoomSignaling
  readonly entry: RoomEntry
  readonly createPeerConnection: CreatePeerConnection
  /** Further features, for example a `FileShare`. */
  readonly features?: readonly Feature[]
  readonly clock?: Clock
  /** Seals signals and names with the room's key; signals from members without the key are rejected. */
  readonly seal?: SignalSeal | undefined
  /** Limits the media sent to each peer: `limitMedia`. Without it the platform decides. */
  readonly limitMedia?: LimitMedia
  /** Hides this page's addresses from everyone: everything goes through a TURN server. */
  readonly relayOnly?: boolean | undefined
}
