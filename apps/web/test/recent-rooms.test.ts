import { parseRoomId, type RoomId } from '@patchbay/protocol'
import { beforeEach, expect, test, vi } from 'vitest'
import {
  bounded,
  forgetRecent,
  forgetRoom,
  MAX_RECENT,
  MAX_STARRED,
  noteRoom,
  parse,
  type RecentRoom,
  recentRooms,
  starRoom,
} from '../src/lib/recent-rooms'

beforeEach(() => {
  const kept = new Map<string, string>()
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
  })
})

const room = (id: string) => parseRoomId(id) as RoomId
const visit = (id: string, at: number) => ({ room: room(id), title: undefined, isSealed: true, at })
const listed = () => recentRooms.getSnapshot().map(({ room: id, fragment }) => [id, fragment])

test('a key is kept from the star on, and only as long as there is one', () => {
  noteRoom(visit('a', 1))
  noteRoom(visit('b', 2))
  expect(listed()).toEqual([
    ['b', undefined],
    ['a', undefined],
  ])
  starRoom(room('a'), 'key=k')
  noteRoom(visit('a', 3))
  noteRoom(visit('b', 4))
  expect(listed()).toEqual([
    ['a', 'key=k'],
    ['b', undefined],
  ])
  forgetRecent()
  expect(listed()).toEqual([['a', 'key=k']])
  starRoom(room('a'), undefined)
  expect(listed()).toEqual([['a', undefined]])
  forgetRoom(room('a'))
  expect(listed()).toEqual([])
})

test('no more rooms are kept than can be looked through', () => {
  const many = Array.from({ length: 50 }, (_, at): RecentRoom => ({
    ...visit(`r${at}`, at),
    fragment: at % 2 === 0 ? 'key=k' : undefined,
  }))
  const kept = bounded(many)
  expect(kept).toHaveLength(MAX_RECENT + MAX_STARRED)
  expect(kept[0]?.room).toBe('r48')
  expect(kept.at(-1)?.room).toBe(`r${49 - 2 * (MAX_RECENT - 1)}`)
})

test('a room gets no star beyond those that are kept, and none loses its key to it', () => {
  const ids = Array.from({ length: MAX_STARRED + 1 }, (_, at) => `r${at}`)
  ids.forEach((id, at) => {
    noteRoom(visit(id, at))
    starRoom(room(id), `key=${id}`)
  })
  const [last = '', ...first] = ids.toReversed()
  expect(listed()).toEqual([...first.map((id) => [id, `key=${id}`]), [last, undefined]])
  starRoom(room('r0'), undefined)
  starRoom(room(last), 'key=k')
  expect(listed()).toContainEqual([last, 'key=k'])
})

test('what was stored by something else is left out', () => {
  expect(parse(undefined)).toEqual([])
  expect(parse('{')).toEqual([])
  expect(parse('{"room":"a"}')).toEqual([])
  const stored = [
    null,
    { room: 'no such/room', at: 1 },
    { room: 'a', at: 'now' },
    { room: 'b', at: 1, title: 'B\u202E', isSealed: 'yes', fragment: 'x'.repeat(1_000) },
  ]
  expect(parse(JSON.stringify(stored))).toEqual([
    { room: 'b', at: 1, title: 'B', isSealed: false, fragment: undefined },
  ])
})
