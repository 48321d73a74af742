import type { PeerInfo } from '@patchbay/protocol'
import type { RoomSignaling } from '../signaling/index.ts'
import type { LinkState } from './link-state.ts'
import type { PeerMedia, RoomMedia } from './media/room-media.ts'
import type { PeerLink } from './peer-link.ts'
import type { SafetyCodes } from './safety-codes.ts'
import type { Path } from './statistics/path.ts'

/** A peer as the page shows it. */
export interface PeerView extends PeerMedia {
  /** In a room with a key, `name` is the one from sealed signals; {@link SEALED_NAME} until it is known. */
  readonly info: PeerInfo
  /** Whether the server lists it. `false` while the call with it goes on without signaling. */
  readonly listed: boolean
  readonly link: LinkState
  /** Whether packets go directly or through a relay, once known. */
  readonly path: Path | undefined
  /** Number of rejected signals in its name: not sealed with the room's key, altered, misdirected or replayed. */
  readonly refused: number
  /** The code to compare with this person, once either end has requested it. */
  readonly safetyCode: string | undefined
}

/** The name that the server gets for every member of a room with a key. */
export const SEALED_NAME = '…'

/** Whether a member has shown the key of the room, with which its name comes; everybody has in a room without one. */
export function hasShownKey({ info, link }: Pick<PeerView, 'info' | 'link'>): boolean {
  return info.name !== SEALED_NAME || link.phase !== 'connecting'
}

/** How a connection to a member begins. */
export interface Meeting extends Pick<Member, 'unannounced'> {
  readonly offersFirst: boolean
  /** Number of its newest known connection, 0 for none. */
  readonly newestRemote?: number
}

/** A member of a room, as the mesh stores it. */
export interface Member {
  readonly link: PeerLink
  readonly info: PeerInfo
  readonly refused: number
  /** It joined after us, and `joined` is not in the log yet because its name is not known. */
  readonly unannounced: boolean
  /** Whether the server lists it. */
  readonly listed: boolean
  /** Unlisted by the server and silent on its own channel: it is hidden, and may still come back. */
  readonly parked: boolean
}

/** Attempts to heal a connection with what others relay, though signaling may reach the member. */
const RELAYED_ATTEMPTS = 4

/** Whether signaling reaches a member, as far as this end knows. */
export function isReached(member: Pick<Member, 'info' | 'listed'> | undefined, signaling: RoomSignaling): boolean {
  return signaling.getSnapshot().status === 'online' && member?.listed === true && member.info.state === 'here'
}

/**
 * Whether a signal is taken that a third member has relayed. Where these do not heal the connection, whoever relays them may
 * be the reason, so they are taken no longer once signaling reaches the member.
 */
export function takesRelayed(member: Shown, signaling: RoomSignaling): boolean {
  const { state } = member.link
  return state.phase === 'healing' && (state.attempt <= RELAYED_ATTEMPTS || !isReached(member, signaling))
}

/** What of a member is shown. */
export interface Shown extends Pick<Member, 'info' | 'listed' | 'refused'> {
  readonly link: Pick<PeerLink, 'state' | 'path'>
}

/** The view of a member for the page. */
export function viewOf({ link, info, listed, refused }: Shown, media: RoomMedia, safety: SafetyCodes): PeerView {
  const { id } = info
  const { state, path } = link
  return { info, listed, refused, link: state, path, ...media.of(id), safetyCode: safety.codeOf(id) }
}
