import { readFileSync } from 'node:fs'
import type { PeerId, RoomId } from '@patchbay/protocol'
import { describe, expect, test } from 'vitest'
import { defaultHubLimits, TokenBucket } from '../src/hub/index.ts'
import { LendingBucket } from '../src/hub/lending-bucket.ts'
import { type Guest, person, rawHub, room } from './support/raw-hub.ts'

const typesOf = (heard: readonly unknown[]) => heard.map((one) => (one as { type?: string }).type ?? one)

/** Two in a room, who have looked at everything. */
async function two(limits = {}) {
  const world = rawHub({ limits })
  const who = person()
  const [ada, bob] = [await world.join('Ada', who), await world.join('Bob')]
  for (const { news } of [ada, bob]) news()
  return { ...world, who, ada, bob }
}

describe('a room', () => {
  test('is called what the first one in calls it, and nothing when it calls it nothing', async () => {
    const { greet } = rawHub()
    const rooms = ['titled', 'plain'] as RoomId[]
    const answers = async (title?: string) => {
      const guest = await greet({ type: 'hello', ...person() })
      guest.news()
      for (const id of rooms)
        await guest.say({ type: 'join', room: id, name: 'A', ...(id === 'titled' && title && { title }) })
      return guest.news()
    }
    const first = await answers('Tea')
    expect(first).toEqual([
      { type: 'peers', room: 'titled', title: 'Tea', peers: [] },
      { type: 'peers', room: 'plain', peers: [] },
    ])
    expect(await answers('Coffee')).toMatchObject([{ title: 'Tea' }, { type: 'peers' }])
    expect((await answers())[1]).not.toHaveProperty('title')
  })

  test('is not one too many: as many as the limit says are let in, and the next is told which it was', async () => {
    const { greet } = rawHub({ limits: { roomsPerSession: 2 } })
    const guest = await greet({ type: 'hello', ...person() })
    guest.news()
    const join = (id: string) => guest.say({ type: 'join', room: id as RoomId, name: 'A' })
    for (const id of ['a', 'b', 'c', 'a']) await join(id)
    expect(guest.news()).toEqual([
      { type: 'peers', room: 'a', peers: [] },
      { type: 'peers', room: 'b', peers: [] },
      { type: 'error', code: 'too_many_rooms', room: 'c' },
      { type: 'peers', room: 'a', peers: [] },
    ])
    await guest.say({ type: 'leave', room: 'a' as RoomId })
    await join('c')
    expect(guest.news()).toEqual([{ type: 'peers', room: 'c', peers: [] }])
  })

  test('that one leaves is left, and the session goes on; one that nobody is in can be left as well', async () => {
    const { ada, bob, hub } = await two()
    await ada.say({ type: 'leave', room })
    expect(bob.news()).toEqual([{ type: 'remove_peer', room, peer: ada.id, reason: 'left' }])
    await ada.say({ type: 'leave', room }, { type: 'leave', room: 'nobody' as RoomId })
    expect([ada.news(), bob.news()]).toEqual([[], []])
    expect(hub.stats()).toEqual({ sessions: 2, rooms: 1 })
    await ada.say({ type: 'join', room, name: 'Ada' })
    expect(ada.news()).toMatchObject([{ type: 'peers', peers: [{ id: bob.id }] }])
  })
})

describe('to whoever looks from outside, a room', () => {
  test('shows its title and who is in it, and nothing once nobody is', async () => {
    const { hub, greet } = rawHub()
    expect(await hub.look(room)).toBeUndefined()
    const ada = await greet({ type: 'hello', ...person() })
    await ada.say({ type: 'join', room, name: 'Ada', title: 'Tea' })
    const bob = await greet({ type: 'hello', ...person() })
    await bob.say({ type: 'join', room, name: 'Bob' }, { type: 'join', room: 'plain' as RoomId, name: 'Bob' })
    expect(await hub.look(room)).toEqual({ title: 'Tea', names: ['Ada', 'Bob'] })
    const plain = await hub.look('plain' as RoomId)
    expect(plain).toEqual({ names: ['Bob'] })
    expect(plain).not.toHaveProperty('title')
    for (const guest of [ada, bob]) await guest.say({ type: 'leave', room })
    expect(await hub.look(room)).toBeUndefined()
  })

  test('of which only a place is kept has nobody in it, and is not counted', async () => {
    const { hub, bob, ada, clock } = await two()
    await bob.say({ type: 'leave', room })
    await ada.cut()
    await clock.advance(defaultHubLimits.lostMs)
    expect(await hub.look(room)).toBeUndefined()
    // Bob, in no room and as silent as Ada, is gone.
    expect(hub.stats()).toEqual({ sessions: 1, rooms: 0 })
    await clock.advance(defaultHubLimits.resumeMs)
    expect(hub.stats()).toEqual({ sessions: 0, rooms: 0 })
  })
})

test('[S5] a room that is joined or left again stays as it is', async () => {
  const { ada, bob, hub } = await two()
  await ada.say(...Array.from({ length: 20 }, () => ({ type: 'join', room, name: 'Ada' }) as const))
  expect(bob.news()).toEqual([])
  expect(ada.news()).toHaveLength(20)
  expect(hub.stats()).toEqual({ sessions: 2, rooms: 1 })
  await ada.say({ type: 'leave', room }, { type: 'leave', room })
  expect(bob.news()).toEqual([{ type: 'remove_peer', room, peer: ada.id, reason: 'left' }])
})

describe('what is sent to a member', () => {
  test.each(['offer', 'answer', 'ice_candidate', 'message'] as const)(
    'as %s arrives as one, from whoever sent it',
    async (type) => {
      const { ada, bob } = await two()
      await ada.say({ type, room, to: bob.id, body: 'x' })
      expect(bob.news()).toEqual([{ type, room, from: ada.id }])
      expect(ada.news()).toEqual([])
    },
  )

  test('is refused with the room and the member where it cannot be passed on, and the session goes on', async () => {
    const { ada, bob, join } = await two()
    const nobody = 'x'.repeat(22) as PeerId
    const elsewhere = 'elsewhere' as RoomId
    await ada.say({ type: 'offer', room: elsewhere, to: bob.id, body: 'x' })
    await ada.say({ type: 'offer', room, to: nobody, body: 'x' })
    await ada.say({ type: 'offer', room, to: ada.id, body: 'x' })
    await (await join('Carol')).say({ type: 'join', room: elsewhere, name: 'Carol' })
    await ada.say({ type: 'offer', room: elsewhere, to: bob.id, body: 'x' })
    expect(ada.news().filter((one) => typesOf([one])[0] !== 'new_peer')).toEqual([
      { type: 'error', code: 'not_in_room', room: elsewhere },
      { type: 'error', code: 'unknown_peer', room, to: nobody },
      { type: 'error', code: 'unknown_peer', room, to: ada.id },
      { type: 'error', code: 'not_in_room', room: elsewhere },
    ])
  })

  test.each([
    ['messages', { frames: 20, size: 100_000 }, 'x'],
    ['characters', { frames: 1_000, size: 4_000 }, 'x'.repeat(200)],
  ])('waits for it up to half of the %s that may wait, and is then refused to the sender', async (_, outbox, body) => {
    const { ada, bob } = await two({ outbox, messages: { perSecond: 1e6, burst: 1e6 } })
    // Everything up to now is confirmed.
    await bob.say({ type: 'ack', sent: 1, received: 1 })
    await bob.cut()
    for (let i = 0; i < 16; i += 1) await ada.say({ type: 'offer', room, to: bob.id, body })
    const refused = ada.news().filter((one) => typesOf([one])[0] === 'error')
    const size = JSON.stringify({ type: 'offer', room, from: ada.id }).length + 1 + body.length
    // The one that goes over half is the last that is taken.
    const taken = Math.floor(Math.min(outbox.frames / 2, outbox.size / 2 / size)) + 1
    expect(refused).toHaveLength(16 - taken)
    for (const one of refused) expect(one).toEqual({ type: 'error', code: 'peer_busy', room, to: bob.id })
  })
})

describe('the others', () => {
  const comesBack = async (as: 'same page' | 'reload', lost: boolean) => {
    const world = await two()
    const { who, ada, bob, greet, clock } = world
    if (lost) {
      await ada.cut()
      await clock.advance(1)
      bob.news()
    }
    await greet({ type: 'hello', ...who, ...(as === 'reload' && { instance: person().instance }) })
    return bob.news()
  }

  test('are told that a page has left when it is loaded anew, and that it is lost when it only begins anew', async () => {
    for (const lost of [true, false]) {
      expect(await comesBack('reload', lost)).toMatchObject([{ type: 'remove_peer', reason: 'left' }])
      expect(await comesBack('same page', lost)).toMatchObject([{ type: 'remove_peer', reason: 'lost' }])
    }
  })

  test.each<[string, (guest: Guest) => Promise<void>, string]>([
    ['says goodbye', (guest) => guest.say({ type: 'bye' }), 'left'],
    ['breaks the protocol', (guest) => guest.say('what?'), 'lost'],
  ])('are told of one who %s', async (_, act, reason) => {
    const { ada, bob } = await two()
    await act(ada)
    expect(bob.news()).toEqual([{ type: 'remove_peer', room, peer: ada.id, reason }])
  })

  test('are not told of a new line of the same kind, and are told of one of another kind', async () => {
    const { who, ada, bob, greet } = await two()
    const resume = { type: 'resume', ...who, session: ada.session, received: 2 } as const
    await greet(resume)
    expect(bob.news()).toEqual([])
    await greet(resume, 'other')
    expect(bob.news()).toMatchObject([{ type: 'peer_update', peer: { id: ada.id, line: 'other', state: 'here' } }])
  })
})

test('[S8] a hub that asks for signs of life less often waits for them longer alike, unless it is told how long', async () => {
  const { hub, clock, greet, events } = rawHub({ limits: { heartbeatMs: 10_000 } })
  expect(hub.limits).toMatchObject({ deadMs: 22_000, slowMs: 20_000, lostMs: 26_000, resumeMs: 139_500 })
  await greet({ type: 'hello', ...person() })
  await clock.advance(21_000)
  expect(events.map(({ type }) => type)).toEqual(['session_opened'])
  const told = { heartbeatMs: 10_000, deadMs: 11_000 }
  expect(rawHub({ limits: told }).hub.limits).toEqual({ ...defaultHubLimits, ...told })
})

describe('a rate', () => {
  test('is passed for as long as grace lasts, not longer, and beyond two bursts not at all', async () => {
    const { clock, ada } = await two({ messages: { perSecond: 0, burst: 3 }, rateGraceMs: 3_000, heartbeatMs: 60_000 })
    const knock = () => ada.say({ type: 'ack', sent: 1, received: 2 })
    // Joining was the first of the burst, and it is passed with the third of these.
    for (let i = 0; i < 3; i += 1) await knock()
    await clock.advance(3_000)
    await knock()
    expect(ada.news()).toEqual([])
    await clock.advance(1)
    await knock()
    expect(ada.news()).toEqual([{ type: 'close', code: 'rate_limited', retryAfterMs: 1_000 }, 'remote'])
    const other = await two({ messages: { perSecond: 0, burst: 3 } })
    for (let i = 0; i < 5; i += 1) await other.ada.say({ type: 'ack', sent: 1, received: 2 })
    expect(other.ada.news()).toEqual([])
    await other.ada.say({ type: 'ack', sent: 1, received: 2 })
    expect(other.ada.news()).toMatchObject([{ code: 'rate_limited' }, 'remote'])
  })

  test('fills up to its burst, and gives to whoever asks first only what is there', () => {
    const bucket = new TokenBucket({ perSecond: 10, burst: 5 }, 1_000)
    expect([bucket.tryTake(6, 1_000), bucket.tryTake(5, 1_000), bucket.tryTake(1, 1_000)]).toEqual([false, true, false])
    expect([bucket.tryTake(1, 1_099), bucket.tryTake(1, 1_100), bucket.tryTake(1, 1_100)]).toEqual([false, true, false])
    expect([bucket.tryTake(5, 61_000), bucket.tryTake(1, 61_000)]).toEqual([true, false])
  })

  test('lends, and tells for how long', () => {
    const bucket = new LendingBucket({ perSecond: 10, burst: 5 }, 1_000)
    expect(bucket.take(5, 61_000)).toBe(0)
    expect([bucket.take(5, 61_000), bucket.take(0, 61_200), bucket.take(1, 61_200)]).toEqual([0, 200, 200])
    expect([bucket.take(3, 61_600), bucket.take(0, 61_700), bucket.take(0, 61_600 + 400)]).toEqual([600, 700, 0])
  })
})

test('the limits are those of docs/session.md', () => {
  const page = readFileSync(new URL('../../../docs/session.md', import.meta.url), 'utf8')
  const { outbox, messages, traffic } = defaultHubLimits
  for (const row of [
    `| ${outbox.frames}, and ${outbox.size / 1_024} KiB `,
    `| ${messages.perSecond} a second, burst ${messages.burst} `,
    `| ${traffic.perSecond / 1_024} KiB a second, burst ${traffic.burst / 1_048_576} MiB `,
    `| ${defaultHubLimits.helloSize.toLocaleString('en').replace(',', ' ')} `,
    `| ${defaultHubLimits.roomsPerSession} `,
    `| ${defaultHubLimits.peersPerRoom} (`,
    `| ${defaultHubLimits.sessions.toLocaleString('en').replace(',', ' ')} (`,
    `| ${defaultHubLimits.resumeMs / 1_000} s; ${defaultHubLimits.lostMs / 1_000} s for a session in no room `,
    `| ${defaultHubLimits.helloMs / 1_000} s `,
  ])
    expect(page).toContain(row)
})
