import { createHostKey, parseRoomId, type RoomId } from '@patchbay/protocol'
import { beforeEach, expect, test, vi } from 'vitest'
import { forgetOtherHostKeys, hostKeyOf, keepHostKey } from '../src/lib/host-keys'

const kept = new Map<string, string>()
beforeEach(() => {
  kept.clear()
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
  })
})

const room = (id: string) => parseRoomId(id) as RoomId

test('a room has the key that made this browser its host, and any other a fresh one', () => {
  const key = createHostKey()
  keepHostKey(room('tea'), key)
  expect(hostKeyOf(room('tea'))).toBe(key)
  expect(hostKeyOf(room('coffee'))).not.toBe(key)
  expect(hostKeyOf(room('coffee'))).not.toBe(hostKeyOf(room('coffee')))
})

test('the keys of the last 50 rooms are kept, each once', () => {
  const keys = Array.from({ length: 51 }, () => createHostKey())
  for (const [i, key] of keys.entries()) keepHostKey(room(`r${i}`), key)
  keepHostKey(room('r1'), keys[1]!)
  keepHostKey(room('r51'), keys[0]!)
  expect([1, 2, 3].map((i) => hostKeyOf(room(`r${i}`)) === keys[i])).toEqual([true, false, true])
})

test('a room that is forgotten has no key any more', () => {
  const key = createHostKey()
  for (const id of ['tea', 'coffee']) keepHostKey(room(id), key)
  forgetOtherHostKeys([room('tea')])
  expect([hostKeyOf(room('tea')) === key, kept.get('patchbay.hosts')?.includes('coffee')]).toEqual([true, false])
})

test.each(['', 'no json', '{}', '[1]', '[["tea"]]', '[["tea","too short"]]'])(
  'what is stored as %j is no key',
  (text) => {
    kept.set('patchbay.hosts', text)
    expect(hostKeyOf(room('tea'))).toMatch(/^[\w-]{43}$/)
  },
)
