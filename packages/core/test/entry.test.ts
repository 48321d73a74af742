import { createInstanceId, createPeerSecret, type InstanceId, type PeerSecret, type RoomId } from '@patchbay/protocol'
import { describe, expect, test } from 'vitest'
import { SignalingClient } from '../src/client/index.ts'
import { type CleanEntry, InvalidFieldError } from '../src/signaling/index.ts'
import { type Dialer, DialError } from '../src/transport/index.ts'
import { ManualClock } from './support/manual-clock.ts'
import { pairOf } from './support/room-pair.ts'
import { World } from './support/world.ts'

const identity = () => ({ secret: createPeerSecret(), instance: createInstanceId() })

describe('what is handed in', () => {
  test('a name is cleaned, and the session of other rooms goes on', async () => {
    const world = new World()
    const { alice, inBob } = await pairOf(world)
    const channel = alice.client.enter({ room: 'other', name: '  Alice\u202E  Liddell ', title: ' Tea \u0000' })
    await world.settle()
    expect(channel.getSnapshot()).toMatchObject({ status: 'joined', title: 'Tea' })
    const carol = world.enter(world.connect(), 'other', 'Carol')
    await world.settle()
    expect(carol.channel.getSnapshot()).toMatchObject({ peers: [{ name: 'Alice Liddell' }] })
    expect(inBob.channel.getSnapshot()).toMatchObject({ status: 'joined' })
  })

  test.each([
    ['room', { room: 'no spaces', name: 'Ada' }],
    ['room', { room: '', name: 'Ada' }],
    ['room', { room: 'x'.repeat(65), name: 'Ada' }],
    ['name', { room: 'room', name: ' \u3164 ' }],
  ] as const)('a bad %s is refused where it is given, and nothing is sent', async (field, entry) => {
    const world = new World()
    const { alice, inAlice } = await pairOf(world)
    const sent = world.hub.stats()
    expect(() => alice.client.enter(entry)).toThrow(InvalidFieldError)
    expect(() => alice.client.enter(entry)).toThrow(expect.objectContaining({ field }) as Error)
    expect(() => alice.client.enter(entry)).toThrow(new RegExp(`^\`${field}\` must be `))
    await world.settle()
    expect(world.hub.stats()).toEqual(sent)
    expect(inAlice.channel.getSnapshot().status).toBe('joined')
    expect(alice.client.getSnapshot().status).toBe('online')
  })

  test('a malformed secret or instance is refused by the constructor', () => {
    const dialers: Dialer[] = [{ name: 'never', dial: () => new Promise(() => {}) }]
    const secret = 'short' as PeerSecret
    const instance = '!'.repeat(22) as InstanceId
    const make = (change: object) => () => new SignalingClient({ dialers, ...identity(), ...change })
    expect(make({ secret })).toThrow(expect.objectContaining({ name: 'InvalidFieldError', field: 'secret' }) as Error)
    expect(make({ instance })).toThrow(expect.objectContaining({ field: 'instance' }) as Error)
  })

  test('a title that is nothing is none', async () => {
    const world = new World()
    const { client } = world.connect()
    const channel = client.enter({ room: 'room' as RoomId, name: 'Ada', title: '\u200B' } satisfies CleanEntry)
    await world.settle()
    expect(channel.getSnapshot()).toEqual({ status: 'joined', title: undefined, peers: [] })
  })
})

describe('why there is no line', () => {
  const clientOf = (...errors: unknown[]) => {
    const clock = new ManualClock()
    const dialers = errors.map((error, i): Dialer => ({
      name: `line ${i}`,
      dial: () => Promise.reject(error),
    }))
    return { clock, client: new SignalingClient({ dialers, ...identity(), clock, random: () => 0.5 }) }
  }

  test('stands in the state, as the sentence of the line that knows', async () => {
    const refused = new DialError('a', 'The server refused with status 403.', { failure: 'refused' })
    const { clock, client } = clientOf(new DialError('b', 'Nobody.'), refused, new DialError('c', 'Nobody either.'))
    await clock.advance(10)
    expect(client.getSnapshot()).toMatchObject({ status: 'reconnecting', cause: 'unreachable', error: refused })
    client.close()
  })

  test('is `unusable` when a dialer throws what it should not, with its message', async () => {
    const { clock, client } = clientOf(new ReferenceError('WebSocket is not defined'))
    await clock.advance(10)
    const { error } = client.getSnapshot() as { error?: DialError }
    expect(error).toBeInstanceOf(DialError)
    expect(error).toMatchObject({ failure: 'unusable', transport: 'line 0' })
    expect(error?.message).toContain('WebSocket is not defined')
    client.close()
  })

  test('is forgotten when a line has opened', async () => {
    const world = new World()
    world.reachable = false
    const { client } = world.connect()
    await world.clock.advance(10)
    expect(client.getSnapshot()).toMatchObject({ error: { name: 'DialError' } })
    world.reachable = true
    await world.clock.advance(5_000)
    world.hub.drain(0)
    await world.settle()
    expect(client.getSnapshot()).toMatchObject({ status: 'reconnecting', cause: 'restarting', error: undefined })
  })
})
