import { createInstanceId, fullCapabilities, type PeerId, type RoomId, type SessionId } from '@patchbay/protocol'
import { expect, test } from 'vitest'
import type { Engine, RoomRules, RoomSnapshot, Seat } from '../src/engine/index.ts'
import { LocalMember } from '../src/hub/member.ts'
import { SharedRooms } from '../src/hub/shared-rooms.ts'
import { ManualClock } from './support/manual-clock.ts'
import { room } from './support/raw-hub.ts'

const seat = (node: string, letter: string): Seat => ({
  node,
  session: letter.repeat(22) as SessionId,
  state: 'in',
  info: {
    id: letter.repeat(22) as PeerId,
    instance: createInstanceId(),
    name: letter,
    line: 'raw',
    state: 'here',
    capabilities: fullCapabilities,
  },
})
const [mine, other] = [seat('node-1', 'a'), seat('node-2', 'b')]
const snapshot = (offset: number, seats: Seat[]) => ({ epoch: 'e', offset, isComplete: true, seats })

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
