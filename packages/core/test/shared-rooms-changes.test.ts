import type { PeerId, RoomId, SessionId } from '@patchbay/protocol'
import { expect, test } from 'vitest'
import { LEASE_MS, type RoomDelta, type Seat } from '../src/engine/index.ts'
import { follow, mine, other, seat, snapshot } from './support/followed-room.ts'
import { room } from './support/raw-hub.ts'

const third = seat('node-2', 'c')
const put = (offset: number, of: Seat, state: Seat['state'] = 'in'): RoomDelta => ({
  ...{ epoch: 'e', offset, type: 'put' },
  seat: { ...of, state },
})
const remove = (offset: number, { info, session }: Seat, reason?: 'left'): RoomDelta => ({
  ...{ epoch: 'e', offset, type: 'remove', peer: info.id, session },
  ...(reason !== undefined && { reason }),
})

test('changes are made in their order, each once, whatever the order in which they come', async () => {
  const { rooms, told, answers } = await follow(snapshot(1, [mine]))
  rooms.change(room, remove(3, other, 'left'))
  rooms.change(room, put(4, third))
  expect(told()).toEqual([])
  rooms.change(room, put(2, other))
  expect(told()).toEqual(['new_peer here', 'remove_peer left', 'new_peer here'])
  for (const again of [put(2, other), put(4, other), put(1, other)]) rooms.change(room, again)
  expect([told(), answers.length, rooms.find(room)?.members.size]).toEqual([[], 0, 2])
})

test('a change that does not come for half a second has the room read, and one that comes in time does not', async () => {
  const { rooms, told, answers, answer, clock } = await follow(snapshot(1, [mine]))
  rooms.change(room, put(3, third))
  await clock.advance(499)
  rooms.change(room, put(2, other))
  await clock.advance(1_000)
  expect([answers.length, told()]).toEqual([0, ['new_peer here', 'new_peer here']])
  rooms.change(room, remove(5, other, 'left'))
  await clock.advance(500)
  expect(answers).toHaveLength(1)
  await answer(snapshot(5, [mine, third]))
  expect([told(), answers.length]).toEqual([['remove_peer lost'], 0])
})

test.each<[string, RoomDelta]>([
  ['of another epoch', { ...put(2, other), epoch: 'later' }],
  ['of which nobody knows what it was', { epoch: '', offset: 0, type: 'unknown' }],
])('a change %s has the room read', async (_, change) => {
  const { rooms, told, answers, answer, clock } = await follow(snapshot(1, [mine]))
  rooms.change(room, change)
  await clock.advance(0)
  expect([answers.length, told()]).toEqual([1, []])
  await answer({ ...snapshot(1, [mine, other]), epoch: 'later' })
  expect(told()).toEqual(['new_peer here'])
  rooms.change(room, { ...put(2, third), epoch: 'later' })
  expect(told()).toEqual(['new_peer here'])
})

test('a thousand changes that wait for another are too many: the room is read', async () => {
  const { rooms, answers, clock } = await follow(snapshot(1, [mine]))
  for (let offset = 3; offset < 3 + 1_024; offset += 1) rooms.change(room, put(offset, other))
  await clock.advance(0)
  expect(answers).toHaveLength(0)
  rooms.change(room, put(2_000, other))
  await clock.advance(0)
  expect(answers).toHaveLength(1)
})

test('whoever is removed is gone with that session only, and a seat of this node is put again', async () => {
  const { rooms, told, puts } = await follow(snapshot(1, [mine, other]))
  rooms.change(room, remove(2, { ...other, session: 'z'.repeat(22) as SessionId }, 'left'))
  expect([told(), rooms.find(room)?.members.size]).toEqual([[], 2])
  rooms.change(room, remove(3, mine))
  expect([told(), puts, rooms.find(room)?.members.size]).toEqual([[], [mine.info.id], 2])
  rooms.change(room, remove(4, other))
  expect(told()).toEqual(['remove_peer lost'])
})

test('a member that moves is away, and lost when it has not come within the time for it', async () => {
  const { rooms, told, left, clock } = await follow(snapshot(1, [mine, other, third]))
  rooms.change(room, put(2, other, 'moving'))
  rooms.change(room, put(3, third, 'moving'))
  expect(told()).toEqual(['peer_update away', 'peer_update away'])
  await clock.advance(4_999)
  const back = { ...third, node: 'node-3', session: 'd'.repeat(22) as SessionId }
  rooms.change(room, put(4, back))
  expect([told(), left]).toEqual([['peer_update here'], []])
  await clock.advance(1)
  expect([told(), left]).toEqual([['remove_peer lost'], [[other.info.id, 'lost']]])
  await clock.advance(10_000)
  expect([told(), left.length]).toEqual([[], 1])
})

test('a member that is lost has a place, and is no member', async () => {
  const { rooms, told } = await follow(snapshot(1, [mine, other]))
  rooms.change(room, put(2, other, 'lost'))
  expect(told()).toEqual(['remove_peer lost'])
  expect([rooms.find(room)?.members.size, rooms.find(room)?.of(other.info.id)?.state]).toEqual([1, 'lost'])
})

test('a seat that another node has of a peer of this one takes its place, unless it is one of somebody who is gone', async () => {
  const { rooms, told, puts } = await follow(snapshot(1, [mine, other]))
  const elsewhere = { ...mine, node: 'node-2', session: 'd'.repeat(22) as SessionId }
  rooms.change(room, put(2, elsewhere, 'lost'))
  rooms.change(room, put(3, elsewhere, 'moving'))
  expect([puts, told()]).toEqual([[mine.info.id, mine.info.id], []])
  rooms.change(room, put(4, elsewhere))
  expect(told()).toContain('replaced')
  expect(rooms.size, 'nobody of this node is in it').toBe(0)
})

test('members of other nodes are away when the engine has been so for the time of a lease, and read again with it', async () => {
  const { rooms, told, answers, answer, clock } = await follow(snapshot(1, [mine, other]))
  rooms.health('down')
  await clock.advance(LEASE_MS - 1)
  rooms.health('up')
  await clock.advance(LEASE_MS)
  expect([told(), answers.length]).toEqual([[], 0])
  rooms.health('down')
  await clock.advance(LEASE_MS)
  expect(told()).toEqual(['peer_update away'])
  rooms.health('up')
  await clock.advance(0)
  expect(answers).toHaveLength(1)
  await answer(snapshot(1, [mine, other]))
  expect(told()).toEqual(['peer_update here'])
})

test('members of a dead node are lost, stay so while others still list them, and are read when it lives', async () => {
  const { rooms, told, answers, answer, clock } = await follow(snapshot(1, [mine, other]))
  rooms.nodes(new Set(['node-1', 'node-2']))
  expect(told()).toEqual([])
  rooms.nodes(new Set(['node-1']))
  expect(told()).toEqual(['remove_peer lost'])
  rooms.readAgain()
  await clock.advance(0)
  await answer(snapshot(2, [mine, other]))
  expect(told()).toEqual([])
  rooms.nodes(new Set(['node-1', 'node-2']))
  await clock.advance(0)
  expect(answers).toHaveLength(1)
  await answer(snapshot(2, [mine, other]))
  expect(told()).toEqual(['new_peer here'])
})

test('a read that the engine cannot answer is repeated after a second', async () => {
  const { rooms, answers, answer, clock } = await follow(snapshot(1, [mine]))
  rooms.readAgain()
  await clock.advance(0)
  await answer('busy')
  await clock.advance(999)
  expect(answers).toHaveLength(0)
  await clock.advance(1)
  expect(answers).toHaveLength(1)
  await answer(snapshot(1, [mine]))
  await clock.advance(60_000)
  expect(answers).toHaveLength(0)
})

test('nobody is removed by a snapshot that may lack somebody, and the room is read again after a lease', async () => {
  const { rooms, told, answers, answer, clock } = await follow(snapshot(1, [mine, other]))
  rooms.readAgain()
  await clock.advance(0)
  await answer({ ...snapshot(2, [mine]), isComplete: false })
  await clock.advance(LEASE_MS - 1)
  expect([told(), answers.length]).toEqual([[], 0])
  await clock.advance(1)
  expect(answers).toHaveLength(1)
  await answer(snapshot(2, [mine]))
  expect(told()).toEqual(['remove_peer lost'])
})

test('a seat of this node that a snapshot lacks is put again, and one that it should not have is given up', async () => {
  const { rooms, puts, left, answer, clock } = await follow(snapshot(1, [mine]))
  const stale = seat('node-1', 'd')
  rooms.readAgain()
  await clock.advance(0)
  await answer(snapshot(2, [stale]))
  expect([puts, left]).toEqual([[mine.info.id], [[stale.info.id, undefined]]])
})

test('who is in a room that this node does not follow is asked of the engine, without those who are lost or move', async () => {
  const { rooms, answers, answer, clock } = await follow(snapshot(1, [mine]))
  const look = async () => {
    const looking = rooms.look('elsewhere' as RoomId)
    await clock.advance(0)
    return { looking }
  }
  const first = await look()
  await answer({
    ...snapshot(1, [other, { ...third, state: 'lost' }, { ...seat('node-3', 'd'), state: 'moving' }]),
    title: 'Friday',
  })
  await expect(first.looking).resolves.toEqual({ title: 'Friday', names: ['b'] })
  const second = await look()
  await answer('busy')
  await expect(second.looking).resolves.toBe('busy')
  const here = await rooms.look(room)
  expect([here, answers.length]).toEqual([{ title: undefined, names: ['a'] }, 0])
})

test('a knock at a room that this node does not follow is passed to its hosts alone', async () => {
  const { rooms, passed, answer, clock } = await follow(snapshot(1, [mine]))
  const host = (letter: string, state: Seat['state'] = 'in'): Seat => {
    const made = seat('node-2', letter)
    return { ...made, state, info: { ...made.info, host: true } }
  }
  rooms.knock('elsewhere' as RoomId, 'knock')
  await clock.advance(0)
  await answer(snapshot(1, [other, host('d'), host('f', 'lost')]))
  expect(passed).toEqual(['d'.repeat(22) as PeerId])
  rooms.knock('elsewhere' as RoomId, 'knock')
  await clock.advance(0)
  await answer('busy')
  expect(passed).toHaveLength(1)
})
