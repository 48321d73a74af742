import { fullCapabilities, type PeerId } from '@patchbay/protocol'
import { expect, test } from 'vitest'
import type { Engine, RoomSnapshot, Seat } from '../src/engine/index.ts'
import { Cluster } from '../src/hub/cluster.ts'
import { LocalMember } from '../src/hub/member.ts'
import { ManualClock } from './support/manual-clock.ts'
import { person, room } from './support/raw-hub.ts'
import { brief, rawNodes } from './support/raw-nodes.ts'

const DAY_MS = 86_400_000

test('a change of a room that is lost on its way is known within a second of the frame that comes after it', async () => {
  const { start, join, clock } = rawNodes()
  const [one, two] = [await start(), await start()]
  const ada = await join(one, 'Ada')
  const bob = await join(two, 'Bob')
  bob.news()
  two.trouble.isDeaf = true
  await join(one, 'Cyd')
  two.trouble.isDeaf = false
  expect(brief(bob.news())).toEqual([])
  await ada.say({ type: 'message', room, to: bob.id, body: 'hello' })
  await clock.advance(1_000)
  expect(brief(bob.news()).toSorted()).toEqual(['message', 'new_peer Cyd here'])
})

test('every seat is put and every home claimed again each day: an engine forgets what nobody touches', async () => {
  const clock = new ManualClock()
  const { instance } = person()
  const id = 'a'.repeat(22) as PeerId
  const put: string[] = []
  let claims = 0
  const nothing = () => undefined
  const snapshot = async (): Promise<RoomSnapshot> => ({ epoch: 'e', offset: 1, isComplete: true, seats: [seat] })
  const engine: Partial<Engine> = {
    ...{ node: 'one', start: async () => {}, close: async () => {}, enter: snapshot, read: snapshot },
    later: (act) => act(),
    update: (_, { info }) => put.push(info.id),
  }
  const seat = {
    ...{ node: 'one', session: 's'.repeat(22), state: 'in' },
    info: { id, instance, name: 'Ada', line: 'raw', state: 'here', capabilities: fullCapabilities },
  } as Seat
  const cluster = new Cluster({
    ...{ clock, engine: engine as Engine, maxPeers: 16, moveMs: 1 },
    ...{ guest: nothing, isHere: () => true, accept: nothing, dropped: nothing },
    claimAgain: () => (claims += 1),
  })
  await cluster.start()
  const session = {
    ...{ takeRelayed: () => true, takeNotice: nothing, takeKnock: nothing },
    ...{ removed: nothing, ruled: nothing, endStale: nothing },
  }
  await cluster.rooms.enter(room, new LocalMember(seat, session), {})
  await clock.advance(DAY_MS - 1)
  expect([put, claims]).toEqual([[], 0])
  await clock.advance(1)
  expect([put, claims]).toEqual([[id], 1])
  await clock.advance(DAY_MS)
  expect([put, claims]).toEqual([[id, id], 2])
  await cluster.close()
  expect(clock.pending).toBe(0)
})
