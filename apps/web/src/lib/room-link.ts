import { parseRoomId, randomToken, type RoomId } from '@patchbay/protocol'

/** Path of a room's page. */
export function roomPath(room: RoomId): `/r/${string}` {
  return `/r/${room}`
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

/** Reads what a person typed or pasted: a room code, or an invite link. @returns `undefined` when it is neither. */
export function readInvite(text: string): RoomId | undefined {
  const typed = text.trim()
  const path = URL.canParse(typed) ? new URL(typed).pathname : typed
  return parseRoomId(path.startsWith('/r/') ? path.slice(3) : path)
}
