import { type ClientMessage, createHostKey, type HostKey, type PeerId } from '@patchbay/protocol'
import { expect, test } from 'vitest'
import { type Person, person, room } from './support/raw-hub.ts'
import { type Guest, type Node, rawNodes } from './support/raw-nodes.ts'

/** What happens to the rules of a room while nodes and their store fail. Lines never do unless a test says so. */
async function meet() {
  const world = rawNodes({ limits: { heartbeatMs: 80_000_000, deadMs: 85_000_000, slowMs: 80_000_000 } })
  const [one, two] = [await world.start(), await world.start()]
  const enter = async (node: Node, name: string, hostKey?: HostKey, who: Person = person()) => {
    const guest = await world.greet(node, { type: 'hello', ...who })
    await guest.say(joining(name, hostKey))
    return guest
  }
  const shutDown = async ({ hub }: Node) => {
    hub.drain(5_000)
    const closing = hub.close()
    await world.clock.advance(50)
    await closing
  }
  return { ...world, one, two, enter, shutDown }
}

const joining = (name: string, hostKey?: HostKey): ClientMessage => ({
  type: 'join',
  room,
  name,
  ...(hostKey !== undefined && { hostKey }),
})
const another = (who: Person): Person => ({ ...who, instance: person().instance })
const types = (guest: Guest) => guest.news().map(({ type, code }) => code ?? type)

test.each(['is shut down', 'dies'])(
  'a locked room whose only node %s stays locked, and its host is host again',
  async (end) => {
    const { one, two, enter, shutDown, clock } = await meet()
    const [key, who] = [createHostKey(), person()]
    const ada = await enter(one, 'Ada', key, who)
    await ada.say({ type: 'lock', room, locked: true })
    const eve = await enter(two, 'Eve', createHostKey())
    await clock.advance(10_000)
    if (end === 'dies') one.trouble.isCut = true
    else await shutDown(one)
    eve.news()
    for (let ms = 0; ms < 20_000; ms += 500) {
      await eve.say(joining('Eve', createHostKey()))
      await clock.advance(500)
    }
    expect([...new Set(types(eve))]).toEqual(['room_locked'])
    const back = await enter(two, 'Ada', key, another(who))
    expect(back.news().at(-1)).toMatchObject({ type: 'peers', host: true, locked: true })
  },
)

test.each(['is shut down', 'dies'])(
  'a locked room whose only node %s is gone after two minutes when nobody comes back, however often somebody knocks',
  async (end) => {
    const { one, two, enter, shutDown, clock } = await meet()
    const ada = await enter(one, 'Ada', createHostKey())
    await ada.say({ type: 'lock', room, locked: true })
    await clock.advance(10_000)
    if (end === 'dies') one.trouble.isCut = true
    else await shutDown(one)
    const key = createHostKey()
    const eve = await enter(two, 'Eve', key)
    for (let ms = 0; ms < 120_000; ms += 3_000) {
      await clock.advance(3_000)
      await eve.say(joining('Eve', key))
    }
    expect([...new Set(types(eve))]).toEqual(['welcome', 'room_locked'])
    await clock.advance(5_000)
    await eve.say(joining('Eve', key))
    expect(eve.news()).toMatchObject([{ type: 'peers', host: true, peers: [] }])
  },
)

test.each([
  ['an open room', { title: 'Tea' }],
  ['a locked room', { code: 'room_locked' }],
])('%s whose only node dies is kept for two minutes, and after that is another one', async (what, kept) => {
  for (const [ms, found] of [
    [120_000, kept],
    [124_000, { title: 'Coffee', host: true }],
  ] as const) {
    const { one, two, enter, clock, greet } = await meet()
    const ada = await greet(one, { type: 'hello', ...person() })
    await ada.say({ ...joining('Ada', createHostKey()), title: 'Tea' } as ClientMessage)
    await enter(one, 'Bob')
    if (what === 'a locked room') await ada.say({ type: 'lock', room, locked: true })
    await clock.advance(10_000)
    one.trouble.isCut = true
    await clock.advance(ms)
    const eve = await greet(two, { type: 'hello', ...person() })
    eve.news()
    await eve.say({ ...joining('Eve', createHostKey()), title: 'Coffee' } as ClientMessage)
    const [roster] = eve.news()
    expect(roster).toMatchObject(found)
    expect('host' in (roster ?? {})).toBe('host' in found)
  }
})

test.each(['on its session', 'as a new page'])(
  'a room keeps its rules for a host that comes back %s, though the server of the only other member died long ago',
  async (how) => {
    const { one, two, enter, clock, greet, start } = await meet()
    const [key, eveIs] = [createHostKey(), person()]
    const ada = await enter(one, 'Ada', key)
    const eve = await enter(one, 'Eve', undefined, eveIs)
    await enter(two, 'Bob')
    await ada.say({ type: 'remove', room, to: eve.id }, { type: 'lock', room, locked: true })
    await clock.advance(10_000)
    two.trouble.isCut = true
    await clock.advance(130_000)
    await ada.cut()
    await clock.advance(8_000)
    if (how === 'as a new page') await enter(one, 'Ada', undefined, another(ada.who))
    else await greet(one, { type: 'resume', ...ada.who, session: ada.session, received: 1 })
    await clock.advance(1_000)
    const three = await start()
    await clock.advance(5_000)
    expect(types(await enter(three, 'Fay'))).toEqual(['welcome', 'room_locked'])
    expect(types(await enter(three, 'Eve', undefined, another(eveIs)))).toEqual(['welcome', 'removed'])
  },
)

test('a knock on a locked room loses no member that is expected from a node that was shut down', async () => {
  const { one, two, enter, shutDown, clock } = await meet()
  const ada = await enter(one, 'Ada', createHostKey())
  await enter(two, 'Bob')
  await ada.say({ type: 'lock', room, locked: true })
  await clock.advance(10_000)
  await shutDown(two)
  await clock.advance(1_000)
  ada.news()
  await enter(one, 'Eve')
  expect(types(ada)).toEqual(['knock'])
})

test('a member that a host has removed is shown to nobody any more, though its node has not heard of it', async () => {
  const { one, two, enter, clock } = await meet()
  const ada = await enter(one, 'Ada', createHostKey())
  const cyd = await enter(one, 'Cyd')
  const bob = await enter(two, 'Bob')
  await clock.advance(10_000)
  cyd.news()
  two.trouble.isDeaf = true
  await ada.say({ type: 'remove', room, to: bob.id })
  await bob.cut()
  two.trouble.isDeaf = false
  await clock.advance(3_000)
  two.trouble.isCut = true
  await clock.advance(6_000)
  two.trouble.isCut = false
  await clock.advance(6_000)
  expect(cyd.news().map(({ type, reason }) => [type, reason])).toEqual([['remove_peer', 'left']])
})

test('whoever opens a room soon after the store has lost everything is its host, once nobody else can have been it', async () => {
  const { one, enter, store, clock } = await meet()
  await clock.advance(3_000)
  store.restart()
  await clock.advance(1_500)
  const ada = await enter(one, 'Ada', createHostKey())
  expect(ada.news().at(-1)).toMatchObject({ type: 'peers', undecided: true })
  const eve = await enter(one, 'Eve', createHostKey())
  await clock.advance(6_000)
  expect(ada.news().at(-1)).toMatchObject({ type: 'peers', host: true })
  expect(eve.news().slice(-2)).toMatchObject([
    { type: 'peer_update', peer: { name: 'Ada', host: true } },
    { type: 'peers' },
  ])
})

test('nobody who comes soon after the store has lost everything becomes host of people who had none, nor later', async () => {
  const { one, two, enter, store, clock } = await meet()
  await clock.advance(121_000)
  for (const [node, name] of [[one, 'Zoe'], [two, 'Yan']] as const) await enter(node, name) // prettier-ignore
  const who = person()
  for (const isGone of [false, true]) {
    store.restart()
    await clock.advance(1_500)
    const eve = await enter(one, 'Eve', createHostKey(), isGone ? another(who) : who)
    expect(eve.news().at(-1)).toMatchObject({ type: 'peers', undecided: true })
    if (isGone) await eve.say({ type: 'bye' })
    await clock.advance(20_000)
    if (!isGone) await eve.say({ type: 'lock', room, locked: true })
    const answers = eve.news().filter(({ type }) => type === 'peers' || type === 'error')
    expect(answers).toMatchObject(isGone ? [] : [{ type: 'peers' }, { code: 'not_host' }])
    for (const answer of answers) expect(answer).not.toHaveProperty('undecided')
  }
})

test.each([
  ['at another node, with a key', true],
  ['at the same one, without a key', false],
])(
  'whoever opens a room soon after the store has lost everything is its host, though others come %s',
  async (_, isFar) => {
    const { one, two, enter, store, clock } = await meet()
    await clock.advance(121_000)
    store.restart()
    await clock.advance(1_500)
    const ada = await enter(one, 'Ada', createHostKey())
    const bob = await (isFar ? enter(two, 'Bob', createHostKey()) : enter(one, 'Bob'))
    if (!isFar) expect(bob.news().at(-1)).not.toHaveProperty('undecided')
    await clock.advance(10_000)
    expect(ada.news().at(-1)).toMatchObject({ type: 'peers', host: true })
    const news = bob.news()
    expect(news).toContainEqual(
      expect.objectContaining({ type: 'peer_update', peer: expect.objectContaining({ host: true }) }),
    )
    if (!isFar) return
    const roster = news.findLast(({ type }) => type === 'peers')
    expect(roster, 'he hears that he is none').toBeDefined()
    for (const field of ['host', 'undecided']) expect(roster).not.toHaveProperty(field)
  },
)

test('whoever opens a room soon after the store has lost everything, and leaves again, is not its host', async () => {
  const { one, enter, store, clock } = await meet()
  await clock.advance(121_000)
  store.restart()
  await clock.advance(1_500)
  const eve = await enter(one, 'Eve', createHostKey())
  const ada = await enter(one, 'Ada', createHostKey())
  await eve.say({ type: 'bye' })
  await clock.advance(6_000)
  expect(ada.news().at(-1)).toMatchObject({ type: 'peers', host: true })
})

test('a host that enters at another node soon after the store has lost everything is a host for everybody', async () => {
  const { one, two, start, enter, store, clock } = await meet()
  const three = await start()
  const [key, who] = [createHostKey(), person()]
  await clock.advance(3_000)
  const ada = await enter(one, 'Ada', key, who)
  const bob = await enter(two, 'Bob')
  await clock.advance(3_000)
  store.restart()
  await clock.advance(1_500)
  await ada.say({ type: 'bye' })
  bob.news()
  await enter(three, 'Ada', key, another(who))
  await clock.advance(1_000)
  expect(bob.news().at(-1)).toMatchObject({ peer: { name: 'Ada', host: true } })
})

test('members learn that their room is locked from a host whose node comes back after the others, when all was lost', async () => {
  const { one, two, enter, store, clock } = await meet()
  const ada = await enter(one, 'Ada', createHostKey())
  await clock.advance(10_000)
  await ada.say({ type: 'lock', room, locked: true })
  one.trouble.isCut = true
  store.restart()
  await clock.advance(3_000)
  const bob = await enter(two, 'Bob')
  expect(bob.news().at(-1)).not.toHaveProperty('locked')
  await clock.advance(20_000)
  one.trouble.isCut = false
  await clock.advance(2_000)
  expect(bob.news()).toContainEqual({ type: 'lock', room, locked: true })
})

test('what a host says while the nodes restore its room is not undone by the slower one', async () => {
  const { one, two, enter, store, clock } = await meet()
  const ada = await enter(one, 'Ada', createHostKey())
  const bob = await enter(two, 'Bob')
  await clock.advance(10_000)
  two.trouble.delayMs = 300
  store.restart()
  ada.news()
  // Until her own node has put her seat again.
  const heard: Record<string, unknown>[] = []
  do {
    await clock.advance(50)
    await ada.say({ type: 'lock', room, locked: true })
    heard.push(...ada.news())
  } while (heard.at(-1)?.code === 'busy')
  await clock.advance(8_000)
  for (const news of [[...heard, ...ada.news()], bob.news()])
    expect(news.filter(({ type }) => type === 'lock')).toMatchObject([{ locked: true }])
})

test('a lock or a removal whose answer is lost is known to all nodes', async () => {
  const { one, two, enter, clock } = await meet()
  const ada = await enter(one, 'Ada', createHostKey())
  const bob = await enter(two, 'Bob')
  await clock.advance(10_000)
  for (const guest of [ada, bob]) guest.news()
  one.trouble.losesAnswers = true
  await ada.say({ type: 'lock', room, locked: true }, { type: 'remove', room, to: bob.id })
  one.trouble.losesAnswers = false
  await clock.advance(2_000)
  expect(types(ada).toSorted()).toEqual(['busy', 'busy', 'lock', 'remove_peer'])
  expect(types(bob)).toEqual(['lock', 'removed'])
})

test.each([
  ['when the node reads the rules', 2_050, 0],
  ['when the node writes them', 1_000, 2_050],
])('a removal is known to all nodes though the store is late %s', async (_, readMs, writeMs) => {
  const { one, two, enter, clock } = await meet()
  const ada = await enter(one, 'Ada', createHostKey())
  const bob = await enter(two, 'Bob')
  await clock.advance(10_000)
  for (const guest of [ada, bob]) guest.news()
  const removal: ClientMessage = { type: 'remove', room, to: bob.id }
  one.trouble.delayMs = readMs
  await ada.say(removal)
  one.trouble.delayMs = writeMs
  await clock.advance(1_500)
  one.trouble.delayMs = 0
  await clock.advance(5_000)
  await ada.say(removal)
  await clock.advance(3_000)
  expect(types(ada)).toEqual(['busy', 'remove_peer'])
  expect(types(bob)).toEqual(['removed'])
})

test('a removal of somebody whose node is dead is known to all nodes, though its answer is lost', async () => {
  const { one, two, start, enter, clock } = await meet()
  const three = await start()
  const ada = await enter(one, 'Ada', createHostKey())
  const bob = await enter(two, 'Bob')
  const cyd = await enter(three, 'Cyd')
  await clock.advance(10_000)
  two.trouble.isCut = true
  await clock.advance(8_000)
  for (const guest of [ada, cyd]) guest.news()
  const removal: ClientMessage = { type: 'remove', room, to: bob.id }
  one.trouble.losesAnswers = true
  await ada.say(removal)
  one.trouble.losesAnswers = false
  await clock.advance(2_000)
  await ada.say(removal)
  await clock.advance(2_000)
  expect(types(ada)).toEqual(['busy', 'remove_peer'])
  expect(cyd.news()).toEqual([{ type: 'remove_peer', room, peer: bob.id, reason: 'left' }])
})

test('whoever is in a room when it is locked may come back, though the node of the host has not heard of it yet', async () => {
  const { one, two, enter, clock } = await meet()
  const ada = await enter(one, 'Ada', createHostKey())
  const who = person()
  one.trouble.isDeaf = true
  const cyd = await enter(two, 'Cyd', undefined, who)
  await ada.say({ type: 'lock', room, locked: true })
  one.trouble.isDeaf = false
  await clock.advance(3_000)
  await cyd.say({ type: 'bye' })
  const again = await enter(two, 'Cyd', undefined, another(who))
  expect(types(again)).toEqual(['welcome', 'peers'])
})

test('a host says 128 things at once and 4 a second; what changes nothing is not written', async () => {
  const { one, store, enter, clock } = await meet()
  const ada = await enter(one, 'Ada', createHostKey())
  await clock.advance(10_000)
  ada.news()
  const admit = (i: number): ClientMessage => ({ type: 'admit', room, to: `${i}`.padEnd(22, '_') as PeerId })
  await ada.say(...Array.from({ length: 130 }, (_, i) => admit(i)))
  expect(types(ada)).toEqual(['too_fast', 'too_fast'])
  for (let ms = 0; ms < 1_000; ms += 5) await clock.advance(5)
  await ada.say(...Array.from({ length: 5 }, () => admit(127)))
  expect(types(ada)).toEqual(['too_fast'])
  expect((await store.connect().read(room)).rules).toMatchObject({ revision: 128 })
})
