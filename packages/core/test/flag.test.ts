import type { PeerId, PeerMessage } from '@patchbay/protocol'
import { expect, test } from 'vitest'
import { Flag, type LinkPort } from '../src/mesh/index.ts'
import { ManualClock } from './support/manual-clock.ts'
import { meeting } from './support/meeting.ts'

/** A link to a member whose page has these features, and what was sent on it. */
function linkTo(hands: Flag, id: string, features: readonly string[] = ['hand']) {
  const sent: PeerMessage[] = []
  const port = {
    peer: { id: id as PeerId },
    has: (feature: string) => features.includes(feature),
    send: (message: PeerMessage) => sent.push(message),
  } as unknown as LinkPort
  return { ...hands.attach(port), sent }
}

test('a hand that is raised is told to everyone, newcomers included, and taken down again', () => {
  const hands = new Flag('hand')
  const ada = linkTo(hands, 'ada')
  ada.introduced?.()
  expect(ada.sent, 'a hand that was never up is not mentioned').toEqual([])
  hands.raise(true)
  expect(hands.state.getSnapshot()).toEqual({ own: true, raised: [] })
  const bob = linkTo(hands, 'bob')
  bob.introduced?.()
  expect(bob.sent).toEqual([{ type: 'hand', up: true }])
  hands.raise(false)
  expect(ada.sent.at(-1)).toEqual({ type: 'hand', up: false })
  expect(bob.sent.at(-1)).toEqual({ type: 'hand', up: false })
})

test('hands are listed in the order in which they were raised, each once, as long as the member is there', async () => {
  const clock = new ManualClock()
  const hands = new Flag('hand', clock)
  const [ada, bob, cyd] = [linkTo(hands, 'ada'), linkTo(hands, 'bob'), linkTo(hands, 'cyd')]
  for (const link of [bob, ada, bob, cyd]) link.receive?.({ type: 'hand', up: true })
  expect(hands.state.getSnapshot().raised).toEqual(['bob', 'ada', 'cyd'])
  await clock.advance(2_000)
  bob.receive?.({ type: 'hand', up: false })
  cyd.closed?.()
  hands.forget('cyd' as PeerId)
  expect(hands.state.getSnapshot().raised).toEqual(['ada'])
  hands.raise(true)
  expect(cyd.sent).toEqual([])
})

test('a page that has no hands is told nothing', () => {
  const hands = new Flag('hand')
  const old = linkTo(hands, 'old', ['chat', 'media'])
  hands.raise(true)
  old.introduced?.()
  expect(old.sent).toEqual([])
})

test('who records is told as who has a hand up is, to pages that have it', () => {
  const recordings = new Flag('recording')
  const [bob, old] = [linkTo(recordings, 'bob', ['recording']), linkTo(recordings, 'old')]
  recordings.raise(true)
  for (const link of [bob, old]) link.introduced?.()
  expect(bob.sent).toEqual([true, true].map((up) => ({ type: 'recording', up })))
  expect(old.sent).toEqual([])
  bob.receive?.({ type: 'recording', up: true })
  expect(recordings.state.getSnapshot()).toEqual({ own: true, raised: ['bob'] })
})

test('a hand that goes up and down without end is shown for two seconds at a time, and nothing is left of it when the member is gone', async () => {
  const clock = new ManualClock()
  const hands = new Flag('hand', clock)
  const [ada, eve] = [linkTo(hands, 'ada'), linkTo(hands, 'eve')]
  const shown: string[] = []
  hands.state.subscribe(() => shown.push(hands.state.getSnapshot().raised.join()))
  for (let i = 0; i < 100; i += 1) {
    eve.receive?.({ type: 'hand', up: true })
    eve.receive?.({ type: 'hand', up: false })
    await clock.advance(10)
  }
  ada.receive?.({ type: 'hand', up: true })
  expect(shown).toEqual(['eve', 'eve,ada'])
  await clock.advance(1_000)
  expect(shown.at(-1)).toBe('ada')
  eve.receive?.({ type: 'hand', up: true })
  eve.receive?.({ type: 'hand', up: false })
  eve.closed?.()
  hands.forget('eve' as PeerId)
  expect(shown.at(-1)).toBe('ada')
  expect(clock.pending).toBe(0)
})

test('a hand keeps its place while the link to its member is replaced, and is shown for two seconds when that has none again', async () => {
  const clock = new ManualClock()
  const hands = new Flag('hand', clock)
  const [ada, bob] = [linkTo(hands, 'ada'), linkTo(hands, 'bob')]
  for (const link of [ada, bob]) link.receive?.({ type: 'hand', up: true })
  const shown: string[] = []
  hands.state.subscribe(() => shown.push(hands.state.getSnapshot().raised.join()))
  await clock.advance(60_000)
  ada.closed?.()
  const again = linkTo(hands, 'ada')
  await clock.advance(1_000)
  again.receive?.({ type: 'hand', up: true })
  await clock.advance(60_000)
  expect(hands.state.getSnapshot().raised).toEqual(['ada', 'bob'])
  expect(shown).toEqual([])
  again.closed?.()
  linkTo(hands, 'ada')
  await clock.advance(1_999)
  expect(shown).toEqual([])
  await clock.advance(1)
  expect(shown).toEqual(['bob'])
})

test('a hand that goes up and down over one link after another changes no more often than over a single one', async () => {
  const clock = new ManualClock()
  const hands = new Flag('hand', clock)
  let changes = 0
  hands.state.subscribe(() => (changes += 1))
  for (let i = 0; i < 100; i += 1) {
    const eve = linkTo(hands, 'eve')
    eve.receive?.({ type: 'hand', up: true })
    eve.receive?.({ type: 'hand', up: false })
    eve.closed?.()
    await clock.advance(100)
  }
  expect(changes).toBeLessThanOrEqual(10)
})

test('whoever leaves the room sees no hand and no recording there from then on, and no timer goes on', async () => {
  const clock = new ManualClock()
  const [own, theirs] = [new Flag('recording', clock), new Flag('recording', clock)]
  const { world, people } = await meeting({ name: 'ada', features: [own] }, { name: 'bob', features: [theirs] })
  const [ada, bob] = people
  if (ada === undefined || bob === undefined) throw new Error('nobody')
  bob.mesh.hands.raise(true)
  theirs.raise(true)
  await world.clock.advance(1_000)
  const raised = () => [ada.mesh.hands, own].map(({ state }) => state.getSnapshot().raised)
  expect(raised()).toEqual([[bob.client.self], [bob.client.self]])
  ada.mesh.close()
  expect(raised()).toEqual([[], []])
  expect(clock.pending).toBe(0)
})
