import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Feature, type LinkFeature, type LinkPort, OWN_FEATURES } from '../src/mesh/index.ts'
import { createRoomKey } from '../src/seal/index.ts'
import { FakeDataChannel } from './simulator/fake-internet.ts'
import { meeting } from './support/meeting.ts'
import { collectReported } from './support/reported.ts'

test('who leaves as soon as someone for whom too much waits is given up leaves no connection behind', async () => {
  const { world, internet, people } = await meeting('ada', 'bob')
  const [ada] = people
  if (ada === undefined) throw new Error('nobody')
  expect(ada.sees()).toEqual(['bob connected'])
  ada.mesh.subscribe(() => {
    if (ada.mesh.getSnapshot().length === 0) ada.mesh.close()
  })
  internet.dark.add('bob')
  await world.clock.advance(3_000)
  while (ada.mesh.chat.send('x'.repeat(7_000)) === 'sent') await world.clock.advance(500)
  expect(ada.mesh.chat.send('too late')).toBe('left')
  const own = internet.connections.filter(({ page }) => page === 'ada')
  expect(new Set(own.map(({ signalingState }) => signalingState))).toEqual(new Set(['closed']))
})

test('what is said to a page that has crashed is heard by the one that is loaded in its place, and by no later one', async () => {
  const { world, internet, people, join } = await meeting('ada', 'bob')
  const [ada, bob] = people
  if (ada === undefined || bob === undefined) throw new Error('nobody')
  internet.dark.add('bob')
  await world.clock.advance(3_000)
  expect(ada.sees()).toEqual(['bob healing'])
  ada.mesh.chat.send('are you there?')
  const again = join({ name: 'bob again', secret: bob.secret })
  await world.clock.advance(5_000)
  expect(ada.sees()).toEqual(['bob again connected'])
  expect(again.texts()).toEqual(['are you there?'])
  const kinds = ada.mesh.chat.getSnapshot().map(({ kind }) => kind)
  expect(kinds).toEqual(['joined', 'message', 'left', 'joined'])
  again.mesh.chat.send('yes')
  await world.clock.advance(1_000)
  expect(ada.texts().at(-1)).toBe('yes')
  internet.dark.add('bob again')
  await world.clock.advance(3_000)
  ada.mesh.chat.send('and now?')
  again.client.close()
  await world.clock.advance(20_000)
  const later = join({ name: 'bob later', secret: bob.secret })
  await world.clock.advance(5_000)
  expect([ada.sees(), later.texts()]).toEqual([['bob later connected'], []])
})

test('what is said in a sealed room to somebody who has just come, and has yet to show the key, is heard once it is shown', async () => {
  const key = createRoomKey()
  const { world, people, join } = await meeting({ name: 'ada', key })
  const [ada] = people
  if (ada === undefined) throw new Error('nobody')
  ada.mesh.chat.send('is anybody here?')
  const bob = join({ name: 'bob', key })
  // Sealing takes a turn of the event loop, and there is none in this.
  await world.clock.advance(1_000)
  expect(ada.sees()).toEqual([])
  ada.mesh.chat.send('hello')
  const said = ada.mesh.chat.getSnapshot().filter(({ kind }) => kind === 'message')
  expect(said.map((entry) => 'alone' in entry)).toEqual([true, false])
  await expect.poll(() => world.clock.advance(100).then(ada.sees)).toEqual(['bob connected'])
  ada.mesh.chat.send('how are you?')
  await world.clock.advance(1_000)
  expect(bob.texts()).toEqual(['hello', 'how are you?'])
})

describe('a feature of the application that throws', () => {
  let reported: readonly unknown[] = []
  beforeEach(() => {
    reported = collectReported()
  })
  afterEach(() => vi.unstubAllGlobals())

  test.each<keyof LinkFeature | 'attach' | 'forget'>([
    'attach',
    'opened',
    'introduced',
    'beat',
    'pinged',
    'ponged',
    'closed',
    'forget',
  ])('in `%s` has its error reported, and the members meet, talk and part all the same', async (where) => {
    const error = new Error(where)
    const fail = () => {
      throw error
    }
    const feature: Feature = {
      name: 'own',
      handles: [],
      attach: () => ({ [where]: fail }),
      ...((where === 'attach' || where === 'forget') && { [where]: fail }),
    }
    const { world, people } = await meeting({ name: 'ada', features: [feature] }, { name: 'bob', features: [feature] })
    const [ada, bob] = people
    if (ada === undefined || bob === undefined) throw new Error('nobody')
    expect([ada.sees(), bob.sees()]).toEqual([['bob connected'], ['ada connected']])
    ada.mesh.chat.send('hello')
    await world.clock.advance(10_000)
    expect([bob.texts(), bob.sees()]).toEqual([['hello'], ['ada connected']])
    bob.mesh.close()
    await world.clock.advance(1_000)
    expect(ada.sees()).toEqual([])
    expect(ada.mesh.chat.getSnapshot().at(-1)).toMatchObject({ kind: 'left' })
    expect(reported).toContain(error)
  })
})

test.each(OWN_FEATURES)(
  'a feature of the application cannot be called %s, as one that every mesh has',
  async (name) => {
    const feature: Feature = { name, handles: [], attach: () => ({}) }
    await expect(meeting({ name: 'ada', features: [feature] })).rejects.toThrow('`features` must be')
  },
)

test('a mesh tells the features that every mesh has by their names', async () => {
  const send = vi.spyOn(FakeDataChannel.prototype, 'send')
  await meeting('ada', 'bob')
  const { calls } = send.mock
  send.mockRestore()
  const told = calls.map(([data]) => data).find((data) => String(data).includes('"type":"features"'))
  expect(JSON.parse(String(told))).toMatchObject({ names: OWN_FEATURES })
})

describe('a feature of the application, as soon as it is told of a link,', () => {
  /** Bob in a room, and Ada who comes with a feature that does this to each new link; and what is left after 10 s. */
  async function meetWith(act: (port: LinkPort, leave: () => void) => void) {
    const reported = collectReported()
    const { world, internet, people, join } = await meeting('bob')
    const closed: LinkPort[] = []
    const attach = (port: LinkPort) => {
      act(port, () => ada.mesh.close())
      return { closed: () => closed.push(port) }
    }
    const ada = join({ name: 'ada', features: [{ name: 'own', handles: [], attach }] })
    await world.clock.advance(10_000)
    vi.unstubAllGlobals()
    const alive = internet.connections.filter(
      ({ page, signalingState }) => page === 'ada' && signalingState !== 'closed',
    )
    const notes = ada.mesh.chat.getSnapshot().map(({ kind }) => kind)
    return { reported, sees: ada.sees(), seen: people[0]?.sees(), closed: closed.length, alive: alive.length, notes }
  }

  test('can ask whether it passes: it does not yet', async () => {
    const passes: boolean[] = []
    const after = await meetWith((port) => passes.push(port.passes))
    expect(passes).toEqual([false])
    expect(after).toMatchObject({ reported: [], sees: ['bob connected'], seen: ['ada connected'] })
  })

  test('can cut it: the member is gone, and nothing of its connection is left', async () => {
    const after = await meetWith((port) => port.cut())
    expect(after).toMatchObject({ reported: [], sees: [], closed: 1, alive: 0, notes: ['cut'] })
  })

  test('can give it up: the member gets a new one', async () => {
    let links = 0
    const after = await meetWith((port) => (links += 1) === 1 && port.giveUp())
    expect(links).toBe(2)
    expect(after).toMatchObject({ reported: [], sees: ['bob connected'], closed: 1, seen: ['ada connected'] })
  })

  test('can leave the room: no connection is left', async () => {
    const after = await meetWith((_, leave) => leave())
    expect(after).toMatchObject({ reported: [], sees: [], seen: [], closed: 1, alive: 0 })
  })
})
