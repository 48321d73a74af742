import type { PeerId } from '@patchbay/protocol'
import { expect, test } from 'vitest'
import type { LineMemory } from '../src/client/index.ts'
import type { RoomEvent } from '../src/signaling/index.ts'
import { DialError } from '../src/transport/index.ts'
import { rawServer } from './support/raw-server.ts'
import { type TestClient, type TestRoom, World } from './support/world.ts'

const names = ['first', 'second', 'third']

function memory(): LineMemory & { name: string | undefined } {
  return {
    name: undefined,
    read() {
      return this.name
    },
    write(name) {
      this.name = name
    },
  }
}

const lineOf = ({ client }: TestClient) => {
  const state = client.getSnapshot()
  return state.status === 'online' ? state.line : state.status
}

/** A world with an observer in the room, on a separate line, that records events of the client under test. */
async function pair(world: World, lineMemory?: LineMemory) {
  const watcher = world.connect()
  const watched = world.connect({}, { names, ...(lineMemory !== undefined && { lineMemory }) })
  const there = world.enter(watcher)
  const here = world.enter(watched)
  await world.clock.advance(100)
  return { watcher, watched, there, here }
}

const count = (to: PeerId, { channel }: TestRoom, n: number) =>
  channel.send(to, { type: 'ice_candidate', body: String(n) })

const heard = (events: readonly RoomEvent[]) =>
  events.flatMap((event) => (event.type === 'signal' ? [Number(event.signal.body)] : []))

const away = (events: readonly RoomEvent[]) =>
  events.filter(
    (event) => event.type === 'peer_removed' || (event.type === 'peer_updated' && event.peer.state === 'away'),
  )

test('a line that is refused is skipped at once, and the one that worked is remembered', async () => {
  const world = new World()
  const lineMemory = memory()
  world.blocked.set('first', 'refused')
  const client = world.connect({}, { names, lineMemory })
  const states: string[] = []
  client.client.subscribe(() => states.push(client.client.getSnapshot().status))
  await world.clock.advance(1)
  expect(lineOf(client)).toBe('second')
  expect(states).toEqual(['online'])
  expect(lineMemory.name).toBe('second')

  world.blocked.clear()
  const again = world.connect({}, { names, lineMemory })
  await world.clock.advance(1)
  expect(lineOf(again)).toBe('second')
})

test('a line on which nothing answers is abandoned after 3 s', async () => {
  const world = new World()
  world.blocked.set('first', 'silent')
  const client = world.connect({}, { names })
  await world.clock.advance(2_900)
  expect(lineOf(client)).toBe('connecting')
  await world.clock.advance(200)
  expect(lineOf(client)).toBe('second')
})

test('when every line is refused the client waits, then starts over with the first', async () => {
  const world = new World()
  world.reachable = false
  const client = world.connect({}, { names })
  await world.clock.advance(10)
  expect(client.client.getSnapshot()).toMatchObject({ status: 'reconnecting', cause: 'unreachable', attempt: 1 })
  world.reachable = true
  await world.clock.advance(8_000)
  expect(lineOf(client)).toBe('first')
})

test('a line that keeps dying gives way to the next', async () => {
  const world = new World()
  const client = world.connect({}, { names })
  await world.clock.advance(1_000)
  expect(lineOf(client)).toBe('first')
  client.lines.at(-1)?.cut()
  await world.clock.advance(1_000)
  expect(lineOf(client)).toBe('second')
})

test('a better line is tried again, and the live session moves to it without loss', async () => {
  const world = new World()
  world.blocked.set('first', 'refused')
  const { watched, watcher, here, there } = await pair(world)
  expect(lineOf(watched)).toBe('second')
  world.blocked.clear()
  for (let n = 1; n <= 600; n += 1) {
    count(watched.id, there, n)
    count(watcher.id, here, n)
    await world.clock.advance(20)
  }
  expect(lineOf(watched)).toBe('first')
  expect(heard(here.events)).toEqual(Array.from({ length: 600 }, (_, i) => i + 1))
  expect(heard(there.events)).toEqual(heard(here.events))
  expect(away(there.events)).toEqual([])
  expect(there.channel.getSnapshot()).toMatchObject({ peers: [{ line: 'first' }] })
})

test('switching goes through every line without loss, and nobody sees the member away', async () => {
  const world = new World()
  const { watched, watcher, here, there } = await pair(world)
  let n = 0
  for (const name of [...names, 'auto', ...names.toReversed()]) {
    const switched = watched.client.switchTo(name)
    for (let k = 0; k < 10; k += 1) {
      n += 1
      count(watched.id, there, n)
      count(watcher.id, here, n)
      await world.clock.advance(1)
    }
    await switched
    expect(lineOf(watched)).toBe(name === 'auto' ? 'first' : name)
    expect(watched.client.choice).toBe(name)
  }
  expect(heard(here.events)).toEqual(Array.from({ length: n }, (_, i) => i + 1))
  expect(heard(there.events)).toEqual(heard(here.events))
  expect(away(there.events)).toEqual([])
})

test('choosing a line that cannot be opened is rejected, and the old line stays in use', async () => {
  const world = new World()
  const { watched, there } = await pair(world)
  world.blocked.set('third', 'refused')
  await expect(watched.client.switchTo('third')).rejects.toBeInstanceOf(DialError)
  await expect(watched.client.switchTo('fourth')).rejects.toBeInstanceOf(RangeError)
  expect(lineOf(watched)).toBe('first')
  expect(watched.client.choice).toBe('auto')
  expect(away(there.events)).toEqual([])
})

test('a new line that opens and stays silent loses nothing: the session resumes on the old one', async () => {
  const world = new World()
  const { watched, here, there } = await pair(world)
  const switched = watched.client.switchTo('third')
  const refused = expect(switched).rejects.toBeInstanceOf(DialError)
  while (watched.lines.length < 2) await Promise.resolve()
  watched.lines.at(-1)?.silence()
  for (let n = 1; n <= 100; n += 1) {
    count(watched.id, there, n)
    await world.clock.advance(100)
  }
  await refused
  expect(lineOf(watched)).toBe('first')
  expect(heard(here.events)).toEqual(Array.from({ length: 100 }, (_, i) => i + 1))
})

test('a line chosen while there is none is dialed next, and is the only one dialed', async () => {
  const world = new World()
  const { watched } = await pair(world)
  world.reachable = false
  watched.lines.at(-1)?.cut()
  await world.clock.advance(2_000)
  expect(lineOf(watched)).toBe('reconnecting')
  world.reachable = true
  world.blocked.set('third', 'refused')
  await watched.client.switchTo('third')
  await world.clock.advance(20_000)
  expect(lineOf(watched)).toBe('reconnecting')
  world.blocked.clear()
  await world.clock.advance(10_000)
  expect(lineOf(watched)).toBe('third')
})

test('a client that is closed in the middle of a move leaves nothing behind', async () => {
  const world = new World()
  const { watched, watcher } = await pair(world)
  world.blocked.set('third', 'silent')
  const switched = watched.client.switchTo('third')
  await world.clock.advance(1)
  watched.client.close()
  watcher.client.close()
  await expect(switched).rejects.toThrow('closed')
  await world.clock.advance(1)
  expect(world.clock.pending).toBe(0)
})

test.each(['moves to another line', 'comes back on another line'])(
  'a client that is closed while it %s says goodbye on that one, and is removed at once',
  async (how) => {
    const world = new World()
    const { watched, there } = await pair(world)
    await world.clock.advance(6_000)
    const { lines, client } = watched
    // The welcome on the new line does not come.
    lines.push = (line) => {
      line.pauseNear(true)
      return Array.prototype.push.call(lines, line)
    }
    if (how.startsWith('moves')) void client.switchTo('second').catch(() => {})
    else lines[0]?.cut()
    await world.clock.advance(500)
    expect(lines).toHaveLength(2)
    client.close()
    await world.clock.advance(20)
    expect(there.events.at(-1)).toMatchObject({ type: 'peer_removed', id: watched.id, reason: 'left' })
  },
)

test('a line that lasted long and then goes silent counts as a good one: the next attempt is the first of a series', async () => {
  const world = new World()
  world.reachable = false
  const client = world.connect()
  await world.clock.advance(20_000)
  world.reachable = true
  await world.clock.advance(60_000)
  expect(lineOf(client)).toBe('test')
  const attempts: number[] = []
  client.client.subscribe(() => {
    const state = client.client.getSnapshot()
    if (state.status === 'reconnecting') attempts.push(state.attempt)
  })
  client.lines.at(-1)?.silence()
  await world.clock.advance(20_000)
  expect(attempts).toEqual([0])
  expect(lineOf(client)).toBe('test')
})

test('while nobody answers, short tries follow each other, so that the network is noticed when it is back', async () => {
  const world = new World()
  const { watched } = await pair(world)
  for (const name of names) world.blocked.set(name, 'silent')
  watched.lines.at(-1)?.cut()
  await world.clock.advance(20_000)
  expect(lineOf(watched)).toBe('reconnecting')
  world.blocked.clear()
  await world.clock.advance(1_100)
  expect(names).toContain(lineOf(watched))
})

test('choosing a line that there is not leaves the attempt under way alone', async () => {
  const { client, clock, line, dialed } = rawServer({ names: ['first', 'second'] })
  await clock.advance(0)
  await expect(client.switchTo('third')).rejects.toBeInstanceOf(RangeError)
  await clock.advance(1_000)
  await line().welcome()
  expect([client.getSnapshot().status, dialed]).toEqual(['online', ['first 0']])
  client.close()
})

test('choosing the same line twice at once is choosing it', async () => {
  const world = new World()
  const { client } = world.connect({}, { names: ['first', 'second'] })
  await world.clock.advance(100)
  const both = [client.switchTo('second'), client.switchTo('second')]
  const outcomes = Promise.allSettled(both)
  await world.clock.advance(100)
  expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
  await world.clock.advance(60_000)
  expect([client.choice, client.getSnapshot()]).toEqual(['second', { status: 'online', line: 'second' }])
})

test('a choice that another overtook is not what the client goes back to', async () => {
  const world = new World()
  const { client, lines } = world.connect({}, { names: ['first', 'second', 'third'], line: 'first' })
  await world.clock.advance(100)
  for (const name of ['second', 'third']) world.blocked.set(name, 'silent')
  const outcomes = Promise.allSettled([client.switchTo('second'), client.switchTo('third')])
  await world.clock.advance(10_000)
  expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect(client.choice).toBe('first')
  lines.at(-1)?.cut()
  await world.clock.advance(10_000)
  expect(client.getSnapshot()).toEqual({ status: 'online', line: 'first' })
})

test('a token that is renewed while the session moves is the one that the session goes on with', async () => {
  const clock = () => world.clock
  const until = new Map([
    ['1', 100_000],
    ['2', 1_000_000],
  ])
  const judged: string[] = []
  const world: World = new World({}, async ({ token = '' }) => {
    judged.push(token)
    // The greeting on the new line is judged for as long as the renewal on the old one takes to come and be accepted.
    if (judged.join(' ') === '1 1') await new Promise<void>((resolve) => clock().after(300, resolve))
    return { expiresInMs: (until.get(token) ?? 0) - clock().now() }
  })
  let asked = 0
  const token = () => `${(asked += 1)}`
  const { client } = world.connect({}, { names: ['first', 'second'], line: 'first', token })
  await world.clock.advance(79_900)
  const moved = client.switchTo('second')
  await world.clock.advance(1_000)
  await moved
  const states: unknown[] = []
  client.subscribe(() => states.push(client.getSnapshot()))
  await world.clock.advance(60_000)
  expect(states).toEqual([])
  expect([asked, judged]).toEqual([2, ['1', '1', '2', '2']])
})
