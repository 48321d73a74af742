import { createPeerSecret, type RoomId } from '@patchbay/protocol'
import { describe, expect, test } from 'vitest'
import { nextSessionState, Outbox, Session } from '../src/session/index.ts'
import { ManualClock } from './support/manual-clock.ts'
import { bodies, identityOf, kinds, pairOf, speak } from './support/room-pair.ts'
import { World } from './support/world.ts'

describe('session', () => {
  test('[S1] every message arrives once and in order across any number of cut lines, both ways', async () => {
    const world = new World({ messages: { perSecond: 10_000, burst: 10_000 } })
    const { alice, bob, inAlice, inBob } = await pairOf(world)
    const expected: string[] = []
    for (let round = 0; round < 40; round += 1) {
      for (let i = 0; i < 7; i += 1) {
        const body = `${round}.${i}`
        expected.push(body)
        inAlice.channel.send(bob.id, { type: 'offer', body })
        inBob.channel.send(alice.id, { type: 'offer', body })
        if (i === round % 7) (round % 2 === 0 ? alice : bob).lines.at(-1)?.cut()
      }
      await world.clock.advance(2_500)
    }
    await world.clock.advance(20_000)
    expect(bodies(inBob)).toEqual(expected)
    expect(bodies(inAlice)).toEqual(expected)
    expect(alice.lines.length).toBeGreaterThan(15)
    expect(kinds(inAlice)).not.toContain('discontinuity')
  })

  test('[S1] messages to a member that was removed as lost are kept for it too', async () => {
    const world = new World()
    const { bob, inAlice, inBob } = await pairOf(world)
    world.reachable = false
    bob.lines.at(-1)?.silence()
    await world.clock.advance(10_000)
    expect(kinds(inAlice)).toEqual(['peer_joined', 'peer_updated', 'peer_removed'])
    inAlice.channel.send(bob.id, { type: 'offer', body: 'later' })
    world.reachable = true
    await world.clock.advance(20_000)
    expect(bodies(inBob)).toEqual(['later'])
    expect(kinds(inBob)).not.toContain('discontinuity')
  })

  test('[S2] a resume with a wrong secret is refused and changes nothing', async () => {
    const world = new World()
    const { alice, bob, inAlice } = await pairOf(world)
    const victim = await speak(world, { type: 'hello', ...identityOf(createPeerSecret()) })
    const thief = await speak(world, {
      type: 'resume',
      ...identityOf(alice.secret),
      session: victim.session,
      received: 0,
    })
    expect(thief.heard).toEqual([{ type: 'close', code: 'forbidden' }, 'remote'])
    expect(victim.heard).toHaveLength(1)
    expect([alice, bob].map(({ client }) => client.getSnapshot().status)).toEqual(['online', 'online'])
    expect(kinds(inAlice)).toEqual(['peer_joined'])
  })

  test('[S3] a second live line of one session supersedes the first, without loss', async () => {
    const world = new World()
    const secret = createPeerSecret()
    const first = await speak(world, { type: 'hello', ...identityOf(secret) })
    first.say({ type: 'join', room: 'room' as RoomId, name: 'Carol' })
    await world.settle()
    // Carol has received the welcome and `peers`; she claims to have missed `peers`.
    const second = await speak(world, { type: 'resume', ...identityOf(secret), session: first.session, received: 0 })
    expect(first.heard.slice(-2)).toEqual([{ type: 'close', code: 'superseded' }, 'remote'])
    expect(second.heard).toMatchObject([{ type: 'welcome', recovered: true, received: 1 }, { type: 'peers' }])
    first.say({ type: 'leave', room: 'room' as RoomId })
    await world.settle()
    expect(world.hub.stats()).toEqual({ sessions: 1, rooms: 1 })
  })

  test.each(['hello', 'resume'] as const)('[S3] a late %s from a slow line supersedes nothing', async (type) => {
    const world = new World()
    const identity = identityOf(createPeerSecret())
    const now = await speak(world, { type: 'hello', ...identity, attempt: 2 })
    const greeting = { ...identity, attempt: 1 }
    const resume = { type: 'resume', ...greeting, session: now.session, received: 0 } as const
    const late = await speak(world, type === 'resume' ? resume : { type, ...greeting })
    expect(late.heard).toEqual([{ type: 'close', code: 'superseded' }, 'remote'])
    now.say({ type: 'join', room: 'room' as RoomId, name: 'Carol' })
    await world.settle()
    expect(now.heard).toMatchObject([{ type: 'welcome' }, { type: 'peers' }])
  })

  test('[S3] frames that a line dropped are detected by the counters and resent', async () => {
    const world = new World()
    const { alice, bob, inAlice, inBob } = await pairOf(world)
    const line = alice.lines.at(-1)
    const send = line?.near.send
    inAlice.channel.send(bob.id, { type: 'offer', body: 'one' })
    if (line !== undefined && send !== undefined) {
      Object.assign(line.near, { send: () => {} })
      inAlice.channel.send(bob.id, { type: 'offer', body: 'two' })
      Object.assign(line.near, { send })
    }
    await world.clock.advance(10_000)
    expect(bodies(inBob)).toEqual(['one', 'two'])
    expect(alice.lines).toHaveLength(2)
  })

  test('[S4] a gap is never silent: after a restart the room is joined anew and gets one event', async () => {
    const world = new World()
    const { alice, bob, inAlice, inBob } = await pairOf(world)
    world.restartHub()
    alice.lines.at(-1)?.cut()
    await world.clock.advance(2_000)
    bob.lines.at(-1)?.cut()
    await world.clock.advance(3_000)
    expect(kinds(inAlice).filter((kind) => kind === 'discontinuity')).toHaveLength(1)
    expect(kinds(inBob).filter((kind) => kind === 'discontinuity')).toHaveLength(1)
    const roster = inAlice.channel.getSnapshot()
    expect(roster.status === 'joined' && roster.peers.map((peer) => [peer.name, peer.state])).toEqual([['Bob', 'here']])
    expect(kinds(inAlice)).not.toContain('peer_removed')
    expect(kinds(inAlice).filter((kind) => kind === 'peer_joined')).toHaveLength(1)
  })

  test('[S4] a session past its resume window gets an event, and a full snapshot of the room', async () => {
    const world = new World({ resumeMs: 10_000 })
    const { alice, inAlice, inBob } = await pairOf(world)
    world.reachable = false
    alice.lines.at(-1)?.cut()
    await world.clock.advance(30_000)
    world.reachable = true
    await world.clock.advance(10_000)
    expect(kinds(inAlice)).toContain('discontinuity')
    expect(kinds(inBob).slice(-2)).toEqual(['peer_removed', 'peer_joined'])
  })

  test('[S6] unacknowledged messages are bounded, and a session that passes the bound ends with a code', async () => {
    const clock = new ManualClock()
    const ends: string[] = []
    const session = new Session(
      clock,
      { pingMs: 2_500, deadMs: 5_500, slowMs: 5_000, outbox: { frames: 3, size: 100 } },
      {
        message: () => {},
        away: () => {},
        ended: (code) => ends.push(code),
      },
    )
    for (const frame of ['a', 'b', 'c']) session.send(frame)
    await clock.advance(0)
    expect(ends).toEqual([])
    for (const frame of ['d', 'e']) session.send(frame)
    await clock.advance(0)
    expect(ends).toEqual(['slow_consumer'])
    expect(clock.pending).toBe(0)
  })

  test('[S6] a line that leaves a message unacknowledged is cut, and the message is kept', async () => {
    const world = new World()
    const { alice, bob, inAlice, inBob } = await pairOf(world)
    const slowSecret = createPeerSecret()
    const { heard, say, session } = await speak(world, { type: 'hello', ...identityOf(slowSecret) })
    say({ type: 'join', room: 'room' as RoomId, name: 'Slow' })
    await world.settle()
    for (let i = 0; i < 5; i += 1) {
      say({ type: 'ack', sent: 1, received: 0 })
      await world.clock.advance(980)
    }
    expect(heard).not.toContain('remote')
    await world.clock.advance(200)
    expect(heard.slice(-2)).toEqual([{ type: 'close', code: 'slow_consumer' }, 'remote'])
    const again = await speak(world, { type: 'resume', ...identityOf(slowSecret), session, received: 0 })
    expect(again.heard).toMatchObject([{ type: 'welcome', recovered: true }, { type: 'peers' }])
    expect(kinds(inAlice)).toEqual(['peer_joined', 'peer_joined', 'peer_updated', 'peer_updated'])
    expect(kinds(inBob)).toEqual(['peer_joined', 'peer_joined', 'peer_updated', 'peer_updated'])
    for (const { client } of [alice, bob]) expect(client.getSnapshot().status).toBe('online')
  })

  test('[S6] nobody can fill the outbox of another: relaying to a backed-up member is refused', async () => {
    const world = new World({ outbox: { frames: 50, size: 100_000 }, messages: { perSecond: 1e4, burst: 1e4 } })
    const { bob, inAlice, inBob } = await pairOf(world)
    bob.lines.at(-1)?.cut()
    world.reachable = false
    for (let i = 0; i < 60; i += 1) inAlice.channel.send(bob.id, { type: 'offer', body: String(i) })
    await world.settle()
    world.reachable = true
    await world.clock.advance(5_000)
    expect(kinds(inBob)).not.toContain('discontinuity')
    expect(bodies(inBob)).toEqual(Array.from({ length: bodies(inBob).length }, (_, i) => String(i)))
    expect(bodies(inBob).length).toBeGreaterThan(20)
    expect(bodies(inBob).length).toBeLessThan(30)
  })

  test('[S4] a lost member that comes back learns who joined and left meanwhile', async () => {
    const world = new World()
    const { alice, bob, inBob } = await pairOf(world)
    world.reachable = false
    bob.lines.at(-1)?.cut()
    await world.clock.advance(10_000)
    alice.client.close()
    world.reachable = true
    const carol = world.connect()
    world.reachable = false
    const inCarol = world.enter(carol, 'room', 'Carol')
    await world.settle()
    world.reachable = true
    await world.clock.advance(20_000)
    const roster = inBob.channel.getSnapshot()
    expect(roster.status === 'joined' && roster.peers.map(({ name }) => name)).toEqual(['Carol'])
    expect(kinds(inBob)).not.toContain('discontinuity')
    expect(inCarol.events).toContainEqual(expect.objectContaining({ type: 'peer_joined', newcomer: true }))
  })

  test('[S6] the outbox refuses frames beyond either limit and frees acknowledged ones', () => {
    const outbox = new Outbox({ frames: 3, size: 10 })
    expect([outbox.push('aaaa', 0), outbox.push('bbbb', 0), outbox.push('cccc', 0)]).toEqual([true, true, false])
    expect(outbox.push('c', 0)).toBe(true)
    expect(outbox.push('', 0)).toBe(false)
    expect(outbox.ack(2)).toBe(true)
    expect(outbox.unacked()).toEqual(['c'])
    expect(outbox.covers(1)).toBe(false)
    expect(outbox.ack(4)).toBe(false)
    expect(outbox.sent).toBe(3)
  })

  test('[S8] the heartbeat detects a silent line: away within 6 s, lost within 8 s', async () => {
    const world = new World()
    const { bob, inAlice } = await pairOf(world)
    await world.clock.advance(20_000)
    expect(kinds(inAlice)).toEqual(['peer_joined'])
    bob.lines.at(-1)?.silence()
    world.reachable = false
    await world.clock.advance(6_000)
    expect(inAlice.events.at(-1)).toMatchObject({ type: 'peer_updated', peer: { state: 'away' } })
    await world.clock.advance(2_000)
    expect(inAlice.events.at(-1)).toMatchObject({ type: 'peer_removed', reason: 'lost' })
  })

  test('[S8] a member that comes back within the window is the same peer', async () => {
    const world = new World()
    const { bob, inAlice, inBob } = await pairOf(world)
    world.reachable = false
    bob.lines.at(-1)?.cut()
    await world.clock.advance(20_000)
    world.reachable = true
    await world.clock.advance(9_000)
    const [first, back] = inAlice.events.filter((event) => event.type === 'peer_joined')
    expect(back).toMatchObject({
      peer: { id: bob.id, instance: (first as { peer: { instance: string } }).peer.instance },
    })
    expect(kinds(inBob)).not.toContain('discontinuity')
  })

  test('[S9] leaving is reported as left at once', async () => {
    const world = new World()
    const { bob, inAlice } = await pairOf(world)
    bob.client.close()
    await world.settle()
    expect(inAlice.events.at(-1)).toMatchObject({ type: 'peer_removed', id: bob.id, reason: 'left' })
    expect(world.hub.stats()).toEqual({ sessions: 1, rooms: 1 })
  })

  test('[S10] only the injected clock drives a session', async () => {
    const world = new World()
    const { inAlice } = await pairOf(world)
    const realNow = Date.now
    try {
      Date.now = () => realNow() + 86_400_000
      await world.clock.advance(30_000)
    } finally {
      Date.now = realNow
    }
    expect(kinds(inAlice)).toEqual(['peer_joined'])
  })

  test('a second page with the same secret takes the session over and the first stops for good', async () => {
    const world = new World()
    const { bob, inAlice } = await pairOf(world)
    const copy = world.connect({ secret: bob.secret })
    world.enter(copy, 'room', 'Bob')
    await world.clock.advance(30_000)
    expect(bob.client.getSnapshot()).toEqual({ status: 'closed', code: 'superseded' })
    expect(copy.client.getSnapshot().status).toBe('online')
    expect(kinds(inAlice)).toEqual(['peer_joined', 'peer_removed', 'peer_joined'])
  })

  test('an ended session stays as it ended', () => {
    const ended = nextSessionState({ status: 'live' }, { type: 'end', code: 'superseded' })
    expect(nextSessionState(ended, { type: 'line_attached' })).toEqual({ status: 'ended', code: 'superseded' })
  })
})
