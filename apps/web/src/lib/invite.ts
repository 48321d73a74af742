import { parseRoomKey, type RoomKey } from '@patchbay/core/seal'
import { parseRoomId, randomToken, type RoomId } from '@patchbay/protocol'
import { read, tab, write } from './storage'

/** What an invite link says. Everything but the room is in its fragment, which browsers tell no server. */
export interface Invite {
  readonly room: RoomId
  /** Seals the room's signals; `undefined` in an open room, `damaged` when the link has one that is none. */
  readonly key: RoomKey | 'damaged' | undefined
  /** Nobody in the room learns the others' addresses. */
  readonly relayOnly: boolean
}

/** Path and fragment of an invite. */
export function inviteHref({ room, key, relayOnly }: Invite): `/r/${string}` {
  const parts = [...(key === undefined ? [] : [`key=${key}`]), ...(relayOnly ? ['relay'] : [])]
  return `/r/${room}${parts.length === 0 ? '' : `#${parts.join('&')}`}`
}

/** Reads what follows the `#` of an invite link. */
export function readFragment(room: RoomId, fragment: string): Invite {
  const parts = new URLSearchParams(fragment)
  // Whatever else stands there was a key once, before someone cut it short.
  const open = fragment === '' || fragment === 'relay'
  return {
    room,
    key: open ? undefined : (parseRoomKey(parts.get('key') ?? '') ?? 'damaged'),
    relayOnly: parts.has('relay'),
  }
}

/** Reads what a person typed or pasted: a room code, or an invite link. @returns `undefined` when it is neither. */
export function readInvite(text: string): Invite | undefined {
  const typed = text.trim()
  const url = URL.canParse(typed) ? new URL(typed) : undefined
  const path = url?.pathname ?? typed
  const room = parseRoomId(path.startsWith('/r/') ? path.slice(3) : path)
  return room && readFragment(room, url?.hash.slice(1) ?? '')
}

/** Makes a room id: what can be kept of its title, then enough chance that nobody meets in it by accident. */
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

/** Keeps the fragment by which this tab was let in, for the way back. */
export function rememberFragment(room: RoomId, fragment: string): void {
  write(tab, fragmentKey(room), fragment)
}

/** The fragment by which this tab was in the room before; empty when it was not. */
export function rememberedFragment(room: RoomId): string {
  return read(tab, fragmentKey(room)) ?? ''
}
