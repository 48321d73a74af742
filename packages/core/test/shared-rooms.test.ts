import { createInstanceId, fullCapabilities, type PeerId, type SessionId } from '@patchbay/protocol'
import { expect, test } from 'vitest'
import type { Engine, RoomSnapshot, Seat } from '../src/engine/index.ts'
import { LocalMember } from '../src/hub/member.ts'
import { SharedRooms } from '../src/hub/shared-rooms.ts'
import { ManualClock } from './support/manual-clock.ts'
import { room } from './support/raw-hub.ts'

test('what was lost while a session entered a room is read once it is in', async () => {
  const clock = new ManualClock(64)
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
  let entered: ((snapshot: RoomSnapshot) => void) | undefined
  const engine = {
    node: 'node-1',
    enter: () => new Promise<RoomSnapshot>((resolve) => (entered = resolve)),
    read: async () => snapshot(2, [mine, other]),
  } as unknown as Engine
  const rooms = new SharedRooms({ clock, engine, max: 16, moveMs: 1, pass: () => true })
  const nothing = () => undefined
  const session = {
    takeRelayed: () => true,
    takeNotice: nothing,
    takeKnock: nothing,
    removed: nothing,
    endStale: nothing,
  }
  const entering = rooms.enter(room, new LocalMember(mine, session), {})
  rooms.readAgain()
  entered?.(snapshot(1, [mine]))
  await entering
  await clock.advance(0)
  expect(rooms.find(room)?.members.size).toBe(2)
})
