import { MemoryStore } from '@patchbay/core/files'
import { Hub } from '@patchbay/core/hub'
import type { Clock } from '@patchbay/core/transport'
import { createRoomKey } from '@patchbay/core/seal'
import { createHostKey } from '@patchbay/protocol'
import { dialMemory, MemoryAddress } from '@patchbay/transport-memory/client'
import { listenMemory } from '@patchbay/transport-memory/server'
import { afterEach, expect, test, vi } from 'vitest'
import { joinRoom, type JoinOptions, type Room } from '../src/index.ts'
import { nodeDataChannel } from '../src/node-datachannel.ts'

const rtc = { ...nodeDataChannel, capabilities: { ...nodeDataChannel.capabilities, files: true } }
const file = new File(['hello'], 'note.txt', { lastModified: 1 })
const hub = new Hub()
const address = new MemoryAddress()
hub.serve(listenMemory(address))
const rooms: Room[] = []

function join(name: string, options: Partial<JoinOptions> = {}): Room {
  const store = new MemoryStore(1_000_000)
  const room = joinRoom({ lines: [dialMemory(address)], room: 'friday', name, rtc, fileStore: store, ...options })
  rooms.push(room)
  return room
}

const offered = ({ files }: Room) => files.getSnapshot().map(({ name, state }) => `${name} ${state.phase}`)

afterEach(() => {
  for (const room of rooms.splice(0)) room.leave()
})

test('a file that is offered in the turn in which the room is joined reaches those who are there', async () => {
  const bob = join('Bob')
  await expect.poll(() => bob.membership.getSnapshot().status).toBe('joined')
  await join('Ada').files.offer(file)
  await expect.poll(() => offered(bob), { timeout: 10_000 }).toEqual(['note.txt offered'])
})

test('a file that is offered after the room was left is refused, also while the room was never entered', async () => {
  const ada = join('Ada')
  const early = ada.files.offer(file)
  ada.leave()
  for (const offer of [early, ada.files.offer(file)])
    await expect(offer).rejects.toMatchObject({ name: 'OutsideRoomError' })
})

test('a member that a host has removed offers nobody a file, not even by name', async () => {
  const ada = join('Ada', { hostKey: createHostKey() })
  await expect.poll(() => ada.moderation?.getSnapshot().isHost).toBe(true)
  const bob = join('Bob')
  await expect.poll(() => ada.peers.getSnapshot()).toHaveLength(1)
  const [id] = bob.peers.getSnapshot().map(({ info }) => info.id)
  if (bob.client.self !== undefined) ada.moderation?.remove(bob.client.self)
  await expect.poll(() => bob.membership.getSnapshot().status).toBe('refused')
  expect(id).toBe(ada.client.self)
  await expect(bob.files.offer(file, id && [id])).rejects.toMatchObject({ name: 'OutsideRoomError' })
})

test('a file for everyone in a room with a key is not offered to those who do not have that key', async () => {
  const key = createRoomKey()
  const ada = join('Ada', { key })
  const bob = join('Bob', { key })
  await expect.poll(() => ada.peers.getSnapshot()[0]?.link.phase, { timeout: 10_000 }).toBe('connected')
  join('Eve', { key: createRoomKey() })
  await expect.poll(() => ada.peers.getSnapshot().filter(({ refused }) => refused > 0)).toHaveLength(1)
  await ada.files.offer(file)
  await expect.poll(() => offered(bob), { timeout: 10_000 }).toEqual(['note.txt offered'])
  expect(ada.files.getSnapshot().map(({ peer }) => peer)).toEqual([bob.client.self])
})

test('a file for everyone in a room with a key is offered to those with that key alone, also of those who were there before', async () => {
  const key = createRoomKey()
  const eve = join('Eve', { key: createRoomKey() })
  await expect.poll(() => eve.membership.getSnapshot().status).toBe('joined')
  const bob = join('Bob', { key })
  await expect.poll(() => bob.peers.getSnapshot()).toHaveLength(1)
  const ada = join('Ada', { key })
  // In the turn of the joining nobody has shown a key.
  await ada.files.offer(file)
  await expect.poll(() => offered(bob), { timeout: 10_000 }).toEqual(['note.txt offered'])
  const other = new File(['bye'], 'other.txt', { lastModified: 1 })
  await ada.files.offer(other)
  await expect.poll(() => offered(bob)).toHaveLength(2)
  expect(ada.peers.getSnapshot()).toHaveLength(2)
  expect(ada.files.getSnapshot().map(({ peer }) => peer)).toEqual([bob.client.self, bob.client.self])
})

test('a file that is offered to somebody who is connected gets there though the code could not be loaded before', async () => {
  vi.doMock('../src/room-share.ts', () => Promise.reject(new TypeError('Failed to fetch')))
  // Of two imports at once only the first would find what is mocked: it is there for both after this one.
  await expect(import('../src/room-share.ts')).rejects.toThrow('mocking a module')
  const [ada, bob] = [join('Ada'), join('Bob')]
  for (const room of [ada, bob])
    await expect.poll(() => room.peers.getSnapshot()[0]?.link.phase, { timeout: 10_000 }).toBe('connected')
  await expect(ada.files.offer(file)).rejects.toThrow('mocking a module')
  vi.doUnmock('../src/room-share.ts')
  await import('../src/room-share.ts')
  await ada.files.offer(file)
  await expect.poll(() => offered(bob)).toEqual(['note.txt offered'])
})

test('the files of a room use the clock of the room', async () => {
  const asked: number[] = []
  const clock: Clock = {
    now: () => performance.now(),
    after: (ms, act) => {
      asked.push(ms)
      const timer = setTimeout(act, ms)
      return () => clearTimeout(timer)
    },
  }
  const [ada, bob] = [join('Ada'), join('Bob', { clock })]
  await expect.poll(() => ada.peers.getSnapshot()).toHaveLength(1)
  await ada.files.offer(file)
  await expect.poll(() => offered(bob), { timeout: 10_000 }).toEqual(['note.txt offered'])
  ada.leave()
  // How long the offers of somebody who is gone are kept.
  await expect.poll(() => asked).toContain(30_000)
})
