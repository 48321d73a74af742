import { createHostKey } from '@patchbay/protocol'
import { expect, test } from 'vitest'
import { person, rawHub, room } from './support/raw-hub.ts'
import { brief, rawNodes } from './support/raw-nodes.ts'

/** Lines here answer no heartbeat: none is to end for it. */
const UNTIMED = { heartbeatMs: 7e7, deadMs: 8e7, slowMs: 8e7 }
/** Longer than a node may be without the store before it says that it is. */
const OUTAGE_MS = 5_000

test('a place that is kept while the store is away stays so, and is free once its session has ended', async () => {
  const { start, join, greet, clock } = rawNodes({ limits: { ...UNTIMED, peersPerRoom: 2 } })
  const [one, two] = [await start(), await start()]
  const ada = await join(one, 'Ada')
  const bob = await join(two, 'Bob')
  await bob.cut()
  await clock.advance(7_000)
  expect(brief(ada.news()).at(-1)).toBe('remove_peer lost')
  two.trouble.isCut = true
  await clock.advance(OUTAGE_MS)
  const back = await greet(two, { type: 'resume', ...bob.who, session: bob.session, received: 1 })
  expect(brief(back.news())).toContain('error busy')
  two.trouble.isCut = false
  await clock.advance(OUTAGE_MS)
  expect(brief((await join(one, 'Cyd')).news())).toEqual(['welcome', 'error room_full'])
  await back.say({ type: 'bye' })
  await clock.advance(OUTAGE_MS)
  expect(brief((await join(one, 'Dee')).news())).toEqual(['welcome', 'peers'])
})

test('whoever loses the line while it enters is shown as away once it is in', async () => {
  const { start, join, greet, clock } = rawNodes({ limits: UNTIMED })
  const [one, two] = [await start(), await start()]
  const ada = await join(one, 'Ada')
  const bob = await greet(two, { type: 'hello', ...person() })
  ada.news()
  two.trouble.delayMs = 300
  await bob.say({ type: 'join', room, name: 'Bob' })
  await bob.cut()
  await clock.advance(1_000)
  expect(brief(ada.news())).toEqual(['new_peer Bob here', 'peer_update Bob away'])
})

test('a key opens a room beside others for two minutes from the start of the server, whenever that was', async () => {
  const { start, join, greet, clock } = rawNodes({ limits: UNTIMED })
  await clock.advance(1_000_000)
  const node = await start()
  await join(node, 'Bob')
  await clock.advance(119_000)
  const ada = await greet(node, { type: 'hello', ...person() })
  await ada.say({ type: 'join', room, name: 'Ada', hostKey: createHostKey() })
  expect(ada.news().at(-1)).toMatchObject({ type: 'peers', host: true })
})

test('after that a key opens an empty room only', async () => {
  const { start, join, greet, clock } = rawNodes({ limits: UNTIMED })
  const node = await start()
  await clock.advance(120_000)
  await join(node, 'Bob')
  const ada = await greet(node, { type: 'hello', ...person() })
  await ada.say({ type: 'join', room, name: 'Ada', hostKey: createHostKey() })
  const roster = ada.news().at(-1)
  expect(roster).toMatchObject({ type: 'peers' })
  expect(roster).not.toHaveProperty('host')
})

test('a host hears of those who knock at a locked room, not of those for whom there is no place', async () => {
  const { join, greet } = rawHub({ limits: { peersPerRoom: 2 } })
  const ada = await greet({ type: 'hello', ...person() })
  await ada.say({ type: 'join', room, name: 'Ada', hostKey: createHostKey() })
  await join('Bob')
  ada.news()
  const cyd = await join('Cyd')
  expect(cyd.news().at(-1)).toMatchObject({ type: 'error', code: 'room_full' })
  expect(ada.news()).toEqual([])
  await ada.say({ type: 'lock', room, locked: true })
  ada.news()
  await join('Dee')
  expect(ada.news()).toMatchObject([{ type: 'knock', peer: { name: 'Dee' } }])
})

test('a session whose server does not answer is asked for again later', async () => {
  const { start, join, greet, clock } = rawNodes({ limits: UNTIMED })
  const [one, two] = [await start(), await start()]
  const ada = await join(one, 'Ada')
  await ada.cut()
  one.trouble.isDeaf = true
  const back = await greet(two, { type: 'resume', ...ada.who, session: ada.session, received: 1 })
  await clock.advance(2_000)
  expect(back.news()).toEqual([{ type: 'close', code: 'overloaded', retryAfterMs: 500 }, { type: 'remote' }])
  one.trouble.isDeaf = false
  await clock.advance(1_000)
  const again = await greet(two, { type: 'resume', ...ada.who, session: ada.session, received: 1 })
  expect(again.news()[0]).toMatchObject({ type: 'welcome', recovered: true, session: ada.session })
})

test('a line is counted where it comes in, and not where its session is, until it has ended', async () => {
  const { start, join, greet } = rawNodes({ limits: UNTIMED })
  const [one, two] = [await start(), await start()]
  const lines = () => [one, two].map(({ hub }) => hub.counters.lines.get('raw') ?? 0)
  const ada = await join(one, 'Ada')
  expect(lines()).toEqual([1, 0])
  await ada.cut()
  expect(lines()).toEqual([0, 0])
  const back = await greet(two, { type: 'resume', ...ada.who, session: ada.session, received: 1 })
  expect(lines()).toEqual([0, 1])
  await back.say({ type: 'bye' })
  expect(lines()).toEqual([0, 0])
})
