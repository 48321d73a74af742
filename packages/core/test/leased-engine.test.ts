import { createInstanceId, fullCapabilities, type PeerId, type RoomId, type SessionId } from '@patchbay/protocol'
import { expect, test } from 'vitest'
import { createEngine, LEASE_MS, MemoryStore, type Seat } from '../src/engine/index.ts'
import type { Post } from '../src/engine/engine-store.ts'
import { Mail } from '../src/engine/mail.ts'
import { drainMicrotasks, ManualClock } from './support/manual-clock.ts'
import { type Trouble, troubled } from './support/troubled-store.ts'

const room = 'room' as RoomId
const nothing = () => {}
const deaf = { frame: nothing, room: nothing, nodes: nothing, health: nothing, reset: nothing, gap: nothing }

const seatAt = (node: string, n: number): Seat => ({
  node,
  session: `${n}`.padStart(22, 's') as SessionId,
  info: {
    id: `${n}`.padStart(22, 'p') as PeerId,
    instance: createInstanceId(),
    name: 'Ada',
    line: 'test',
    state: 'here',
    capabilities: fullCapabilities,
  },
  state: 'in',
})

test('a node that shuts down while the store hangs is done by the time the others give it up', async () => {
  const clock = new ManualClock(64)
  const trouble: Trouble = { isCut: false, isDeaf: false, delayMs: 0 }
  const engine = createEngine({ store: troubled(new MemoryStore(clock).connect(), trouble, clock), clock })
  void engine.start(deaf)
  await clock.advance(5)
  trouble.delayMs = 1e9
  // One act after another, each of which is given up after a while.
  for (let n = 0; n < 10; n += 1) engine.update(room, seatAt(engine.node, n))
  let isClosed = false
  void engine.close().then(() => (isClosed = true))
  await clock.advance(LEASE_MS - 1)
  expect(isClosed).toBe(false)
  await clock.advance(1)
  expect(isClosed).toBe(true)
})

test('the first change of a room is told to all nodes: one may still follow what the store has lost of it', async () => {
  const clock = new ManualClock(64)
  const store = new MemoryStore(clock)
  const [one, two] = [store.connect(), store.connect()].map((own) => createEngine({ store: own, clock }))
  if (one === undefined || two === undefined) throw new Error('no nodes')
  const heard: number[] = []
  void one.start(deaf)
  void two.start({ ...deaf, room: (_, { offset }) => heard.push(offset) })
  await clock.advance(5)
  await one.enter(room, seatAt(one.node, 1), 9)
  await one.enter(room, seatAt(one.node, 2), 9)
  await clock.advance(5)
  expect(heard, 'the second change is for those who have a seat').toEqual([1])
  await Promise.all([one.close(), two.close(), clock.advance(5)])
})

test('a seat that was given up while the store hung is free after, though it was asked for again meanwhile in vain', async () => {
  const clock = new ManualClock(64)
  const trouble: Trouble = { isCut: false, isDeaf: false, delayMs: 0 }
  const store = new MemoryStore(clock)
  const engine = createEngine({ store: troubled(store.connect(), trouble, clock), clock })
  void engine.start(deaf)
  await clock.advance(5)
  const seats = [1, 2, 3].map((n) => seatAt(engine.node, n))
  for (const seat of seats) await engine.enter(room, seat, 9)
  const [one, two, three] = seats as [Seat, Seat, Seat]
  trouble.delayMs = 1e9
  for (const seat of [one, two, three]) engine.leave(room, seat, 'left')
  const asked = [engine.enter(room, two, 9), engine.enter(room, three, 9)]
  // This one is given up once more, after it was asked for.
  engine.leave(room, three, 'left')
  await clock.advance(2_100)
  expect(await Promise.all(asked)).toEqual(['busy', 'busy'])
  trouble.delayMs = 0
  await clock.advance(10_000)
  expect(store.seats).toEqual([])
  await Promise.all([engine.close(), clock.advance(1_000)])
})

/** Two engines on one store, and what is posted to the second one, which can be cut off; the first may not hear that it is there. */
async function pair() {
  const clock = new ManualClock(64)
  const store = new MemoryStore(clock)
  const [trouble, hearing]: [Trouble, Trouble] = [
    { isCut: false, isDeaf: false, delayMs: 0 },
    { isCut: false, isDeaf: false, delayMs: 0 },
  ]
  const own = troubled(store.connect(), hearing, clock)
  let posts = 0
  const post = async (node: string, posted: Post) => {
    if (node !== two.node) return own.post(node, posted)
    posts += 1
    if (trouble.isCut) throw new Error('That node has no inbox.')
    return own.post(node, posted)
  }
  const one = createEngine({ store: { ...own, post }, clock })
  const two = createEngine({ store: troubled(store.connect(), trouble, clock), clock })
  void one.start(deaf)
  await clock.advance(5)
  return { clock, one, two, trouble, hearing, posts: () => posts }
}

test('nothing is kept for a node that is dead, though it has a seat in a room that changes', async () => {
  const { clock, one, two, trouble, posts } = await pair()
  void two.start(deaf)
  await clock.advance(5)
  const seat = seatAt(one.node, 1)
  await one.enter(room, seat, 9)
  await two.enter(room, seatAt(two.node, 2), 9)
  await clock.advance(LEASE_MS + 1_000)
  trouble.isCut = true
  await clock.advance(LEASE_MS + 2_000)
  const before = posts()
  for (let n = 0; n < 50; n += 1) one.update(room, { ...seat, info: { ...seat.info, name: `${n}`.repeat(100_000) } })
  await clock.advance(2_000)
  expect([one.isBackedUp(two.node), posts() - before]).toEqual([false, 0])
  await Promise.all([one.close(), two.close(), clock.advance(LEASE_MS)])
})

test('a node that has just started misses no change of a node that does not know it yet', async () => {
  const { clock, one, two, hearing } = await pair()
  const seat = seatAt(one.node, 1)
  await one.enter(room, seat, 9)
  hearing.isDeaf = true
  const heard: string[] = []
  void two.start({ ...deaf, room: (_, { type }) => heard.push(type), gap: (from) => heard.push(from) })
  await clock.advance(5)
  await two.enter(room, seatAt(two.node, 2), 9)
  one.update(room, seat)
  await clock.advance(5)
  hearing.isDeaf = false
  await clock.advance(1_000)
  expect(heard, 'it is told to read its rooms').toEqual([one.node])
  await Promise.all([one.close(), two.close(), clock.advance(LEASE_MS)])
})

test('a loss that was told by an answer that came too late is told again by the next: seats are put again', async () => {
  const clock = new ManualClock(64)
  const trouble: Trouble = { isCut: false, isDeaf: false, delayMs: 0 }
  const store = troubled(new MemoryStore(clock).connect(), trouble, clock)
  let losses = 0
  const beat = async (...args: Parameters<typeof store.beat>) => ({ ...(await store.beat(...args)), losses })
  const engine = createEngine({ store: { ...store, beat }, clock })
  let resets = 0
  void engine.start({ ...deaf, reset: () => (resets += 1) })
  await clock.advance(5)
  trouble.delayMs = 400
  await clock.advance(1_900)
  losses = 1
  // The third beat is given up before it is answered; the fourth is in time for the lease.
  trouble.delayMs = 2_050
  await clock.advance(200)
  trouble.delayMs = 100
  await clock.advance(2_000)
  expect(resets).toBe(0)
  await clock.advance(100)
  expect(resets).toBe(1)
  await Promise.all([engine.close(), clock.advance(1_000)])
})

/** What two nodes say to each other. */
function mailOf(post: (post: Post) => Promise<void>) {
  const heard: string[] = []
  const host = {
    post: (_: string, sent: Post) => post(sent),
    frame: (_: string, frame: string) => {
      if (frame === 'bad') throw new Error(frame)
      heard.push(frame)
    },
    room: () => undefined,
    gap: () => void heard.push('gap'),
    bye: () => undefined,
    hello: () => undefined,
  }
  return { heard, mail: (self: string) => new Mail(self, host) }
}

test('what a handler throws loses nothing that comes in the same post', () => {
  const { heard, mail } = mailOf(async () => {})
  const one = mail('node-1')
  expect(() => one.take({ from: 'node-2', n: 1, texts: ['1one', '1bad', '1two'] })).toThrow('bad')
  one.take({ from: 'node-2', n: 2, texts: ['1three'] })
  expect(heard).toEqual(['one', 'two', 'three'])
})

test('a post that fails is repeated under its number before anything else, whether it had arrived or not', async () => {
  const failures: ('before' | 'after')[] = ['before', 'after']
  let other: Mail | undefined
  const { heard, mail } = mailOf(async (post) => {
    const fails = failures.shift()
    if (fails !== 'before') other?.take(post)
    if (fails !== undefined) throw new Error(fails)
  })
  other = mail('node-2')
  const one = mail('node-1')
  one.frame('node-2', 'first')
  await one.settled()
  expect(heard).toEqual(['first'])
  one.frame('node-2', 'second')
  await drainMicrotasks()
  expect(heard).toEqual(['first'])
  one.catchUp(new Set(['node-2']))
  await one.settled()
  expect([heard, failures]).toEqual([['first', 'second'], []])
})

test('what has come is not taken again when it is repeated, though the inbox was opened anew meanwhile', () => {
  const { heard, mail } = mailOf(async () => {})
  const one = mail('node-1')
  for (const [n, text] of ['first', 'second'].entries()) one.take({ from: 'node-2', n: n + 1, texts: [`1${text}`] })
  one.forget()
  one.take({ from: 'node-2', n: 2, texts: ['1second'] })
  one.take({ from: 'node-2', n: 5, texts: ['1fifth'] })
  expect(heard, 'the gap is no news').toEqual(['first', 'second', 'fifth'])
  one.take({ from: 'node-2', n: 7, texts: ['1seventh'] })
  expect(heard.slice(3)).toEqual(['gap', 'seventh'])
})

test('a post that cannot be stored is given up after some tries, and its loss is told by the next', async () => {
  const posted: number[] = []
  const { mail } = mailOf(async ({ n }) => {
    posted.push(n)
    if (n === 1) throw new Error('too big for this store')
  })
  const one = mail('node-1')
  one.frame('node-2', 'first')
  await drainMicrotasks()
  one.frame('node-2', 'second')
  for (let beat = 0; beat < 10; beat += 1) {
    one.catchUp(new Set(['node-2']))
    await drainMicrotasks()
  }
  expect(posted).toEqual([1, 1, 1, 1, 1, 1, 2])
})

test('what waits for a node that is gone is not sent to it, also when a post was under way', async () => {
  const posted: string[][] = []
  let fail = () => {}
  const { mail } = mailOf(async ({ texts }) => {
    posted.push([...texts])
    if (posted.length === 1) await new Promise((_, reject) => (fail = () => reject(new Error('no'))))
  })
  const one = mail('node-1')
  one.frame('node-2', 'old')
  await drainMicrotasks()
  one.drop('node-2')
  one.frame('node-2', 'new')
  fail()
  await drainMicrotasks()
  one.catchUp(new Set(['node-2']))
  await drainMicrotasks()
  expect(posted.at(-1)).toEqual(['1new'])
})

test('a node that shuts down right after a post has failed says so all the same', async () => {
  let failures = 2
  const posted: string[] = []
  const { mail } = mailOf(async ({ texts }) => {
    if ((failures -= 1) >= 0) throw new Error('no')
    posted.push(...texts)
  })
  const one = mail('node-1')
  one.frame('node-2', 'last')
  await drainMicrotasks()
  one.bye('node-2')
  one.catchUp(new Set(['node-2']))
  await one.settled()
  expect(posted).toEqual(['1last', '3'])
})
