import { encode, type PeerSecret } from '@patchbay/protocol'
import { describe, expect, test } from 'vitest'
import { defaultHubLimits, type Grant, type HubLimits } from '../src/hub/index.ts'
import type { AcceptedConnection, ConnectionHandlers } from '../src/transport/index.ts'
import { drainMicrotasks } from './support/manual-clock.ts'
import { peerIdOf, person, rawHub, room } from './support/raw-hub.ts'

const closed = (code: string) => [{ type: 'close', code }, 'remote']

describe('a hub tells of itself', () => {
  test('how each session begins, goes away, comes back and ends, and on which line', async () => {
    const { clock, events, greet } = rawHub()
    const who = person()
    const first = await greet({ type: 'hello', ...who })
    const { id: peer, session } = first
    await first.cut()
    const resume = { type: 'resume', ...who, session, received: 0 } as const
    await greet(resume, 'other')
    await clock.advance(5_500)
    const last = await greet(resume)
    await last.say({ type: 'bye' })
    expect(events).toEqual([
      { type: 'session_opened', session, peer, transport: 'raw' },
      { type: 'session_away', session, peer, cause: 'lost' },
      { type: 'session_resumed', session, peer, transport: 'other' },
      { type: 'session_away', session, peer, cause: 'silent' },
      { type: 'session_resumed', session, peer, transport: 'raw' },
      { type: 'session_ended', session, code: 'bye' },
    ])
  })

  test('which lines it sends away, and why', async () => {
    const { clock, events, hub, open, greet } = rawHub()
    await open('other').say('what?')
    await open().say({ type: 'bye' })
    await open().say('{"type":"hello","version":2}')
    open()
    await clock.advance(5_000)
    const { session } = await greet({ type: 'hello', ...person() })
    await greet({ type: 'resume', ...person(), session, received: 0 })
    hub.drain(0)
    open()
    expect(events.filter(({ type }) => type === 'line_refused')).toEqual([
      { type: 'line_refused', code: 'bad_message', transport: 'other' },
      { type: 'line_refused', code: 'hello_expected', transport: 'raw' },
      { type: 'line_refused', code: 'version_unsupported', transport: 'raw' },
      { type: 'line_refused', code: 'hello_timeout', transport: 'raw' },
      { type: 'line_refused', code: 'forbidden', transport: 'raw' },
      { type: 'line_refused', code: 'restarting', transport: 'raw' },
    ])
  })

  test('whatever its listener does with it: sessions begin and end, and draining goes on', async () => {
    const told: string[] = []
    const { greet, hub, open } = rawHub({
      onEvent({ type }) {
        told.push(type)
        throw new Error('of the application')
      },
    })
    const ada = await greet({ type: 'hello', ...person() })
    const bob = await greet({ type: 'hello', ...person() })
    await open().say('what?')
    hub.drain(0)
    await ada.say({ type: 'bye' })
    expect([ada.heard[0], bob.heard[0]]).toMatchObject([{ type: 'welcome' }, { type: 'welcome' }])
    expect(bob.heard.at(-2)).toMatchObject({ type: 'close', code: 'restarting' })
    // What was thrown is told as well, once.
    expect(told.filter((_, i) => i % 2 === 0)).toEqual([
      'session_opened',
      'session_opened',
      'line_refused',
      'session_ended',
      'session_ended',
    ])
    expect(told.filter((_, i) => i % 2 === 1)).toEqual(Array.from({ length: 5 }, () => 'handler_failed'))
  })

  test('of its own defects, which end one session and disturb no other', async () => {
    const broken = new Error('broken')
    const { events, greet, hub } = rawHub({
      iceServersFor: ({ id }) => {
        if (id.startsWith('x')) throw broken
        return { iceServers: [], iceLifetimeMs: 1_000 }
      },
      peerIdOf: (secret: PeerSecret) => {
        if (secret.startsWith('y')) throw broken
        return peerIdOf(secret)
      },
    })
    const of = (letter: string) => ({ ...person(), secret: letter.repeat(43) as PeerSecret })
    const well = await greet({ type: 'hello', ...of('w') })
    for (const letter of ['x', 'y']) {
      const victim = await greet({ type: 'hello', ...of(letter) })
      expect(victim.heard).toEqual(closed('internal_error'))
    }
    await well.say({ type: 'renew_ice_servers' })
    expect(well.heard.at(-1)).toEqual({ type: 'ice_servers', iceServers: [], iceLifetimeMs: 1_000 })
    expect(events.filter(({ type }) => type === 'handler_failed')).toEqual(
      ['x', 'y'].map(() => ({ type: 'handler_failed', error: broken })),
    )
    expect(hub.stats().sessions).toBe(1)
  })

  test('and of no defect when it is a client that is wrong', async () => {
    const { events, greet, hub } = rawHub()
    for (const wrong of ['what?', '{"type":"bye","more":1}']) {
      const guest = await greet({ type: 'hello', ...person() })
      guest.news()
      await guest.say(wrong)
      expect(guest.heard).toEqual(closed('bad_message'))
      expect(events.at(-1)).toEqual({ type: 'session_ended', session: guest.session, code: 'bad_message' })
    }
    expect(events.map(({ type }) => type)).not.toContain('handler_failed')
    expect(hub.stats().sessions).toBe(0)
  })
})

describe('a greeting', () => {
  test('may be as large as the limit says, and no larger', async () => {
    const hello = encode({ type: 'hello', ...person() })
    for (const [helloSize, first] of [
      [hello.length, { type: 'welcome' }],
      [hello.length - 1, { type: 'close', code: 'too_big' }],
    ] as const) {
      const line = rawHub({ limits: { helloSize } }).open()
      await line.say(hello)
      expect(line.heard[0]).toMatchObject(first)
    }
  })

  test('is given once: a second one ends the session', async () => {
    const { greet } = rawHub()
    const who = person()
    const guest = await greet({ type: 'hello', ...who })
    await guest.say({ type: 'hello', ...who })
    expect(guest.heard.slice(1)).toEqual(closed('bad_message'))
  })

  test('is waited for no longer when its line is gone', async () => {
    const { clock, events, open } = rawHub()
    await open().cut()
    await open().close()
    expect(clock.pending).toBe(0)
    await clock.advance(10_000)
    expect(events).toEqual([])
  })

  test('[S2] that claims to have received what was never sent is refused and changes nothing', async () => {
    const { greet, hub } = rawHub()
    const who = person()
    const guest = await greet({ type: 'hello', ...who })
    const liar = await greet({ type: 'resume', ...who, session: guest.session, received: 1 })
    expect(liar.heard).toEqual(closed('bad_message'))
    expect(guest.heard).toHaveLength(1)
    expect(hub.stats().sessions).toBe(1)
  })

  test('[S3] that is sent again is answered again', async () => {
    const { greet } = rawHub()
    const who = { ...person(), attempt: 3 }
    const { session } = await greet({ type: 'hello', ...who })
    for (let i = 0; i < 3; i += 1) {
      const again = await greet({ type: 'resume', ...who, session, received: 0 })
      expect(again.heard).toMatchObject([{ type: 'welcome', recovered: true, session }])
    }
  })

  test('of one who has left begins anew, whatever its number', async () => {
    const { greet } = rawHub()
    const who = person()
    const before = await greet({ type: 'hello', ...who, attempt: 7 })
    await before.say({ type: 'bye' })
    const again = await greet({ type: 'hello', ...who, attempt: 1 })
    expect(again.heard).toMatchObject([{ type: 'welcome', recovered: false }])
  })

  test('is refused while the hub is full, but not to one who is in it', async () => {
    const { greet, hub } = rawHub({ limits: { sessions: 2 } })
    const [ada, bob] = [person(), person()]
    for (const who of [ada, bob]) await greet({ type: 'hello', ...who })
    expect((await greet({ type: 'hello', ...person() })).heard).toEqual(closed('overloaded'))
    const again = await greet({ type: 'hello', ...ada, instance: person().instance })
    expect(again.heard).toMatchObject([{ type: 'welcome', recovered: false }])
    expect(hub.stats().sessions).toBe(2)
    await again.say({ type: 'bye' })
    expect((await greet({ type: 'hello', ...person() })).heard).toMatchObject([{ type: 'welcome' }])
  })
})

describe('a hub that goes down', () => {
  test('sends everyone away once, each after a wait of its own, and tells nobody that others have left', async () => {
    const waits = [0.25, 0.5]
    const { hub, greet, join, open } = rawHub({ random: () => waits.shift() ?? 0 })
    const guests = [await join('Ada'), await join('Bob')]
    const [early, gone] = [open(), open()]
    await gone.cut()
    for (const { news } of guests) news()
    hub.drain(2_000)
    const late = await greet({ type: 'hello', ...person() })
    const away = (retryAfterMs: number) => [{ type: 'close', code: 'restarting', retryAfterMs }, 'remote']
    expect(guests.map(({ heard }) => heard)).toEqual([away(500), away(1_000)])
    expect([early.heard, late.heard]).toEqual([away(1_000), away(1_000)])
    expect(hub.stats()).toEqual({ sessions: 0, rooms: 0 })
  })
})

test('a client that ends its line and says why has not ended its session', async () => {
  const { events, greet } = rawHub()
  const who = person()
  const { say, close, session } = await greet({ type: 'hello', ...who })
  await say({ type: 'close', code: 'silent' })
  await close()
  expect(events.at(-1)).toMatchObject({ type: 'session_away', cause: 'lost' })
  const again = await greet({ type: 'resume', ...who, session, received: 0 })
  expect(again.heard).toMatchObject([{ type: 'welcome', recovered: true }])
})

test('a session that is in no room is forgotten sooner than one that is', async () => {
  const { clock, events, greet, join } = rawHub({ limits: { resumeMs: 20_000 } })
  const outside = await greet({ type: 'hello', ...person() })
  const inside = await join('Ada')
  await clock.advance(1_000)
  await inside.say({ type: 'ack', sent: 1, received: 1 })
  await outside.cut()
  await inside.cut()
  const ended = () => events.flatMap((event) => (event.type === 'session_ended' ? [[event.session, event.code]] : []))
  await clock.advance(5_499)
  expect(ended()).toEqual([])
  await clock.advance(1)
  expect(ended()).toEqual([[outside.session, 'silent']])
  await clock.advance(14_499)
  expect(ended()).toHaveLength(1)
  await clock.advance(1)
  expect(ended().slice(1)).toEqual([[inside.session, 'silent']])
  expect(clock.pending).toBe(0)
})

test('a hub keeps the limits it was given, and the promised ones beside them', () => {
  const { hub } = rawHub({ limits: { peersPerRoom: 3 } })
  expect(hub.limits).toEqual({ ...defaultHubLimits, peersPerRoom: 3 })
})

describe('heartbeats of a transport', () => {
  const heartbeatOf = ({ heard }: { readonly heard: readonly unknown[] }) => {
    const { heartbeatMs, deadMs } = heard[0] as { heartbeatMs: number; deadMs: number }
    return [heartbeatMs, deadMs]
  }

  test('are told in each welcome, and a silent line is given the time that its transport has', async () => {
    const { clock, events, greet } = rawHub({ heartbeats: { other: 10_000 } })
    const who = person()
    const slow = await greet({ type: 'hello', ...who }, 'other')
    expect(heartbeatOf(slow)).toEqual([10_000, 22_000])
    await clock.advance(21_000)
    expect(events.map(({ type }) => type)).toEqual(['session_opened'])
    expect(slow.heard.filter((message) => (message as { type?: string }).type === 'ping')).toHaveLength(2)
    // On another line the session keeps the other time.
    const quick = await greet({ type: 'resume', ...who, session: slow.session, received: 0 })
    expect(heartbeatOf(quick)).toEqual([2_500, 5_500])
    await clock.advance(6_000)
    expect(events.at(-1)).toMatchObject({ type: 'session_away', cause: 'silent' })
  })

  test.each([0, 249, 1_000 / 3, 300_001, Number.NaN])('%d ms is refused by name', (ms) => {
    expect(() => rawHub({ heartbeats: { sip: ms } })).toThrow(
      'The heartbeat of sip must be a whole number from 250 to 300000 ms.',
    )
  })
})

test('a session on a line with rare heartbeats may come back as long as any other', async () => {
  const { clock, events, greet } = rawHub({ heartbeats: { other: 60_000 } })
  const who = person()
  const slow = await greet({ type: 'hello', ...who }, 'other')
  await slow.say({ type: 'join', room, name: 'Ada' })
  await clock.advance(132_000)
  expect(events.map(({ type }) => type)).toEqual(['session_opened', 'session_away'])
  await clock.advance(30_000)
  const back = await greet({ type: 'resume', ...who, session: slow.session, received: 0 })
  expect(back.heard[0]).toMatchObject({ type: 'welcome', recovered: true })
})

test('who takes its session over from another network needs a place there', async () => {
  const { greet, hub } = rawHub({ limits: { sessionsPerAddress: 2 } })
  const [x, y] = ['192.0.2.1', '198.51.100.1']
  for (const address of [y, y]) await greet({ type: 'hello', ...person() }, 'raw', address)
  const who = person()
  const first = await greet({ type: 'hello', ...who }, 'raw', x)
  const again = await greet({ type: 'hello', ...who, instance: person().instance }, 'raw', y)
  expect(again.heard[0]).toMatchObject({ type: 'close', code: 'overloaded' })
  expect(first.heard.at(-1)).not.toBe('remote')
  expect(hub.stats().sessions).toBe(3)
  // In its own network it takes its own place.
  const home = await greet({ type: 'hello', ...who, instance: person().instance }, 'raw', x)
  expect(home.heard[0]).toMatchObject({ type: 'welcome' })
  expect(hub.stats().sessions).toBe(3)
})

describe('limits', () => {
  test.each<[string, Partial<HubLimits>]>([
    ['limits.peersPerRoom', { peersPerRoom: Number.NaN }],
    ['limits.sessions', { sessions: -1 }],
    ['limits.roomsPerSession', { roomsPerSession: '8' as never }],
    ['limits.joins.burst', { joins: { perSecond: 1, burst: -1 } }],
    ['limits.resumeMs', { resumeMs: 0.5 }],
    ['limits.lostMs', { lostMs: 86_400_001 }],
    ['limits.peersPerRoom', { peersPerRoom: 101 }],
    ['limits.heartbeatMs', { heartbeatMs: 249 }],
    ['limits.deadMs', { deadMs: 2_500 }],
  ])('that cannot be are refused by name: %s', (name, limits) => {
    expect(() => rawHub({ limits })).toThrow(new RegExp(`^\`${name}\` must be`))
  })

  test('that are not given are the usual ones', () => {
    const { hub } = rawHub({ limits: { resumeMs: undefined as never, sessions: 7 } })
    expect(hub.limits).toEqual({ ...defaultHubLimits, sessions: 7 })
  })
})

test.each(['My_Line', '', 'a'.repeat(33)])('a listener whose name no member could be told is refused: %j', (name) => {
  const { hub } = rawHub()
  expect(() => hub.serve({ name, listen: () => undefined, close: () => Promise.resolve() })).toThrow(
    'The name of a listener must be 1 to 32 of a-z 0-9 -.',
  )
})

test('a line that breaks under its welcome leaves nobody who seems to be here', async () => {
  const { hub, events } = rawHub()
  let accept: ((line: AcceptedConnection) => ConnectionHandlers) | undefined
  hub.serve({ name: 'frail', listen: (on) => (accept = on), close: () => Promise.resolve() })
  const line: ConnectionHandlers | undefined = accept?.({
    id: 'frail',
    remote: { address: 'test', origin: undefined },
    send: () => line?.close('lost'),
    close: () => undefined,
  })
  line?.frame(encode({ type: 'hello', ...person() }))
  await drainMicrotasks()
  expect(events.map(({ type }) => type)).toEqual(['session_opened', 'session_away'])
})

test('a page whose token is judged for long does not take the place of one that came after it', async () => {
  const judged: ((grant: Grant) => void)[] = []
  const { greet, open, clock } = rawHub({
    authorize: ({ token }) => (token === 'slow' ? new Promise<Grant>((resolve) => judged.push(resolve)) : {}),
  })
  const who = person()
  const before = open()
  await before.say({ type: 'hello', ...who, token: 'slow' })
  await clock.advance(500)
  const now = await greet({ type: 'hello', ...who, instance: person().instance })
  judged[0]?.({})
  await drainMicrotasks()
  expect(before.heard).toEqual([{ type: 'close', code: 'superseded' }, 'remote'])
  await now.say({ type: 'join', room, name: 'Ada' })
  expect(now.news()).toMatchObject([{ type: 'welcome' }, { type: 'peers' }])
})

describe('a grant', () => {
  test('is what was checked, also of an object with getters', async () => {
    class Judgement {
      get rooms(): string[] {
        return ['another']
      }
    }
    const { greet, clock } = rawHub({ authorize: () => new Judgement() })
    const guest = await greet({ type: 'hello', ...person() })
    await clock.advance(0)
    await guest.say({ type: 'join', room, name: 'Ada' })
    expect(guest.heard.at(-1)).toMatchObject({ type: 'error', code: 'forbidden' })
  })

  test('with another name renames who is in a room already', async () => {
    const names = ['Ada', 'Eve']
    const { greet, join, clock } = rawHub({
      authorize: ({ token }) => (token === undefined ? {} : { name: names.shift() ?? '' }),
    })
    const bob = await greet({ type: 'hello', ...person() })
    const ada = await greet({ type: 'hello', ...person(), token: 'one' })
    await clock.advance(0)
    await bob.say({ type: 'join', room, name: 'Bob' })
    await ada.say({ type: 'join', room, name: 'Admin' })
    bob.news()
    await ada.say({ type: 'renew_token', token: 'two' })
    await clock.advance(0)
    expect(bob.news()).toMatchObject([{ type: 'peer_update', peer: { id: ada.id, name: 'Eve' } }])
    const cyd = await join('Cyd')
    await clock.advance(0)
    await cyd.say({ type: 'join', room, name: 'Cyd' })
    const roster = cyd.heard.at(-1) as { peers: { name: string }[] }
    expect(roster.peers.map(({ name }) => name).toSorted()).toEqual(['Bob', 'Eve'])
  })
})
