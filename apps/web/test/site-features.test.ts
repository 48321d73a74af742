import { AUTO } from '@patchbay/core/client'
import { createHostKey, parseRoomId, type RoomId } from '@patchbay/protocol'
import { beforeEach, expect, test, vi } from 'vitest'
import { hostKeyOf, keepHostKey } from '../src/lib/host-keys'
import { dropKeptRooms } from '../src/lib/kept-rooms'
import { rememberedLine, rememberLine, shownLine } from '../src/lib/lines'

vi.mock(import('../site.config'), async (original) => {
  const { site } = await original()
  return { site: { ...site, features: { ...site.features, lineChoice: false, recentRooms: false } } }
})

const stored = { localStorage: new Map<string, string>(), sessionStorage: new Map<string, string>() }
beforeEach(() => {
  for (const [name, items] of Object.entries(stored)) {
    items.clear()
    vi.stubGlobal(name, {
      getItem: (key: string) => items.get(key) ?? null,
      setItem: (key: string, value: string) => items.set(key, value),
      removeItem: (key: string) => items.delete(key),
    })
  }
})

test('a site without the choice of lines uses the best one, whatever was chosen before, and shows none', () => {
  rememberLine('longpoll')
  expect(rememberedLine([{ name: 'websocket' }, { name: 'longpoll' }])).toBe(AUTO)
  expect(shownLine('longpoll')).toBeUndefined()
})

test('a site without recent rooms deletes the names and keys of rooms that the browser has kept', () => {
  for (const key of ['patchbay.rooms', 'patchbay.hosts', 'patchbay.name']) stored.localStorage.set(key, '[]')
  dropKeptRooms()
  expect([...stored.localStorage.keys()]).toEqual(['patchbay.name'])
})

test('a site without recent rooms keeps the keys of hosts no longer than the tab', () => {
  const room = parseRoomId('tea') as RoomId
  const key = createHostKey()
  keepHostKey(room, key)
  expect([hostKeyOf(room), stored.localStorage.size]).toEqual([key, 0])
})
