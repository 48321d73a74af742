import { createHostKey, type PeerId } from '@patchbay/protocol'
import { expect, test } from 'vitest'
import { createEngine } from '../src/engine/index.ts'
import type { Cluster } from '../src/hub/cluster.ts'
import { person, room } from './support/raw-hub.ts'
import { brief, type Node, rawNodes } from './support/raw-nodes.ts'

/** Lines here answer no heartbeat: none is to end for it. */
const UNTIMED = { heartbeatMs: 8e7, deadMs: 8.5e7, slowMs: 8e7 }
const nobody = 'n'.repeat(22) as PeerId

const clusterOf = ({ hub }: Node): Cluster => {
  if (hub.cluster === undefined) throw new Error('The hub has no cluster.')
  return hub.cluster
}

/** Two nodes, and a third that is only an engine: what it is sent is noted, and it sends what a test wants. */
async function withWriter(options: Parameters<typeof rawNodes>[0] = { limits: UNTIMED }) {
  const world = rawNodes(options)
  const [one, two] = [await world.start(), await world.start()]
  const heard: string[] = []
  const writer = createEngine({ store: world.store.connect(), clock: world.clock })
  const nothing = () => {}
  void writer.start({
    frame: (_, frame) => heard.push(frame),
    ...{ room: nothing, nodes: nothing, health: nothing, reset: nothing, gap: nothing },
  })
  await world.clock.advance(1_000)
  const write = async (to: Node, frame: string) => {
    writer.send(to.id, frame)
    await world.settle()
  }
  return { ...world, one, two, writer: writer.node, write, heard }
}

const offer = (at: string, body = 'v=0') => `{"type":"offer","room":"${at}","from":"${nobody}"}\n${body}`

test('a signal for somebody who is not in that room here is refused to the node that passed it on', async () => {
  const { one, join, write, heard } = await withWriter()
  const ada = await join(one, 'Ada')
  ada.news()
  await write(one, `r${ada.id}${offer('elsewhere')}`)
  await write(one, `r${nobody}${offer(room)}`)
  expect(ada.news()).toEqual([])
  expect(heard.splice(0)).toEqual([
    `x${JSON.stringify({ code: 'unknown_peer', room: 'elsewhere', sender: nobody, to: ada.id })}`,
    `x${JSON.stringify({ code: 'unknown_peer', room, sender: nobody, to: nobody })}`,
  ])
  await write(one, `r${ada.id}${offer(room)}`)
  expect(brief(ada.news())).toEqual(['offer'])
  expect(heard).toEqual([])
})

test('a signal for somebody for whom too much waits is refused as `peer_busy`', async () => {
  const { one, join, write, heard } = await withWriter()
  const ada = await join(one, 'Ada')
  await ada.cut()
  for (let i = 0; i < 40 && heard.length === 0; i += 1) await write(one, `r${ada.id}${offer(room, 'x'.repeat(60_000))}`)
  expect(heard).toEqual([`x${JSON.stringify({ code: 'peer_busy', room, sender: nobody, to: ada.id })}`])
})

test('what another node refuses is told to the sender; a refusal that this version does not know is dropped', async () => {
  const { one, join, write } = await withWriter()
  const ada = await join(one, 'Ada')
  ada.news()
  const refusal = (code: string, at?: string) => `x${JSON.stringify({ code, room: at, sender: ada.id, to: nobody })}`
  await write(one, refusal('peer_busy', room))
  expect(ada.news()).toEqual([{ type: 'error', code: 'peer_busy', room, to: nobody }])
  await write(one, refusal('unheard_of', room))
  await write(one, refusal('peer_busy'))
  await write(one, 'x7')
  expect(ada.news()).toEqual([])
  expect(one.hub.counters.framesDropped).toBe(3)
})

test('a knock that another node passes on reaches hosts of that room, and nobody else', async () => {
  const { one, greet, join, write, heard } = await withWriter()
  const host = await greet(one, { type: 'hello', ...person() })
  await host.say({ type: 'join', room, name: 'Ada', hostKey: createHostKey() })
  const bob = await join(one, 'Bob')
  for (const guest of [host, bob]) guest.news()
  const knock = (at: string) => `{"type":"knock","room":"${at}","peer":{"id":"${nobody}","name":"Eve"}}`
  for (const to of [bob.id, nobody]) await write(one, `r${to}${knock(room)}`)
  await write(one, `r${host.id}${knock('elsewhere')}`)
  expect([host.news(), bob.news()]).toEqual([[], []])
  await write(one, `r${host.id}${knock(room)}`)
  expect(brief(host.news())).toEqual(['knock Eve'])
  // Nobody waits for an answer to a knock.
  expect([heard, one.hub.counters.framesDropped]).toEqual([[], 0])
})

test.each([
  ['first', 0],
  ['last', 1],
] as const)(
  'a peer that two nodes let in while the store was away stays where it was heard last: %s',
  async (_, laterAt) => {
    const { start, greet, clock, store } = rawNodes({ limits: UNTIMED })
    const nodes = [await start(), await start()] as const
    for (const { trouble } of nodes) trouble.isCut = true
    await clock.advance(5_000)
    const who = person()
    const pages = [await greet(nodes[0], { type: 'hello', ...who })]
    await clock.advance(1_000)
    pages.push(await greet(nodes[1], { type: 'hello', ...who, instance: person().instance }))
    await clock.advance(1_000)
    await pages[laterAt]?.say({ type: 'leave', room })
    for (const page of pages) page.news()
    for (const { trouble } of nodes) trouble.isCut = false
    await clock.advance(5_000)
    expect(nodes.map(({ hub }) => hub.stats().sessions)).toEqual(laterAt === 0 ? [1, 0] : [0, 1])
    expect(brief(pages[1 - laterAt]?.news() ?? [])).toEqual(['close silent', 'remote'])
    expect(brief(pages[laterAt]?.news() ?? []).filter((text) => text.startsWith('close'))).toEqual([])
    // Whoever comes now is taken to that node.
    expect(store.homes).toBe(1)
    const again = await greet(nodes[1 - laterAt] ?? nodes[0], { type: 'hello', ...who, instance: person().instance })
    expect(brief(again.news())).toEqual(['welcome'])
    expect(nodes.map(({ hub }) => hub.stats().sessions)).toEqual(laterAt === 0 ? [1, 0] : [0, 1])
  },
)

test('a home that has no session of the peer denies it, and whoever arrives is at home where it arrived', async () => {
  const { start, greet, store, clock } = rawNodes({ limits: UNTIMED })
  const [one, two] = [await start(), await start()]
  const who = person()
  await clock.advance(1_000)
  // A node that has forgotten the peer while the store was away still is its home there.
  await store.connect().claim(who.secret.slice(0, 22) as PeerId, two.id)
  const page = await greet(one, { type: 'hello', ...who })
  expect(brief(page.news())).toEqual(['welcome'])
  expect([one.hub.stats().sessions, two.hub.stats().sessions]).toEqual([1, 0])
})

test('a home that does not answer is waited for: the page is asked to come again, and nothing begins anew', async () => {
  const { start, greet, clock } = rawNodes({ limits: UNTIMED })
  const [one, two] = [await start(), await start()]
  const who = person()
  const first = await greet(two, { type: 'hello', ...who })
  await clock.advance(1_000)
  two.trouble.isDeaf = true
  const again = await greet(one, { type: 'resume', ...who, session: first.session, received: 0 })
  await clock.advance(1_100)
  expect(again.news()).toEqual([{ type: 'close', code: 'overloaded', retryAfterMs: 500 }, { type: 'remote' }])
  expect([one.hub.stats().sessions, two.hub.stats().sessions]).toEqual([0, 1])
})

test('a line that is passed on ends three seconds after its node lost the store, and not when it was lost for less', async () => {
  const { start, greet, clock } = rawNodes({ limits: UNTIMED })
  const [one, two] = [await start(), await start()]
  const who = person()
  const first = await greet(two, { type: 'hello', ...who })
  await first.cut()
  const again = await greet(one, { type: 'resume', ...who, session: first.session, received: 0 })
  await clock.advance(1_000)
  again.news()
  one.trouble.isCut = true
  while (clusterOf(one).isUp) await clock.advance(100)
  await clock.advance(200)
  one.trouble.isCut = false
  while (!clusterOf(one).isUp) await clock.advance(100)
  await clock.advance(5_000)
  expect([again.news(), clusterOf(one).trunks.size]).toEqual([[], 1])
  one.trouble.isCut = true
  while (clusterOf(one).isUp) await clock.advance(100)
  await clock.advance(2_900)
  expect(clusterOf(one).trunks.size).toBe(1)
  await clock.advance(100)
  expect([brief(again.news()), clusterOf(one).trunks.size]).toEqual([['remote'], 0])
})

test('questions are answered by the node they are put to, and those without an answer are over after 15 s', async () => {
  const { one, two, clock, settle } = await withWriter()
  const asked: unknown[] = []
  clusterOf(two).onAsk = async (text, from) => {
    asked.push([text, from])
    if (text === 'throw') throw new Error('This question has no answer.')
    return text === 'nothing' ? undefined : `${text}!`
  }
  await expect(
    Promise.all([clusterOf(one).ask(two.id, 'a'), clusterOf(one).ask(two.id, 'b'), settle()]),
  ).resolves.toEqual(['a!', 'b!', undefined])
  expect(asked).toEqual([
    ['a', one.id],
    ['b', one.id],
  ])
  const answers: unknown[] = []
  for (const text of ['nothing', 'throw'])
    void clusterOf(one)
      .ask(two.id, text)
      .then((answer) => answers.push(answer))
  await clock.advance(14_999)
  expect(answers).toEqual([])
  await clock.advance(1)
  expect(answers).toEqual([undefined, undefined])
})

test('a question to a node that is not there, or longer than the engine carries, is over at once', async () => {
  const { one, two, settle } = await withWriter()
  clusterOf(two).onAsk = async (text) => String(text.length)
  await expect(clusterOf(one).ask('gone00', '?')).resolves.toBeUndefined()
  await expect(clusterOf(one).ask(two.id, 'x'.repeat(655_001))).resolves.toBeUndefined()
  const [longest] = await Promise.all([clusterOf(one).ask(two.id, 'x'.repeat(655_000)), settle()])
  expect(longest).toBe('655000')
})

test('answers to no question, and questions that nobody answers here, change nothing', async () => {
  const { one, write, heard } = await withWriter()
  await write(one, 'anever-asked!')
  await write(one, 'qabcdefghijklwhat is it?')
  expect([heard, one.hub.counters.framesDropped]).toEqual([[], 0])
})

test('a hub that is closed lets no question wait', async () => {
  const { one, two, clock } = await withWriter()
  clusterOf(two).onAsk = () => new Promise(() => {})
  const answers: unknown[] = []
  void clusterOf(one)
    .ask(two.id, '?')
    .then((answer) => answers.push(answer))
  const closing = one.hub.close()
  await clock.advance(100)
  await closing
  expect(answers).toEqual([undefined])
})
