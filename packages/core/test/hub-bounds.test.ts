import { createPeerSecret, encode, type PeerSecret, type RoomId } from '@patchbay/protocol'
import { describe, expect, test } from 'vitest'
import { derivePeerId, Hub, networkOf } from '../src/hub/index.ts'
import { bodies, identityOf, kinds, pairOf, speak } from './support/room-pair.ts'
import { person, rawHub } from './support/raw-hub.ts'
import { World } from './support/world.ts'

const room = 'room' as RoomId

describe('what others do cannot end a session', () => {
  test('[S6] a member that is far behind is told of no more changes, and gets the whole roster once it has caught up', async () => {
    const often = { perSecond: 1_000_000, burst: 1_000_000 }
    const world = new World({ joins: often, messages: often })
    const { bob, inBob } = await pairOf(world)
    bob.lines.at(-1)?.silence()
    const hello = () => speak(world, { type: 'hello', ...identityOf(createPeerSecret()) })
    const crowd = [await hello(), await hello(), await hello(), await hello()]
    for (let i = 0; i < 150; i += 1) {
      for (const { say } of crowd) {
        say({ type: 'join', room, name: 'Mallory' })
        say({ type: 'leave', room })
      }
      await world.clock.advance(10)
    }
    world.enter(world.connect(), 'room', 'Carol')
    // Bob's client finds out that its line is dead, and resumes on another.
    await world.clock.advance(8_000)
    expect(bob.client.getSnapshot()).toMatchObject({ status: 'online' })
    const roster = inBob.channel.getSnapshot()
    expect(roster.status === 'joined' && roster.peers.map(({ name }) => name).toSorted()).toEqual(['Alice', 'Carol'])
    expect(kinds(inBob)).not.toContain('discontinuity')
  })

  test('a session joins rooms only so fast, and its client joins again by itself', async () => {
    const world = new World({ joins: { perSecond: 1, burst: 2 } })
    const { client } = world.connect()
    const channels = ['a', 'b', 'c'].map((id) => client.enter({ room: id, name: 'Ada' }))
    await world.settle()
    expect(channels.map((channel) => channel.getSnapshot().status)).toEqual(['joined', 'joined', 'joining'])
    await world.clock.advance(1_100)
    expect(channels.map((channel) => channel.getSnapshot().status)).toEqual(['joined', 'joined', 'joined'])
  })

  test('a place is kept for a member that was lost, as long as its session lives', async () => {
    const world = new World({ peersPerRoom: 2 })
    const { bob, inBob } = await pairOf(world)
    world.reachable = false
    bob.lines.at(-1)?.near.close()
    await world.clock.advance(7_000)
    world.reachable = true
    const thief = world.enter(world.connect(), 'room', 'Thief')
    await world.settle()
    expect(thief.channel.getSnapshot()).toEqual({ status: 'refused', code: 'room_full' })
    bob.client.retryNow()
    await world.clock.advance(20_000)
    expect(inBob.channel.getSnapshot()).toMatchObject({ status: 'joined', peers: [{ name: 'Alice' }] })
  })

  test('a place is not kept for a member that may not enter any more', async () => {
    let rooms: readonly string[] | undefined
    const world = new World({ peersPerRoom: 2 }, () => (rooms === undefined ? {} : { rooms }))
    const { bob, inBob } = await pairOf(world)
    world.reachable = false
    bob.lines.at(-1)?.near.close()
    await world.clock.advance(7_000)
    world.reachable = true
    rooms = []
    bob.client.retryNow()
    await world.clock.advance(1_000)
    expect(inBob.channel.getSnapshot()).toEqual({ status: 'refused', code: 'forbidden' })
    rooms = undefined
    const next = world.enter(world.connect(), 'room', 'Next')
    await world.clock.advance(1_000)
    expect(next.channel.getSnapshot().status).toBe('joined')
  })

  test('a place that nobody came back for is free when the session is over', async () => {
    const world = new World({ peersPerRoom: 2 })
    const { bob } = await pairOf(world)
    world.reachable = false
    bob.lines.at(-1)?.near.close()
    await world.clock.advance(121_000)
    world.reachable = true
    const next = world.enter(world.connect(), 'room', 'Next')
    await world.clock.advance(100)
    expect(next.channel.getSnapshot().status).toBe('joined')
  })
})

describe('what is kept for sessions without a line', () => {
  test('is bounded for each address: what passes the bound is refused to the sender', async () => {
    const world = new World({ waitingSizePerAddress: 1_000 })
    const { alice, bob, inAlice, inBob } = await pairOf(world)
    world.reachable = false
    bob.lines.at(-1)?.near.close()
    await world.settle()
    for (let i = 0; i < 5; i += 1) inAlice.channel.send(bob.id, { type: 'offer', body: `${i}`.repeat(300) })
    await world.settle()
    expect(alice.client.getSnapshot().status).toBe('online')
    world.reachable = true
    await world.clock.advance(2_000)
    expect(bodies(inBob)).toEqual(['0'.repeat(300), '1'.repeat(300)])
    inAlice.channel.send(bob.id, { type: 'offer', body: 'after' })
    await world.settle()
    expect(bodies(inBob).at(-1)).toBe('after')
  })

  test.each([
    ['of one network', { waitingSizePerAddress: 2_000 }],
    ['of everybody', { waitingSize: 2_000 }],
  ])(
    '%s is bounded, also what was sent while there was a line: who is without one for longest ends',
    async (_, limits) => {
      const { join, greet, events } = rawHub({ limits })
      const who = person()
      const [ada, bob, cyd] = [await join('Ada'), await join('Bob', who), await join('Cyd')]
      const body = 'x'.repeat(300)
      for (const { id } of [ada, bob])
        for (let i = 0; i < 3; i += 1) await cyd.say({ type: 'offer', room, to: id, body })
      await ada.cut()
      const ended = () => events.filter((event) => event.type === 'session_ended').map(({ session }) => session)
      expect(ended()).toEqual([])
      await bob.cut()
      expect(ended()).toEqual([ada.session])
      const back = await greet({ type: 'resume', ...who, session: bob.session, received: 0 })
      expect(back.news()[0]).toMatchObject({ type: 'welcome', recovered: true })
    },
  )

  test('is let go when the session is over', async () => {
    const world = new World({ waitingSize: 1_500 })
    const { alice, bob, inAlice } = await pairOf(world)
    for (const round of [1, 2]) {
      const other = round === 1 ? bob : world.connect()
      const inOther = round === 1 ? undefined : world.enter(other, 'room', 'Other')
      await world.settle()
      world.reachable = false
      other.lines.at(-1)?.near.close()
      await world.settle()
      inAlice.channel.send(other.id, { type: 'offer', body: 'x'.repeat(800) })
      await world.settle()
      world.reachable = true
      await world.clock.advance(round === 1 ? 0 : 2_000)
      if (inOther !== undefined) expect(bodies(inOther)).toHaveLength(1)
      else other.client.close()
      await world.clock.advance(130_000)
    }
    expect(alice.client.getSnapshot().status).toBe('online')
  })
})

describe('the table of sessions', () => {
  const full = async (limits: object) => {
    const world = new World(limits)
    const [first, second] = [world.connect(), world.connect()]
    await world.settle()
    return { world, first, second }
  }

  test.each([
    ['of everybody', { sessions: 2 }],
    ['of one address', { sessionsPerAddress: 2 }],
  ])('%s, when it is full, refuses a newcomer while all are here', async (_, limits) => {
    const { world } = await full(limits)
    const third = world.connect()
    await world.settle()
    expect(third.client.getSnapshot()).toMatchObject({ status: 'reconnecting', cause: 'overloaded' })
    expect(world.hub.stats().sessions).toBe(2)
  })

  test.each([
    ['of everybody', { sessions: 2 }],
    ['of one address', { sessionsPerAddress: 2 }],
  ])('%s, when it is full, makes room by the session that has been without a line for longest', async (_, limits) => {
    const { world, first, second } = await full(limits)
    const inFirst = world.enter(first)
    world.enter(second)
    await world.settle()
    world.blocked.set('test', 'refused')
    for (const { lines } of [second, first]) {
      lines.at(-1)?.near.close()
      await world.clock.advance(10)
    }
    world.blocked.delete('test')
    const third = world.connect()
    await world.settle()
    expect(third.client.getSnapshot().status).toBe('online')
    // The one that lost its place; it would take it from the other when it came back.
    second.client.close()
    await world.clock.advance(5_000)
    expect(first.client.getSnapshot().status).toBe('online')
    expect(kinds(inFirst), 'its session was resumed').not.toContain('discontinuity')
  })
})

test('a line ends with its `close`, and nothing that follows it is read', async () => {
  const world = new World()
  const { alice, inBob } = await pairOf(world)
  const raw = await speak(world, { type: 'hello', ...identityOf(createPeerSecret()) })
  raw.say({ type: 'join', room, name: 'Raw' })
  raw.say({ type: 'close', code: 'silent' })
  raw.say({ type: 'leave', room })
  await world.settle()
  const roster = inBob.channel.getSnapshot()
  const states = roster.status === 'joined' ? roster.peers.map(({ name, state }) => `${name} ${state}`) : []
  expect(states.toSorted()).toEqual(['Alice here', 'Raw away'])
  expect(alice.client.getSnapshot().status).toBe('online')
})

test('a hub that stood still hears what came meanwhile before it calls anybody silent', async () => {
  const world = new World()
  const { alice, inBob } = await pairOf(world)
  world.clock.stall(6_000)
  await world.clock.advance(2_000)
  expect(alice.client.getSnapshot().status).toBe('online')
  expect(kinds(inBob)).toEqual(['peer_joined'])
})

test('the peer id of a secret is the first half of its SHA-256', () => {
  const secret = 'patchbay-known-answer-secret-0123456789abcd' as PeerSecret
  expect(derivePeerId(secret)).toBe('3SL2cNOAmyrAD4Ww4pYYHA')
  const heard: string[] = []
  const hub = new Hub()
  hub.serve({
    name: 'test',
    listen(accept) {
      const remote = { address: 'test', origin: undefined }
      const line = accept({ id: 'line', remote, send: (text) => heard.push(text), close: () => undefined })
      line.frame(encode({ type: 'hello', ...identityOf(secret) }))
    },
    close: () => Promise.resolve(),
  })
  expect(heard[0]).toContain('"you":"3SL2cNOAmyrAD4Ww4pYYHA"')
  hub.drain(0)
})

test.each([
  ['203.0.113.7', '203.0.113.7'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0DB8:0001:0002::1', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['unknown', 'unknown'],
  ['broker/a:b', 'broker/a:b'],
])('%s is counted as %s', (address, network) => {
  expect(networkOf(address)).toBe(network)
})
