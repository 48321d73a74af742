import { MAX_DURATION_MS, type RoomId } from '@patchbay/protocol'
import { describe, expect, test } from 'vitest'
import type { Authorize, Grant } from '../src/hub/index.ts'
import { drainMicrotasks } from './support/manual-clock.ts'
import { person, rawHub, room } from './support/raw-hub.ts'

const another = 'another' as RoomId
/** The shortest of the hub's own times, so that a silent guest outlives what a test waits for. */
const SHORT_MS = 2_000

/** A hub that asks, and one who has greeted it. */
async function asking(authorize: Authorize) {
  const world = rawHub({ authorize })
  const who = person()
  const guest = await world.greet({ type: 'hello', ...who, token: 'first' })
  await world.clock.advance(0)
  const failures = () => world.events.flatMap((event) => (event.type === 'handler_failed' ? [String(event.error)] : []))
  return { ...world, who, guest, failures }
}

describe('authorize', () => {
  test('is asked with the token, who asks and from where; without it nobody is', async () => {
    const asked: unknown[] = []
    const { guest, open, clock } = await asking((visitor) => {
      asked.push(visitor)
      return {}
    })
    const [welcome] = guest.news()
    expect(welcome).toMatchObject({ type: 'welcome' })
    expect(welcome).not.toHaveProperty('tokenLifetimeMs')
    const other = open('other', 'there')
    await other.say({ type: 'hello', ...person() })
    await clock.advance(0)
    const { you: peer } = welcome as { you: string }
    const { you } = other.heard[0] as { you: string }
    expect(asked).toEqual([
      { token: 'first', remote: { address: 'test', origin: undefined }, transport: 'raw', peer },
      { token: undefined, remote: { address: 'there', origin: undefined }, transport: 'other', peer: you },
    ])
  })

  test('lets nobody in that it has judged while the hub began to drain', async () => {
    let answer = (_: Grant): void => {}
    const { hub, open, clock } = rawHub({ authorize: () => new Promise((resolve) => (answer = resolve)) })
    const line = open()
    await line.say({ type: 'hello', ...person() })
    hub.drain(60_000)
    answer({})
    await clock.advance(0)
    expect(line.heard).toEqual([expect.objectContaining({ type: 'close', code: 'restarting' }), 'remote'])
    expect(hub.stats().sessions).toBe(0)
  })

  test.each(['unauthorized', 'token_expired'] as const)('that refuses as %s ends the line as that', async (refused) => {
    const { guest, failures } = await asking(() => ({ refused }))
    expect(guest.heard).toEqual([{ type: 'close', code: refused }, 'remote'])
    expect(failures()).toEqual([])
  })

  test.each([
    ['nothing', undefined, 'must return a grant'],
    ['null', null, 'must return a grant'],
    ['a refusal of another kind', { refused: 'no' }, '`refused` must be'],
    ['a subject that is no text', { subject: 1 }, '`subject` must be'],
    ['a name that is no text', { name: {} }, '`name` must be a string'],
    ['a name that shows nothing', { name: ' \u200B ' }, '`name` must have at least one visible character'],
    ['rooms as one text', { rooms: 'room' }, '`rooms` must be'],
    ['a host that is a text', { host: 'yes' }, '`host` must be'],
    ['an end that is no number', { expiresInMs: '1' }, '`expiresInMs` must be'],
    ['an end that is not finite', { expiresInMs: Infinity }, '`expiresInMs` must be'],
  ])('that answers %s is a defect that is told, and lets nobody in', async (_, answer, told) => {
    const { guest, failures } = await asking(() => answer as Grant)
    expect(guest.heard).toEqual([{ type: 'close', code: 'internal_error' }, 'remote'])
    expect(failures()).toEqual([expect.stringContaining(told)])
  })

  test('that throws, or rejects, is told, and lets nobody in', async () => {
    for (const authorize of [
      () => {
        throw new Error('no database')
      },
      () => Promise.reject(new Error('no database')),
    ]) {
      const { guest, failures } = await asking(authorize)
      expect(guest.heard).toEqual([{ type: 'close', code: 'internal_error' }, 'remote'])
      expect(failures()).toEqual(['Error: no database'])
    }
  })

  test('has 3 s to answer; what it says after that counts no more', async () => {
    let answer: (grant: Grant) => void = () => {}
    const { open, clock, events, hub } = rawHub({
      authorize: () => new Promise<Grant>((resolve) => (answer = resolve)),
    })
    const line = open()
    await line.say({ type: 'hello', ...person(), token: 'first' })
    await clock.advance(2_999)
    expect(line.heard).toEqual([])
    await clock.advance(1)
    expect(line.heard).toEqual([{ type: 'close', code: 'internal_error' }, 'remote'])
    const error = new Error('authorize did not answer in 3000 ms.')
    expect(events).toContainEqual({ type: 'handler_failed', error })
    answer({})
    await drainMicrotasks()
    expect(hub.stats()).toEqual({ sessions: 0, rooms: 0 })
  })

  test('that answers in time leaves no timer behind', async () => {
    const { clock, guest } = await asking(() => ({}))
    await guest.say({ type: 'bye' })
    expect(clock.pending).toBe(0)
  })
})

describe('while somebody is judged', () => {
  /** One who has greeted, and says more before there is an answer. */
  const early = async (said: readonly string[]) => {
    let answer: (grant: Grant) => void = () => {}
    const { open, hub } = rawHub({ authorize: () => new Promise<Grant>((resolve) => (answer = resolve)) })
    const line = open()
    await line.say({ type: 'hello', ...person() }, ...said)
    const before = [...line.heard]
    answer({})
    await drainMicrotasks()
    return { before, heard: line.heard, hub }
  }
  const join = (i: number) => JSON.stringify({ type: 'join', room: `room${i}`, name: 'Ada' })
  const refused = [{ type: 'close', code: 'rate_limited', retryAfterMs: 1_000 }, 'remote']

  test('64 messages wait, and one more ends the line', async () => {
    const { before, heard } = await early(Array.from({ length: 64 }, (_, i) => join(i % 2)))
    const answers = heard.filter((one) => (one as { type: string }).type === 'peers')
    expect([before, answers.length]).toEqual([[], 64])
    expect(heard.slice(0, 3)).toMatchObject([{ type: 'welcome' }, { room: 'room0' }, { room: 'room1' }])
    const more = await early(Array.from({ length: 65 }, (_, i) => join(i % 2)))
    expect([more.before, more.heard]).toEqual([refused, refused])
    expect(more.hub.stats().sessions).toBe(0)
  })

  test('64 Ki code units wait, and one more ends the line', async () => {
    const half = join(1).padEnd(32_768)
    expect((await early([half, half])).before).toEqual([])
    expect((await early([half, `${half} `])).before).toEqual(refused)
  })

  test('a line that ends is not welcomed any more', async () => {
    let answer: (grant: Grant) => void = () => {}
    const { open, hub, clock } = rawHub({ authorize: () => new Promise<Grant>((resolve) => (answer = resolve)) })
    const line = open()
    await line.say({ type: 'hello', ...person() })
    await line.cut()
    answer({})
    await clock.advance(10_000)
    expect(hub.stats()).toEqual({ sessions: 0, rooms: 0 })
    expect(line.heard).toEqual(['lost'])
  })
})

describe('a grant', () => {
  test('ends the session when it ends, and the client knows when that is', async () => {
    const { guest, clock, hub } = await asking(() => ({ expiresInMs: SHORT_MS - 0.5 }))
    expect(guest.news()).toMatchObject([{ type: 'welcome', tokenLifetimeMs: SHORT_MS }])
    await clock.advance(SHORT_MS - 1)
    expect(guest.news()).toEqual([])
    await clock.advance(1)
    expect(guest.news()).toEqual([{ type: 'close', code: 'token_expired' }, 'remote'])
    expect(hub.stats().sessions).toBe(0)
  })

  test('is good for the longest time that there is at most, and one that is over lets nobody in', async () => {
    const { guest } = await asking(() => ({ expiresInMs: 10 * MAX_DURATION_MS }))
    expect(guest.news()).toMatchObject([{ tokenLifetimeMs: MAX_DURATION_MS }])
    const late = await asking(() => ({ expiresInMs: 0 }))
    expect(late.guest.heard).toEqual([{ type: 'close', code: 'token_expired' }, 'remote'])
  })

  test.each([
    ['a list', { rooms: [room] }],
    ['a function', { rooms: (one: RoomId) => one === room }],
  ])('with rooms as %s allows these and no others', async (_, grant) => {
    const { guest } = await asking(() => grant)
    guest.news()
    await guest.say({ type: 'join', room, name: 'Ada' }, { type: 'join', room: another, name: 'Ada' })
    expect(guest.news()).toMatchObject([
      { type: 'peers', room },
      { type: 'error', code: 'forbidden', room: another },
    ])
  })
})

describe('a renewal', () => {
  /** Grants in turn: for the first token, for the next one, and so on. */
  const inTurn = (...answers: (Grant | { readonly refused: 'unauthorized' })[]): Authorize => {
    let n = -1
    return () => answers[(n += 1)] ?? {}
  }

  test('moves the end of the session, and says so', async () => {
    const { guest, clock } = await asking(inTurn({ expiresInMs: SHORT_MS }, { expiresInMs: 2 * SHORT_MS }))
    await clock.advance(SHORT_MS / 2)
    guest.news()
    await guest.say({ type: 'renew_token', token: 'next' })
    await clock.advance(0)
    expect(guest.news()).toEqual([{ type: 'token_renewed', tokenLifetimeMs: 2 * SHORT_MS }])
    await clock.advance(2 * SHORT_MS - 1)
    expect(guest.news().filter((one) => (one as { type?: string }).type !== 'ping')).toEqual([])
    await clock.advance(1)
    expect(guest.news()).toContainEqual({ type: 'close', code: 'token_expired' })
  })

  test('without an end takes the end away', async () => {
    const { guest, clock } = await asking(inTurn({ expiresInMs: SHORT_MS }, {}))
    guest.news()
    await guest.say({ type: 'renew_token', token: 'next' })
    await clock.advance(0)
    expect(guest.news()).toEqual([{ type: 'token_renewed' }])
    await clock.advance(SHORT_MS)
    expect(guest.news()).not.toContainEqual({ type: 'close', code: 'token_expired' })
  })

  test('leaves the rooms that it does not allow any more', async () => {
    const { guest, clock, join } = await asking(inTurn({}, { rooms: [another] }, {}))
    await guest.say({ type: 'join', room, name: 'Ada' }, { type: 'join', room: another, name: 'Ada' })
    guest.news()
    await guest.say({ type: 'renew_token', token: 'next' })
    await clock.advance(0)
    expect(guest.news()).toEqual([{ type: 'error', code: 'forbidden', room }, { type: 'token_renewed' }])
    const bob = await join('Bob')
    await clock.advance(0)
    await bob.say({ type: 'join', room, name: 'Bob' }, { type: 'join', room: another, name: 'Bob' })
    expect(bob.heard).toMatchObject([
      { type: 'welcome' },
      { type: 'peers', room, peers: [] },
      { type: 'peers', room, peers: [] },
      { type: 'peers', room: another, peers: [{ name: 'Ada' }] },
    ])
  })

  test('that is refused, or of somebody else, ends the session as that', async () => {
    for (const [answer, code] of [
      [{ refused: 'unauthorized' }, 'unauthorized'],
      [{ subject: 'eve' }, 'forbidden'],
      [{}, 'forbidden'],
    ] as const) {
      const { guest, clock } = await asking(inTurn({ subject: 'ada' }, answer))
      guest.news()
      await guest.say({ type: 'renew_token', token: 'next' })
      await clock.advance(0)
      expect(guest.news()).toEqual([{ type: 'close', code }, 'remote'])
    }
  })

  test('of which nobody can say whether it is good leaves everything as it is until the end', async () => {
    let isFirst = true
    const { guest, clock, failures } = await asking(() => {
      if (!isFirst) throw new Error('no database')
      isFirst = false
      return { expiresInMs: SHORT_MS }
    })
    guest.news()
    await guest.say({ type: 'renew_token', token: 'next' })
    await clock.advance(0)
    expect([guest.news(), failures()]).toEqual([[], ['Error: no database']])
    await clock.advance(SHORT_MS)
    expect(guest.news()).toContainEqual({ type: 'close', code: 'token_expired' })
  })

  test('is judged alone: one that comes meanwhile is not, and the next one is', async () => {
    const answers: ((grant: Grant) => void)[] = []
    const tokens: (string | undefined)[] = []
    const { guest, clock } = await asking(({ token }) => {
      tokens.push(token)
      return tokens.length === 1 ? {} : new Promise<Grant>((resolve) => answers.push(resolve))
    })
    guest.news()
    await guest.say({ type: 'renew_token', token: 'second' }, { type: 'renew_token', token: 'third' })
    answers[0]?.({})
    await clock.advance(0)
    expect(guest.news()).toEqual([{ type: 'token_renewed' }])
    await guest.say({ type: 'renew_token', token: 'fourth' })
    answers[1]?.({})
    await clock.advance(0)
    expect(guest.news()).toEqual([{ type: 'token_renewed' }])
    expect(tokens).toEqual(['first', 'second', 'fourth'])
  })

  test('that is judged after the session has ended changes nothing, and a session that ends leaves no timer', async () => {
    let answer: (grant: Grant) => void = () => {}
    let asked = 0
    const { guest, clock, events, failures } = await asking(() => {
      asked += 1
      return asked === 1 ? { expiresInMs: SHORT_MS } : new Promise<Grant>((resolve) => (answer = resolve))
    })
    await guest.say({ type: 'renew_token', token: 'next' }, { type: 'bye' })
    guest.news()
    answer({ expiresInMs: SHORT_MS })
    await drainMicrotasks()
    expect(clock.pending).toBe(0)
    expect(guest.news()).toEqual([])
    expect(failures()).toEqual([])
    expect(events.filter(({ type }) => type === 'session_ended')).toHaveLength(1)
  })

  test('whose rooms throw is a defect that is told, and allows no room', async () => {
    const rooms = () => {
      throw new Error('no database')
    }
    const { guest, clock, failures } = await asking(inTurn({}, { rooms }))
    await guest.say({ type: 'join', room, name: 'Ada' })
    guest.news()
    await guest.say({ type: 'renew_token', token: 'next' })
    await clock.advance(0)
    expect(guest.news()).toEqual([{ type: 'error', code: 'forbidden', room }, { type: 'token_renewed' }])
    expect(failures()).toEqual(['Error: no database'])
  })
})
