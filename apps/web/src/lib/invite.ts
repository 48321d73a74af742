import { parseRoomKey, type RoomKey } from '@patchbay/core/seal'
import { parseRoomId, randomToken, type RoomId } from '@patchbay/protocol'
import { read, tab, write } from './storage'

/** Content of an invite link. Everything except the room is in its fragment, which browsers never send to a server. */
export interface Invite {
  readonly room: RoomId
  /** Seals the room's signals; `undefined` in an open room, `damaged` when the link has an invalid key. */
  readonly key: RoomKey | 'damaged' | undefined
  /** Hides everyone's addresses: only relayed connections are used. */
  readonly relayOnly: boolean
  /** Whether those who come later get what was said. */
  readonly history: boolean
}

/** Path and fragment of an invite. */
export function inviteHref({ room, key, relayOnly, history }: Invite): `/r/${string}` {
  const parts = [
    ...(key === undefined ? [] : [`key=${key}`]),
    ...(relayOnly ? ['relay'] : []),
    ...(history ? [] : ['history=off']),
  ]
  return `/r/${room}${parts.length === 0 ? '' : `#${parts.join('&')}`}`
}

/** What follows the `#` of an address, up to another `#`: the router repeats it on the way back to a page that was loaded with it. */
export function fragmentOf(hash: string): string {
  return hash.split('#', 2)[1] ?? ''
}

/** Reads what follows the `#` of an invite link. */
export function readFragment(room: RoomId, fragment: string): Invite {
  const parts = new URLSearchParams(fragment)
  // Any other text is treated as a truncated key.
  const open = ['', 'relay', 'history=off', 'relay&history=off'].includes(fragment)
  return {
    room,
    key: open ? undefined : (parseRoomKey(parts.get('key') ?? '') ?? 'damaged'),
    relayOnly: parts.has('relay'),
    history: parts.get('history') !== 'off',
  }
}

/** Parses a typed or pasted room code or invite link. @returns `undefined` when it is neither. */
export function readInvite(text: string): Invite | undefined {
  const typed = text.trim()
  const url = URL.canParse(typed) ? new URL(typed) : undefined
  const path = url?.pathname ?? typed
  const room = parseRoomId(path.startsWith('/r/') ? path.slice(3) : path)
  return room && readFragment(room, fragmentOf(url?.hash ?? ''))
}

/** @returns the host of an invite link to another page than the one at `host`, where its room is somebody else's or empty. */
export function otherHost(text: string, host: string): string | undefined {
  const typed = text.trim()
  const url = URL.canParse(typed) ? new URL(typed) : undefined
  return url?.pathname.startsWith('/r/') === true && url.host !== host ? url.host : undefined
}

/** Creates a room id: the usable part of its title, plus enough randomness to avoid collisions. */
export function createRoomId(title: string): RoomId {
  const slug = title
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 32)
    .replaceAll(/^-+|-+$/g, '')
  const chance = randomToken(8).toLowerCase().replaceAll(/[_-]/g, 'x')
  return (slug === '' ? chance : `${slug}-${chance}`) as RoomId
}

const fragmentKey = (room: RoomId) => `patchbay.fragment.${room}`

/** Stores the fragment of the invite that this tab used, for rejoining. */
export function rememberFragment(room: RoomId, fragment: string): void {
  write(tab, fragmentKey(room), fragment)
}

/** Stores an invite that the router is about to follow: on a server of a newer build it loads the room's page without the fragment. */
export function rememberInvite(invite: Invite): void {
  const fragment = fragmentOf(inviteHref(invite))
  if (fragment !== '') rememberFragment(invite.room, fragment)
}

/** The fragment with which this tab was in the room before; empty if it was not. */
export function rememberedFragment(room: RoomId): string {
  return read(tab, fragmentKey(room)) ?? ''
}
