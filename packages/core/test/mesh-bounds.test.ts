import { Random } from '@patchbay/fault-proxy'
import type { PeerId } from '@patchbay/protocol'
import { describe, expect, test } from 'vitest'
import { type LinkPort, type LocalMedia, Mesh } from '../src/mesh/index.ts'
import { objectionTo } from '../src/mesh/media/send-budget.ts'
import { SignalingNews } from '../src/mesh/signaling-news.ts'
import { FakeInternet } from './simulator/fake-internet.ts'
import { FakePeerConnection } from './simulator/fake-peer-connection.ts'
import { write } from './simulator/fake-sdp.ts'
import { ManualClock } from './support/manual-clock.ts'
import { meeting } from './support/meeting.ts'
import { World } from './support/world.ts'

/** A connection whose offers have the size of those with a camera and a screen. */
class LargeConnection extends FakePeerConnection {
  override get localDescription() {
    const description = super.localDescription
    return description && { ...description, sdp: `${description.sdp}\n${'x'.repeat(7_000)}` }
  }
}

const say = (mesh: Mesh, text: string, times: number) => Array.from({ length: times }, () => mesh.chat.send(text))

describe('a message that is not sent', () => {
  test.each([
    ['nothing', ''],
    ['more than 8,000 characters', 'x'.repeat(8_001)],
    ['half a character', '\uD800'],
  ])('because it is %s, says so', async (_, text) => {
    const { world, people } = await meeting('ada', 'bob')
    expect(people[0]?.mesh.chat.send(text)).toBe('invalid')
    await world.clock.advance(1_000)
    expect(people.map(({ texts }) => texts())).toEqual([[], []])
  })

  test('because someone connected has yet to confirm too many, says so, and may be sent a moment later', async () => {
    const { world, people } = await meeting('ada', 'bob')
    const [ada, bob] = people
    if (ada === undefined || bob === undefined) throw new Error('nobody')
    const text = 'x'.repeat(8_000)
    expect(new Set(say(ada.mesh, text, 33))).toEqual(new Set(['sent']))
    expect(say(ada.mesh, text, 3)).toEqual(['waiting', 'waiting', 'waiting'])
    await world.clock.advance(2_000)
    expect(bob.texts()).toHaveLength(33)
    expect(ada.mesh.chat.send(text)).toBe('sent')
    await world.clock.advance(2_000)
    expect(bob.texts()).toEqual(ada.texts())
  })

  test('because the room was left, says so, and stands in no log', async () => {
    const { world, people } = await meeting('ada', 'bob')
    const [ada, bob] = people
    if (ada === undefined || bob === undefined) throw new Error('nobody')
    ada.mesh.close()
    expect(ada.mesh.chat.send('too late')).toBe('left')
    await world.clock.advance(1_000)
    expect([ada.texts(), bob.texts()]).toEqual([[], []])
  })

  test('because there are too many at once, says so, and nobody is cut for those that were sent', async () => {
    const { world, people } = await meeting('ada', 'bob')
    const [ada, bob] = people
    if (ada === undefined || bob === undefined) throw new Error('nobody')
    const outcomes = say(ada.mesh, 'hello', 300)
    expect(outcomes.lastIndexOf('sent')).toBe(199)
    expect(outcomes[200]).toBe('too_fast')
    await world.clock.advance(2_000)
    expect(bob.texts()).toHaveLength(200)
    expect(bob.sees()).toEqual(['ada connected'])
    expect(ada.mesh.chat.send('later')).toBe('sent')
  })
})

test('someone who is not connected, and for whom too much waits, is given up and met anew; the others are not kept waiting', async () => {
  const { world, internet, people } = await meeting('ada', 'bob', 'cyd')
  const [ada, bob, cyd] = people
  if (ada === undefined || bob === undefined || cyd === undefined) throw new Error('nobody')
  internet.dark.add('bob')
  await world.clock.advance(3_000)
  expect(ada.sees().toSorted()).toEqual(['bob healing', 'cyd connected'])
  for (let i = 0; i < 40; i += 1) {
    expect(ada.mesh.chat.send('x'.repeat(7_000))).toBe('sent')
    await world.clock.advance(500)
  }
  expect(cyd.texts()).toHaveLength(40)
  expect(ada.sees()).toEqual(['cyd connected', 'bob connecting'])
  internet.dark.delete('bob')
  await world.clock.advance(30_000)
  expect(ada.sees()).toEqual(['cyd connected', 'bob connected'])
  expect(bob.sees().toSorted()).toEqual(['ada connected', 'cyd connected'])
  expect(ada.mesh.chat.getSnapshot().filter(({ kind }) => kind === 'lost')).toHaveLength(1)
  expect(bob.texts(), 'what was said since').toHaveLength(2)
  say(ada.mesh, 'welcome', 1)
  say(bob.mesh, 'thanks', 1)
  await world.clock.advance(1_000)
  expect([bob.texts().includes('welcome'), ada.texts().at(-1)]).toEqual([true, 'thanks'])
})

test('the ninth camera in a room is one too many', async () => {
  const others = Array.from({ length: 8 }, (_, i) => `person ${i}`)
  const { world, people } = await meeting('ada', ...others)
  const [ada, ...rest] = people
  const media = (id: string) =>
    ({ stream: { id }, screenStream: { id: 'screen' }, tracks: new Map([['camera', {}]]) }) as unknown as LocalMedia
  const turnOn = async (from: number, to: number) => {
    for (const [i, { mesh }] of rest.slice(from, to).entries()) mesh.media.announce(media(`${from + i}`))
    await world.clock.advance(1_000)
  }
  await turnOn(0, 7)
  expect(objectionTo('camera', ada?.mesh.media.cameras ?? 0)).toBeUndefined()
  await turnOn(7, 8)
  expect(objectionTo('camera', ada?.mesh.media.cameras ?? 0)).toBe('crowded')
  expect(objectionTo('microphone', ada?.mesh.media.cameras ?? 0)).toBeUndefined()
})

test('[R12] whoever has signaling again tells the others, who do not sit out their waits', async () => {
  const { world, people } = await meeting('ada', 'bob')
  const [ada, bob] = people
  if (ada === undefined || bob === undefined) throw new Error('nobody')
  world.reachable = false
  ada.lines.at(-1)?.cut()
  await world.clock.advance(1_700)
  bob.lines.at(-1)?.cut()
  await world.clock.advance(60_000)
  const retryAt = ({ client }: typeof ada) => {
    const state = client.getSnapshot()
    return state.status === 'reconnecting' ? state.retryAt : NaN
  }
  const [first, second] = [ada, bob].toSorted((a, b) => retryAt(a) - retryAt(b)) as [typeof ada, typeof ada]
  expect(retryAt(second) - retryAt(first), 'how much later the second would be').toBeGreaterThan(500)
  world.reachable = true
  const due = retryAt(second)
  await world.clock.advance(retryAt(first) - world.clock.now() + 310)
  expect([first, second].map(({ client }) => client.getSnapshot().status)).toEqual(['online', 'online'])
  expect(due - world.clock.now(), 'time that the second did not have to wait').toBeGreaterThan(100)
})

test('a page whose network has changed tries again at once where a connection is not there, too', async () => {
  const { world, internet, people } = await meeting('ada', 'bob')
  const [ada] = people
  if (ada === undefined) throw new Error('nobody')
  const link = () => ada.mesh.getSnapshot()[0]?.link
  const attempt = () => {
    const now = link()
    return now?.phase === 'healing' ? now.attempt : 0
  }
  internet.dark.add('bob')
  await world.clock.advance(20_000)
  const before = attempt()
  await world.clock.advance(1_000)
  expect([before > 2, attempt()], 'the attempts are far apart').toEqual([true, before])
  ada.mesh.networkChanged()
  expect(attempt()).toBe(before + 1)
})

test('a member that says again and again that it has signaling makes nobody dial more than once in 5 s', async () => {
  const clock = new ManualClock()
  let dials = 0
  const link = new SignalingNews(clock, () => (dials += 1)).attach({ peer: { id: 'x' } } as unknown as LinkPort)
  for (let i = 0; i < 1_000; i += 1) {
    link.receive?.({ type: 'signaling_back' })
    await clock.advance(10)
  }
  expect(dials).toBe(2)
})

test('a member that makes one connection after another has no more offers taken than one with a single connection', async () => {
  const world = new World()
  const internet = new FakeInternet<FakePeerConnection>(world.clock, new Random(1))
  const { client } = world.connect()
  let made = 0
  const createPeerConnection = () => {
    made += 1
    return new FakePeerConnection('ada', internet) as unknown as RTCPeerConnection
  }
  const mesh = new Mesh({
    signaling: client,
    entry: { room: 'room', name: 'ada' },
    createPeerConnection,
    clock: world.clock,
  })
  await world.clock.advance(1_000)
  const { channel } = world.enter(world.connect(), 'room', 'eve')
  await world.clock.advance(1_000)
  made = 0
  for (let connection = 1; connection <= 200; connection += 1) {
    const sdp = write({ connection: 1_000 + connection, ufrag: `u${connection}`, lines: [] })
    const body = JSON.stringify({ connection, peerConnection: null, n: 1, offers: 1, sdp })
    channel.send(client.self ?? ('' as PeerId), { type: 'offer', body })
    await world.clock.advance(25)
  }
  expect(made).toBeGreaterThan(40)
  // 60 at once, and 2 a second; each is followed by one that is made ahead.
  expect(made).toBeLessThanOrEqual(60 + 2 * 5 + 2)
  mesh.close()
})

test('whoever has no network for a minute in a full room goes on in the same session, however large the offers are', async () => {
  const names = Array.from({ length: 16 }, (_, i) => `person ${i}`)
  const { world, internet, people } = await meeting(...names.map((name) => ({ name, Connection: LargeConnection })))
  const [ada] = people
  if (ada === undefined) throw new Error('nobody')
  const heard: string[] = []
  ada.client.subscribe(() => heard.push(JSON.stringify(ada.client.getSnapshot())))
  ada.mesh.membership.onEvent(({ type }) => heard.push(type))
  internet.dark.add('person 0')
  world.blocked.set('test', 'silent')
  ada.lines.at(-1)?.cut()
  await world.clock.advance(60_000)
  expect(ada.sees()).toEqual(names.slice(1).map((name) => `${name} healing`))
  world.blocked.clear()
  internet.dark.clear()
  await world.clock.advance(20_000)
  expect(heard.filter((one) => /slow_consumer|discontinuity/.test(one))).toEqual([])
  expect(ada.sees()).toEqual(names.slice(1).map((name) => `${name} connected`))
})

test('whoever has no network for a minute while the connections to a full room are made goes on in the same session', async () => {
  const names = Array.from({ length: 15 }, (_, i) => `person ${i}`)
  const { world, internet, join } = await meeting(...names.map((name) => ({ name, Connection: LargeConnection })))
  internet.dark.add('ada')
  const ada = join({ name: 'ada', Connection: LargeConnection })
  const heard: string[] = []
  ada.client.subscribe(() => heard.push(JSON.stringify(ada.client.getSnapshot())))
  ada.mesh.membership.onEvent(({ type }) => heard.push(type))
  await world.clock.advance(2_000)
  world.blocked.set('test', 'silent')
  ada.lines.at(-1)?.cut()
  await world.clock.advance(60_000)
  expect(ada.sees()).toEqual(names.map((name) => `${name} connecting`))
  world.blocked.clear()
  internet.dark.clear()
  await world.clock.advance(4_000)
  expect(heard.filter((one) => /slow_consumer|discontinuity/.test(one))).toEqual([])
  expect(ada.sees()).toEqual(names.map((name) => `${name} connected`))
})

test('a mesh on signaling that is closed has left its room', async () => {
  const world = new World()
  const { client } = world.connect()
  client.close()
  const createPeerConnection = () => new FakePeerConnection('ada', internet) as unknown as RTCPeerConnection
  const internet = new FakeInternet<FakePeerConnection>(world.clock, new Random(1))
  const entry = { room: 'room', name: 'ada' }
  const mesh = new Mesh({ signaling: client, entry, createPeerConnection, clock: world.clock })
  expect([mesh.membership.getSnapshot().status, mesh.chat.send('too late')]).toEqual(['left', 'left'])
})

test('a room that is left closes the connection that was made ahead and never used', async () => {
  const world = new World()
  const internet = new FakeInternet<FakePeerConnection>(world.clock, new Random(1))
  const { client } = world.connect()
  const made: FakePeerConnection[] = []
  const mesh = new Mesh({
    signaling: client,
    entry: { room: 'room', name: 'ada' },
    createPeerConnection: () => {
      const connection = new FakePeerConnection('ada', internet)
      made.push(connection)
      return connection as unknown as RTCPeerConnection
    },
    clock: world.clock,
  })
  await world.clock.advance(1_000)
  expect(made.map(({ signalingState }) => signalingState)).toEqual(['stable'])
  mesh.close()
  expect(made.map(({ signalingState }) => signalingState)).toEqual(['closed'])
})
