import { expect, test } from 'vitest'
import { createRoomKey } from '../src/seal/index.ts'
import { meeting } from './support/meeting.ts'

test.each([
  ['sees the server first', 'ada', false],
  ['sees the server last', 'bob', false],
  ['sees the server first in a room with a key', 'ada', true],
  ['sees the server last in a room with a key', 'bob', true],
])(
  'whoever leaves and enters again while the server restarts is met anew by one who %s',
  async (_, first, isSealed) => {
    const key = isSealed ? createRoomKey() : undefined
    const { world, people, join } = await meeting({ name: 'ada', key }, { name: 'bob', key })
    const [ada, bob] = people
    if (ada === undefined || bob === undefined) throw new Error('nobody')
    const { clock } = world
    await expect.poll(() => clock.advance(100).then(ada.sees)).toEqual(['bob connected'])
    world.reachable = false
    world.restartHub()
    for (const { lines } of people) lines.at(-1)?.cut()
    bob.mesh.close()
    await clock.advance(1_000)
    expect(ada.sees()).toEqual([])
    const back = join({ name: 'bob', key }, bob)
    await clock.advance(1_000)
    world.reachable = true
    for (const { client } of first === 'ada' ? [ada, bob] : [bob, ada]) {
      client.retryNow()
      await clock.advance(20)
    }
    const log = () => ada.mesh.chat.getSnapshot().map(({ kind }) => kind)
    const both = () => [...ada.sees(), ...back.sees()]
    await expect.poll(() => clock.advance(100).then(both)).toEqual(['bob connected', 'ada connected'])
    expect(log()).toEqual(['joined', 'left', 'joined'])
  },
)

test('whoever says goodbye while the server does not hear it is not met again before it is back', async () => {
  const { world, people } = await meeting('ada', 'bob')
  const [ada, bob] = people
  const told: unknown[] = []
  ada?.mesh.membership.onEvent((event) => told.push(event.type === 'peer_updated' ? event.peer.state : event.type))
  bob?.lines.at(-1)?.silence()
  world.blocked.set('test', 'silent')
  bob?.mesh.close()
  await world.clock.advance(5_600)
  expect(told).toEqual(['away'])
  expect(ada?.sees()).toEqual([])
})

test('a stranger without the key that comes back stays one', async () => {
  const { world, people } = await meeting({ name: 'ada', key: createRoomKey() })
  const eve = world.connect()
  world.enter(eve)
  await world.clock.advance(1_000)
  eve.lines.at(-1)?.cut()
  await world.clock.advance(5_000)
  const [ada] = people
  expect(ada?.mesh.membership.getSnapshot()).toMatchObject({ peers: [{ id: eve.id, state: 'here' }] })
  expect(ada?.mesh.getSnapshot()).toEqual([])
})
