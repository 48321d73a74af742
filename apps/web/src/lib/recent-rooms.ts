import { createStore } from '@patchbay/core/store'
import { cleanName, parseRoomId, type RoomId } from '@patchbay/protocol'
import { forgetOtherHostKeys } from './host-keys'
import { ROOMS_KEY } from './kept-rooms'
import { browser, read, write } from './storage'

/** A room that someone was in with this browser. */
export interface RecentRoom {
  readonly room: RoomId
  /** Its title; `undefined` if it has none. */
  readonly title: string | undefined
  /** Whether its invite has a key, without which nobody in it can be reached. */
  readonly isSealed: boolean
  /** When they were last in it, in milliseconds since 1970. */
  readonly at: number
  /** What follows the `#` of its invite, with the key; kept of rooms with a star only. */
  readonly fragment: string | undefined
}

/** How many are kept, without and with a star. */
export const MAX_RECENT = 6
export const MAX_STARRED = 12
/** Longest fragment of an invite, in UTF-16 code units; a longer one is not an invite of this page's. */
const MAX_FRAGMENT = 200

const rooms = createStore(stored())

/** Rooms that someone was in with this browser, those with a star first, then the latest. */
export const recentRooms = { subscribe: rooms.subscribe, getSnapshot: rooms.getSnapshot }

/** Notes that someone is in a room now. A star that it has stays, with its key; so does its title, when it comes without. */
export function noteRoom(now: Omit<RecentRoom, 'fragment'>): void {
  const before = stored().find(({ room }) => room === now.room)
  keep([{ ...now, title: now.title ?? before?.title, fragment: before?.fragment }, ...others(now.room)])
}

/** Whether one more room may have a star. */
export function hasFreeStar(all: readonly RecentRoom[]): boolean {
  return all.filter(({ fragment }) => fragment !== undefined).length < MAX_STARRED
}

/** Gives a room a star, if there is a free one, and keeps what follows the `#` of its invite; `undefined` takes both away. */
export function starRoom(room: RoomId, fragment: string | undefined): void {
  // Another tab may have given the last one.
  if (fragment !== undefined && !hasFreeStar(stored())) return rooms.set(stored())
  keep(stored().map((each) => (each.room === room ? { ...each, fragment } : each)))
}

/** Forgets a room. */
export function forgetRoom(room: RoomId): void {
  keep(others(room))
}

/** Forgets all rooms without a star. */
export function forgetRecent(): void {
  keep(stored().filter(({ fragment }) => fragment !== undefined))
}

/** What is stored now: another tab may have changed it. */
function stored(): readonly RecentRoom[] {
  return parse(read(browser, ROOMS_KEY))
}

const others = (room: RoomId) => stored().filter((each) => each.room !== room)

function keep(all: readonly RecentRoom[]): void {
  const next = bounded(all)
  rooms.set(next)
  write(browser, ROOMS_KEY, JSON.stringify(next))
  // Whoever forgets a room is not its host any more.
  forgetOtherHostKeys(next.map(({ room }) => room))
}

/** Those with a star first, then the latest, no more of either than are kept. */
export function bounded(all: readonly RecentRoom[]): readonly RecentRoom[] {
  const latest = all.toSorted((a, b) => b.at - a.at)
  return [
    ...latest.filter(({ fragment }) => fragment !== undefined).slice(0, MAX_STARRED),
    ...latest.filter(({ fragment }) => fragment === undefined).slice(0, MAX_RECENT),
  ]
}

/** Reads what was stored; whatever is not a room is left out. */
export function parse(text: string | undefined): readonly RecentRoom[] {
  let list: unknown
  try {
    list = JSON.parse(text ?? '[]')
  } catch {
    return []
  }
  return Array.isArray(list) ? bounded(list.flatMap(parseOne)) : []
}

function parseOne(entry: unknown): readonly RecentRoom[] {
  if (typeof entry !== 'object' || entry === null) return []
  const { room, title, isSealed, at, fragment } = entry as Readonly<Record<keyof RecentRoom, unknown>>
  const id = typeof room === 'string' ? parseRoomId(room) : undefined
  if (id === undefined || typeof at !== 'number' || !Number.isFinite(at)) return []
  const name = typeof title === 'string' ? cleanName(title) : ''
  return [
    {
      room: id,
      title: name === '' ? undefined : name,
      isSealed: isSealed === true,
      at,
      fragment: typeof fragment === 'string' && fragment.length <= MAX_FRAGMENT ? fragment : undefined,
    },
  ]
}
