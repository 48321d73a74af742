import { createEpoch, createSessionId, fullCapabilities, type RoomId } from '@patchbay/protocol'
import { describe, expect, test } from 'vitest'
import { epoch, rawServer, session, you } from './support/raw-server.ts'

const room = 'room' as RoomId

/** A client that is online and in a room, and what its channel has told. */
async function online(options: Parameters<typeof rawServer>[0] = {}) {
  const world = rawServer(options)
  const channel = world.client.enter({ room, name: 'Me' })
  const told: unknown[] = []
  channel.onEvent((event) => told.push(event))
  await world.clock.advance(0)
  const greeting = world.line().news()
  await world.line().welcome()
  return { ...world, channel, told, greeting }
}

describe('a client', () => {
  test('greets with who it is and what it can do, and asks for its rooms without waiting for an answer', async () => {
    const { greeting, secret, instance, client } = await online()
    const identity = { version: 1, secret, instance, capabilities: fullCapabilities }
    expect(greeting).toEqual([
      { type: 'hello', ...identity, attempt: 1 },
      { type: 'join', room, name: 'Me' },
    ])
    expect([client.instance, client.capabilities]).toEqual([instance, fullCapabilities])
  })

  test('is connecting until it is welcomed, then online, and knows who it is and how far the server is', async () => {
    const { client, clock, line } = rawServer()
    await clock.advance(0)
    expect([client.getSnapshot(), client.self, client.roundTripMs]).toEqual([
      { status: 'connecting' },
      undefined,
      undefined,
    ])
    await clock.advance(40)
    const iceServers = [{ urls: ['stun:a'] }]
    await line().welcome({ iceServers })
    expect([client.getSnapshot(), client.self, client.roundTripMs]).toEqual([
      { status: 'online', line: 'test' },
      you,
      40,
    ])
    expect(client.iceServers.getSnapshot()).toEqual(iceServers)
    await line().say({ type: 'ice_servers', iceServers: [] })
    expect(client.iceServers.getSnapshot()).toEqual([])
  })

  test('keeps the pace that the server asks for: it asks half as often, and gives up as soon', async () => {
    const { client, clock, line } = await online()
    line().news()
    await clock.advance(4_999)
    expect(line().news()).toEqual([])
    await clock.advance(1)
    expect(line().news()).toEqual([{ type: 'ping', sent: 1, received: 0 }])
    await clock.advance(70)
    await line().say({ type: 'pong', sent: 0, received: 1 })
    expect(client.roundTripMs).toBe(70)
    await clock.advance(5_499)
    expect(client.getSnapshot().status).toBe('online')
    await clock.advance(1)
    expect(client.getSnapshot()).toMatchObject({ status: 'reconnecting', cause: 'silent', attempt: 0 })
    expect(line().news().slice(-2)).toEqual([{ type: 'close', code: 'silent' }, 'remote'])
  })

  test('waits for what it sent twice as long as for anything to be said', async () => {
    const { client, clock, line } = await online()
    for (let i = 0; i < 10; i += 1) {
      await clock.advance(1_000)
      await line().say({ type: 'ping', sent: 0, received: 0 })
    }
    expect(client.getSnapshot().status).toBe('online')
    await clock.advance(1_000)
    expect(client.getSnapshot()).toMatchObject({ status: 'reconnecting', cause: 'slow_consumer' })
  })

  test('enters a room once, at once where it is online, and anew where it has left', async () => {
    const { client, channel, line } = await online()
    line().news()
    expect(client.enter({ room, name: 'Me' })).toBe(channel)
    expect(line().news()).toEqual([])
    channel.leave()
    const again = client.enter({ room, name: 'Me', title: 'Tea' })
    expect(again).not.toBe(channel)
    await line().say({ type: 'peers', room, peers: [] }, { type: 'peers', room: 'other' as RoomId, peers: [] })
    expect(line().news()).toEqual([
      { type: 'leave', room },
      { type: 'join', room, name: 'Me', title: 'Tea' },
    ])
    expect([again.getSnapshot().status, channel.getSnapshot().status]).toEqual(['joined', 'left'])
  })

  test('may enter a room again from where it is told that it has left', async () => {
    const { client, channel, line } = await online()
    line().news()
    let again: typeof channel | undefined
    channel.subscribe(() => {
      again ??= client.enter({ room, name: 'Me' })
    })
    channel.leave()
    expect(again).not.toBe(channel)
    await line().say({ type: 'peers', room, peers: [] })
    expect(line().news()).toMatchObject([{ type: 'leave' }, { type: 'join' }])
    expect([again?.getSnapshot().status, channel.getSnapshot().status]).toEqual(['joined', 'left'])
  })

  const member = {
    ...{ id: 'P'.repeat(22), instance: 'I'.repeat(22), name: 'P', line: 'test', state: 'here' },
    capabilities: fullCapabilities,
  } as const
  const withOne = JSON.stringify({ type: 'peers', room, peers: [member] })

  test.each(['forbidden', 'room_locked'] as const)(
    'has left a room that is left while it is told of %s, and leaves no other one with it',
    async (code) => {
      const { client, channel, line } = await online()
      await line().say(withOne)
      channel.onEvent(({ type }) => type === 'peer_removed' && channel.leave())
      const seen: string[] = []
      channel.subscribe(() => seen.push(channel.getSnapshot().status))
      await line().say({ type: 'error', code, room })
      expect([seen.at(-1), channel.getSnapshot().status]).toEqual(['left', 'left'])
      const again = client.enter({ room, name: 'Me' })
      channel.leave()
      await line().say(withOne)
      expect([again.getSnapshot().status, client.enter({ room, name: 'Me' }) === again]).toEqual(['joined', true])
    },
  )

  test('that is closed enters no room', async () => {
    const { client, channel, clock, line } = await online()
    client.close()
    line().news()
    const another = client.enter({ room: 'another', name: 'Me' })
    expect([another.getSnapshot(), client.enter({ room, name: 'Me' }).getSnapshot()]).toEqual([
      { status: 'left' },
      { status: 'left' },
    ])
    another.leave()
    channel.leave()
    expect([line().news(), clock.pending]).toEqual([[], 0])
  })

  test('that is closed when it is told of its ICE servers stays so, and leaves nothing behind', async () => {
    const { client, clock, line } = rawServer()
    client.iceServers.subscribe(() => client.close())
    await clock.advance(0)
    await line().welcome({ iceServers: [{ urls: ['turn:a'] }], iceLifetimeMs: 86_400_000 })
    expect([client.getSnapshot(), clock.pending]).toEqual([{ status: 'closed', code: 'bye' }, 0])
  })

  test('says goodbye when it is closed, leaves its rooms, and does so once', async () => {
    const { client, channel, clock, line, dialed } = await online()
    line().news()
    const seen: unknown[] = []
    client.subscribe(() => seen.push(client.getSnapshot()))
    client.close()
    client.close()
    await clock.advance(60_000)
    expect(line().news()).toEqual([{ type: 'bye' }, 'remote'])
    expect(seen).toEqual([{ status: 'closed', code: 'bye' }])
    expect(channel.getSnapshot().status).toBe('left')
    expect([dialed.length, clock.pending]).toEqual([1, 0])
  })
})

describe('a session whose line is lost', () => {
  /** Lost, and on a new line, on which was said what is returned. */
  async function back() {
    const world = await online()
    await world.line().say({ type: 'peers', room, peers: [] })
    await world.line().cut()
    expect(world.client.getSnapshot()).toMatchObject({ status: 'reconnecting', cause: 'lost' })
    await world.clock.advance(250)
    return { ...world, said: world.line().news() }
  }

  test('is asked for on the next, with how much was received; what was not is sent again', async () => {
    const { said, secret, instance, line, told, client } = await back()
    const identity = { version: 1, secret, instance, capabilities: fullCapabilities }
    expect(said).toEqual([{ type: 'resume', ...identity, attempt: 2, session, received: 1 }])
    await line().welcome({ recovered: true, received: 0 })
    expect(line().news()).toEqual([{ type: 'join', room, name: 'Me' }])
    expect([client.getSnapshot().status, told]).toEqual(['online', []])
  })

  test('is told of the gap where the server has forgotten it, and joins its rooms again', async () => {
    const { line, told, client, clock } = await back()
    const another = createSessionId()
    await line().welcome({ session: another })
    expect(line().news()).toEqual([{ type: 'join', room, name: 'Me' }])
    expect([client.getSnapshot().status, told]).toEqual(['online', [{ type: 'discontinuity' }]])
    await line().cut()
    await clock.advance(1_000)
    expect(line().news()).toMatchObject([{ type: 'resume', session: another, received: 0 }])
  })

  test.each([
    ['keeps its members for a while where the server is a new one', createEpoch(), ['away']],
    ['loses its members at once where it is the same', epoch, []],
  ])('%s', async (_, then, states) => {
    const { client, channel, clock, line } = await online()
    const peer = {
      ...{ id: 'P'.repeat(22), instance: 'I'.repeat(22), name: 'P', line: 'test', state: 'here' },
    } as const
    const peers = JSON.stringify({ type: 'peers', room, peers: [{ ...peer, capabilities: fullCapabilities }] })
    await line().say(peers)
    await line().cut()
    await clock.advance(250)
    await line().welcome({ epoch: then })
    await line().say({ type: 'peers', room, peers: [] })
    const roster = channel.getSnapshot()
    expect(roster.status === 'joined' && roster.peers.map(({ state }) => state)).toEqual(states)
    client.close()
    expect(clock.pending).toBe(0)
  })

  test.each([
    ['a count that cannot be', { recovered: true, received: 2 }],
    ['another version', { version: 2 }],
  ])('does not go on after a welcome with %s', async (_, but) => {
    const { line, client, clock, lines } = await back()
    await line().welcome(but)
    if ('version' in but) {
      expect(client.getSnapshot()).toEqual({ status: 'closed', code: 'version_unsupported' })
      expect(clock.pending).toBe(0)
      return
    }
    expect(client.getSnapshot()).toMatchObject({ status: 'reconnecting', cause: 'bad_message' })
    await clock.advance(1_000)
    expect(lines.at(-1)?.news()).toMatchObject([{ type: 'hello' }, { type: 'join' }])
  })
})

test('a client that has more to say than is kept for a line to come begins anew, and tells its rooms of the gap', async () => {
  const { client, channel, clock, told, line, blocked } = await online()
  blocked.set('test', 'refused')
  await line().cut()
  for (let i = 0; i < 300; i += 1) channel.send(you, { type: 'offer', body: `${i}` })
  await clock.advance(0)
  expect(client.getSnapshot()).toMatchObject({ status: 'reconnecting', cause: 'slow_consumer' })
  blocked.clear()
  await clock.advance(8_000)
  expect(line().news()).toMatchObject([{ type: 'hello' }, { type: 'join' }])
  await line().welcome({ session: createSessionId() })
  expect([client.getSnapshot().status, told]).toEqual(['online', [{ type: 'discontinuity' }]])
})

test('a client that is closed renews no credentials', async () => {
  const { client, clock, line } = await online()
  const iceServers = [{ urls: ['turn:a'] }]
  let changes = 0
  const stop = client.iceServers.subscribe(() => (changes += 1))
  expect(client.iceServers.getSnapshot()).toEqual([])
  await line().say({ type: 'ice_servers', iceServers, iceLifetimeMs: 1_000 })
  stop()
  await line().say({ type: 'ice_servers', iceServers: [], iceLifetimeMs: 1_000 })
  expect(changes).toBe(1)
  client.close()
  expect(clock.pending).toBe(0)
})

test('what comes before the welcome ends the line, and the next one is greeted anew', async () => {
  const { client, clock, line, lines } = rawServer()
  await clock.advance(0)
  await line().say({ type: 'ping', sent: 0, received: 0 })
  expect(client.getSnapshot()).toMatchObject({ status: 'reconnecting', cause: 'bad_message' })
  expect(line().news().slice(1)).toEqual(['remote'])
  await clock.advance(1_000)
  expect(lines).toHaveLength(2)
  expect(line().news()).toMatchObject([{ type: 'hello', attempt: 2 }])
})
