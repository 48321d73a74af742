import { createPeerSecret, encode, type PeerId, type RoomId } from '@patchbay/protocol'
import { describe, expect, test } from 'vitest'
import { bodies, identityOf, kinds, pairOf, speak } from './support/room-pair.ts'
import { World } from './support/world.ts'

describe('hub', () => {
  test('relays between members of one room only, and stamps the sender', async () => {
    const world = new World()
    const { alice, bob, inAlice, inBob } = await pairOf(world)
    const mallory = world.connect()
    const outside = world.enter(mallory, 'other', 'Mallory')
    await world.settle()
    outside.channel.send(alice.id, { type: 'offer', body: 'psst' })
    const stranger = await speak(world, { type: 'hello', ...identityOf(createPeerSecret()) })
    stranger.say({ type: 'offer', room: 'room' as RoomId, to: alice.id, body: 'psst' })
    mallory.client.enter({ room: 'room', name: 'M' }).leave()
    await world.settle()
    expect(bodies(inAlice)).toEqual([])
    inAlice.channel.send('x'.repeat(22) as PeerId, { type: 'offer', body: 'nobody' })
    inAlice.channel.send(bob.id, { type: 'offer', body: '{"not":"read"}\n\n' })
    await world.settle()
    expect(alice.client.getSnapshot().status).toBe('online')
    expect(inBob.events.at(-1)).toEqual({
      type: 'signal',
      from: alice.id,
      signal: { type: 'offer', body: '{"not":"read"}\n\n' },
    })
  })

  test('refuses entry to a full room with a code', async () => {
    const world = new World({ peersPerRoom: 2 })
    const { inAlice } = await pairOf(world)
    const third = world.enter(world.connect(), 'room', 'Carol')
    await world.settle()
    expect(third.channel.getSnapshot()).toEqual({ status: 'refused', code: 'room_full' })
    expect(kinds(inAlice)).toEqual(['peer_joined'])
  })

  test.each([
    ['not JSON', 'hello', 'bad_message'],
    ['another message first', '{"type":"ping","sent":0,"received":0}', 'hello_expected'],
    ['too large a first message', `{"type":"hello"${' '.repeat(13_000)}}`, 'too_big'],
  ])('ends a line that begins with %s, with a code', async (_, frame, code) => {
    const world = new World()
    const heard: string[] = []
    const line = world.open({ frame: (text) => heard.push(text), close: (reason) => heard.push(reason) })
    line.near.send(frame)
    await world.settle()
    expect(heard).toEqual([encode({ type: 'close', code: code as 'bad_message' }), 'remote'])
    expect(world.clock.pending).toBe(0)
  })

  test('ends a line that stays silent', async () => {
    const world = new World()
    const heard: string[] = []
    world.open({ frame: (text) => heard.push(text), close: (reason) => heard.push(reason) })
    await world.clock.advance(5_001)
    expect(heard).toEqual([encode({ type: 'close', code: 'hello_timeout' }), 'remote'])
  })

  test('ends a session that sends more than its rate for too long, and lets it come back', async () => {
    const world = new World({ messages: { perSecond: 10, burst: 10 } })
    const { alice, bob, inAlice } = await pairOf(world)
    for (let i = 0; i < 40; i += 1) inAlice.channel.send(bob.id, { type: 'offer', body: 'flood' })
    await world.settle()
    expect(alice.client.getSnapshot()).toMatchObject({ status: 'reconnecting', cause: 'rate_limited' })
    await world.clock.advance(5_000)
    expect(alice.client.getSnapshot().status).toBe('online')
  })

  test('drains: every client and every newcomer is told to reconnect later', async () => {
    const world = new World()
    const { alice, bob } = await pairOf(world)
    world.hub.drain(2_000)
    await world.settle()
    expect(alice.client.getSnapshot()).toMatchObject({ status: 'reconnecting', cause: 'restarting' })
    expect(world.hub.stats()).toEqual({ sessions: 0, rooms: 0 })
    world.restartHub()
    await world.clock.advance(9_000)
    expect([alice, bob].map(({ client }) => client.getSnapshot().status)).toEqual(['online', 'online'])
  })

  test('closing every client leaves no timer behind', async () => {
    const world = new World()
    const { alice, bob } = await pairOf(world)
    alice.client.close()
    bob.client.close()
    await world.settle()
    expect(world.clock.pending).toBe(0)
    expect(world.hub.stats()).toEqual({ sessions: 0, rooms: 0 })
  })
})
