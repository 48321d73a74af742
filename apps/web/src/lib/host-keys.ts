import { createHostKey, type HostKey, parseHostKey, type RoomId } from '@patchbay/protocol'
import { site } from '../../site.config'
import { HOSTS_KEY } from './kept-rooms'
import { browser, read, tab, write } from './storage'

/** Rooms whose keys are kept, the latest first. */
const MAX_KEPT = 50
/** Where the browser keeps no names of rooms, keys go with the tab. */
const place = site.features.recentRooms ? browser : tab

/** @returns the key with which this browser was a host of the room before, or a fresh one. */
export function hostKeyOf(room: RoomId): HostKey {
  return stored().find(([id]) => id === room)?.[1] ?? createHostKey()
}

/** Keeps a key that has made this browser a host. */
export function keepHostKey(room: RoomId, key: HostKey): void {
  const others = stored().filter(([id]) => id !== room)
  write(place, HOSTS_KEY, JSON.stringify([[room, key], ...others].slice(0, MAX_KEPT)))
}

/** Forgets the keys of all other rooms. */
export function forgetOtherHostKeys(rooms: readonly RoomId[]): void {
  const kept = stored().filter(([id]) => rooms.some((room) => room === id))
  write(place, HOSTS_KEY, JSON.stringify(kept))
}

function stored(): (readonly [string, HostKey])[] {
  let list: unknown
  try {
    list = JSON.parse(read(place, HOSTS_KEY) ?? '[]')
  } catch {
    return []
  }
  if (!Array.isArray(list)) return []
  return list.flatMap((each: unknown) => {
    const [room, text] = Array.isArray(each) ? (each as unknown[]) : []
    const key = typeof text === 'string' ? parseHostKey(text) : undefined
    return typeof room === 'string' && key !== undefined ? [[room, key] as const] : []
  })
}
