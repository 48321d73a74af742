import { createInstanceId, fullCapabilities, type PeerId, type RoomId, type SessionId } from '@patchbay/protocol'
import { expect, test } from 'vitest'
import { createEngine, LEASE_MS, MemoryStore, type Seat } from '../src/engine/index.ts'
import { ManualClock } from './support/manual-clock.ts'
import { type Trouble, troubled } from './support/troubled-store.ts'

const room = 'room' as RoomId

test('a node that shuts down while the store hangs is done by the time the others give it up', async () => {
  const clock = new ManualClock(64)
  const trouble: Trouble = { isCut: false, isDeaf: false, delayMs: 0 }
  const engine = createEngine({ store: troubled(new MemoryStore(clock).connect(), trouble, clock), clock })
  const nothing = () => {}
  void engine.start({ frame: nothing, room: nothing, nodes: nothing, health: nothing, reset: nothing, gap: nothing })
  await clock.advance(5)
  const seat = (n: number): Seat => ({
    node: engine.node,
    session: `${n}`.padStart(22, 's') as SessionId,
    info: {
      id: `${n}`.padStart(22, 'p') as PeerId,
      instance: createInstanceId(),
      name: 'Ada',
      line: 'test',
      state: 'here',
      capabilities: fullCapabilities,
    },
    state: 'in',
  })
  trouble.delayMs = 1e9
  // One act after another, each of which is given up after a while.
  for (let n = 0; n < 10; n += 1) engine.update(room, seat(n))
  let isClosed = false
  void engine.close().then(() => (isClosed = true))
  await clock.advance(LEASE_MS - 1)
  expect(isClosed).toBe(false)
  await clock.advance(1)
  expect(isClosed).toBe(true)
})
