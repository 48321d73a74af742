import type { RoomId, SessionId } from '@patchbay/protocol'
import { expect, test } from 'vitest'
import { type Engine, LEASE_MS, type RoomRules, type RoomSnapshot, type Seat } from '../src/engine/index.ts'
import { LocalMember } from '../src/hub/member.ts'
import { SharedRooms } from '../src/hub/shared-rooms.ts'
import { follow, mine, other, seat, snapshot } from './support/followed-room.ts'
import { ManualClock } from './support/manual-clock.ts'
import { room } from './support/raw-hub.ts'

/** Rooms on an engine whose answer to an entry comes when the test says so. */
function enterLate() {
  const clock = new ManualClock(64)
  const answers: ((snapshot: RoomSnapshot) => void)[] = []
  const left: string[] = []
  const engine = {
    node: 'node-1',
    enter: () => new Promise<RoomSnapshot>((resolve) => answers.push(resolve)),
    leave: (_: RoomId, { info }: Seat) => left.push(info.id),
    read: async () => snapshot(2, [mine, other]),
    later: (act: () => Promise<unknown>) => act(),
  } as unknown as Engine
  const rooms = new SharedRooms({ clock, engine, max: 16, moveMs: 1, pass: () => true })
  const nothing = () => undefined
  const session = {
    takeRelayed: () => true,
    takeNotice: nothing,
    takeKnock: nothing,
    removed: () => rooms.leave(room, mine.info.id, mine.session, 'left'),
    ruled: nothing,
    endStale: nothing,
  }
  const entering = rooms.enter(room, new LocalMember(mine, session), {})
  return { clock, rooms, left, entering, answer: (answered: RoomSnapshot) => answers[0]?.(answered) }
}

test('whoever comes in while the room is read stays, though what was read is from before', async () => {
  const { rooms, told, answers, answer } = await follow(snapshot(1, [mine]))
  rooms.readAgain()
  rooms.change(room, { epoch: 'e', offset: 2, type: 'put', seat: other })
  await answer(snapshot(1, [mine]))
  expect(rooms.find(room)?.members.size).toBe(2)
  expect(told()).toEqual(['new_peer here'])
  expect(answers, 'it is read again').toHaveLength(1)
  await answer(snapshot(2, [mine, other]))
  expect([rooms.find(room)?.members.size, answers.length]).toEqual([2, 0])
})

test('a room that has stepped back in the store is as the store has it', async () => {
  const { rooms, answers, answer } = await follow(snapshot(9, [mine, other]))
  rooms.readAgain()
  await answer(snapshot(4, [mine]))
  expect([rooms.find(room)?.members.size, answers.length]).toEqual([1, 0])
  rooms.change(room, { epoch: 'e', offset: 5, type: 'put', seat: other })
  expect(rooms.find(room)?.members.size).toBe(2)
})

test('a node whose own change shows that the store has stepped back puts a seat again when all nodes hear of it', async () => {
  const { rooms, clock, puts } = await follow(snapshot(9, [mine, other]))
  rooms.change(room, { epoch: 'e', offset: 10, type: 'put', seat: mine })
  await clock.advance(LEASE_MS)
  expect(puts).toEqual([])
  for (const offset of [6, 7]) rooms.change(room, { epoch: 'e', offset, type: 'put', seat: mine })
  await clock.advance(LEASE_MS)
  expect(puts).toEqual([mine.info.id])
})

test('what a host has said last holds, though the store has stepped back behind it', async () => {
  const rules: RoomRules = { host: 'key', isLocked: true, revision: 1, verdicts: {} }
  const { rooms, restored, answer } = await follow({ ...snapshot(9, [mine, other]), rules })
  rooms.readAgain()
  await answer({ ...snapshot(4, [mine, other]), rules: { ...rules, isLocked: false, revision: 0 } })
  expect([restored, rooms.find(room)?.rules]).toEqual([[rules], rules])
})

test('a seat in a room that this node does not follow is given up when something happens there: its end was lost', async () => {
  const [left, read]: [string[], string[]] = [[], []]
  const moving: Seat = { ...seat('node-1', 'c'), state: 'moving' }
  const engine = {
    node: 'node-1',
    leave: (_: RoomId, { info }: Seat) => left.push(info.id),
    read: async (id: RoomId) => {
      read.push(id)
      return snapshot(7, [mine, other, moving])
    },
    later: (act: () => Promise<unknown>) => act(),
  } as unknown as Engine
  const clock = new ManualClock(64)
  const rooms = new SharedRooms({ clock, engine, max: 16, moveMs: 1, pass: () => true })
  const own = { peer: mine.info.id, session: 'node-1'.padEnd(22, 'a') as SessionId }
  rooms.change(room, { epoch: 'e', offset: 1, type: 'put', seat: other })
  rooms.change(room, { epoch: 'e', offset: 6, type: 'put', seat: moving })
  rooms.change(room, { epoch: 'e', offset: 7, type: 'remove', ...own })
  rooms.change(room, { epoch: '', offset: 0, type: 'unknown' })
  await clock.advance(0)
  expect([read, left], 'nothing to look for').toEqual([[], []])
  rooms.change(room, { epoch: 'e', offset: 7, type: 'put', seat: other })
  await clock.advance(0)
  expect([read, left]).toEqual([[room], [mine.info.id]])
})

test('what was lost while a session entered a room is read once it is in', async () => {
  const { clock, rooms, entering, answer } = enterLate()
  rooms.readAgain()
  answer(snapshot(1, [mine]))
  await entering
  await clock.advance(0)
  expect(rooms.find(room)?.members.size).toBe(2)
})

test('whoever a host removes before the answer to its entry is here is out', async () => {
  const { rooms, left, entering, answer } = enterLate()
  const rules: RoomRules = { host: 'key', isLocked: false, revision: 1, verdicts: { [mine.info.id]: 'removed' } }
  rooms.change(room, { epoch: 'e', offset: 2, type: 'rules', rules })
  answer(snapshot(1, [mine, other]))
  await entering
  expect(rooms.find(room)?.of(mine.info.id)).toBeUndefined()
  expect(left).toEqual([mine.info.id])
  expect(rooms.size, 'rooms that are followed').toBe(0)
})
