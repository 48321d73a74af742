import type { GetToken, LineMemory } from '@patchbay/core/client'
import type { Conversation } from '@patchbay/core/conversation'
import type { FileStore } from '@patchbay/core/files'
import type { CreatePeerConnection, Feature, LocalDevices, ProcessedMedia } from '@patchbay/core/mesh'
import type { RoomKey } from '@patchbay/core/seal'
import type { RoomEntry } from '@patchbay/core/signaling'
import type { Clock, Dialer } from '@patchbay/core/transport'
import type { Capabilities, InstanceId, PeerSecret } from '@patchbay/protocol'

/** A WebRTC implementation, where the platform has none. */
export interface RtcStack {
  readonly createPeerConnection: CreatePeerConnection
  /** What its connections can do. */
  readonly capabilities: Capabilities
}

/** How to join a room. */
export interface JoinOptions extends RoomEntry {
  /**
   * `http:` or `https:` URL of the server; its lines are found at `/ws` and `/poll` below it. In a browser by default the
   * page's own origin. Not needed with `lines`.
   */
  readonly server?: string
  /** Lines to the server, best first, instead of WebSocket and long-poll at `server`. */
  readonly lines?: readonly Dialer[]
  /** Name of the line to use; by default `auto`, the best one that works. */
  readonly line?: string
  /** Remembers the line that `auto` tries first next time. */
  readonly lineMemory?: LineMemory
  /**
   * Says who this is, where the server asks (`authorize`): called when there is no token that is valid, and before that expires.
   * What it returns is shown at each greeting meanwhile.
   */
  readonly token?: GetToken
  /**
   * The key of a sealed room: signals and names are sealed with it, and members without it are kept out. Without one, or with
   * `undefined`, nothing is sealed: of a key from a link, check first what `parseRoomKey` returns.
   */
  readonly key?: RoomKey | undefined
  /** Hides this page's addresses from everyone: everything goes through a TURN server. */
  readonly relayOnly?: boolean | undefined
  /**
   * Proves who this is when it comes back: whoever has it is the same member. By default kept for the lifetime of the
   * browser's tab, and in Node for that of the room. A second room in the same page gets another; one in a frame of the same
   * origin, in a duplicated tab or in a window that the page opens needs to be given one (`createPeerSecret`), or takes the place of the first.
   */
  readonly secret?: PeerSecret
  /** New on each page load; by default a fresh one. */
  readonly instance?: InstanceId
  /** By default the browser's WebRTC. In Node: `nodeDataChannel` of `@patchbay/room/node-datachannel`, or any other. */
  readonly rtc?: RtcStack
  /**
   * Makes camera, microphone and screen, or hands over what was there for a preview: what is on is sent from the start. The room
   * releases them when it is left. By default `() => new LocalDevices(navigator.mediaDevices)`.
   */
  readonly devices?: () => LocalDevices
  /**
   * Sets up what camera and microphone go through before anything of them is sent, with `process`; returns what undoes it when
   * the room is left.
   */
  readonly processMedia?: (outgoing: ProcessedMedia) => () => void
  /** Where received files go; by default the browser's origin-private file system, or memory. In Node offers are declined. */
  readonly fileStore?: FileStore
  /**
   * Makes the conversation: `() => new Conversation()` of `@patchbay/core/conversation`, for replies, edits, reactions, receipts
   * and history. Without it there is the chat alone.
   */
  readonly conversation?: () => Conversation
  /** Further features of the connections between members, by other names than those that every room has, such as `chat` and `files`. */
  readonly features?: readonly Feature[]
  readonly clock?: Clock
}
