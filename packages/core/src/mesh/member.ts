import type { PeerInfo } from '@patchbay/protocol'
import type { ChatExchange } from './chat-exchange.ts'
import type { LinkState } from './link-state.ts'
import type { MediaState } from './local-media.ts'
import type { Path } from './path.ts'
import type { PeerLink } from './peer-link.ts'
import type { Reading } from './peer-link-host.ts'

/** A peer as the page shows it. */
export interface PeerView {
  /** In a room with a key, the name is the sealed one; {@link SEALED_NAME} until it is known. */
  readonly info: PeerInfo
  /** Whether the server lists it as reachable. `false` while the call to it goes on without signaling. */
  readonly listed: boolean
  readonly link: LinkState
  /** Which way packets take, once that is known. */
  readonly path: Path | undefined
  readonly media: MediaState
  /** The stream its media message names. */
  readonly stream: MediaStream | undefined
  /** The stream of its screen, likewise. */
  readonly screenStream: MediaStream | undefined
  /** What it measures, if it is a device: the newest value of each name. */
  readonly readings: readonly Reading[]
  /** Signals in its name that were not sealed with the room's key, or were changed, sent elsewhere or sent again on the way. */
  readonly refused: number
  /** The code to compare with this person, once either end has asked for it. */
  readonly safetyCode: string | undefined
}

/** What the server is told as the name of everyone in a room with a key. */
export const SEALED_NAME = '…'

/** A member of a room as its mesh keeps it. */
export interface Member {
  readonly link: PeerLink
  readonly info: PeerInfo
  readonly chat: ChatExchange
  readonly refused: number
  /** It came after us, and that was not said yet: its name is not known. */
  readonly unannounced: boolean
  /** Whether the server lists it. */
  readonly listed: boolean
  /** Neither the server nor the peer's own channel has been heard for long: it is not shown, and may still come back. */
  readonly parked: boolean
}

/** What the page is shown of a member. */
export function viewOf({ link, info, listed, refused }: Member): PeerView {
  return {
    info,
    listed,
    link: link.state,
    path: link.path,
    media: link.media,
    readings: link.readings,
    refused,
    safetyCode: link.safetyCode,
    stream: link.streams.find(({ id }) => id === link.media.stream),
    screenStream: link.streams.find(({ id }) => id === link.media.screenStream),
  }
}
