import type { RoomId } from '@patchbay/protocol'
import { expect, test } from 'vitest'
import type { Grant } from '../src/hub/index.ts'
import { person, rawHub, room } from './support/raw-hub.ts'

const codes = (news: unknown[]) => news.map((one) => (one as { code?: string }).code)

test('a `rooms` or `host` of a grant that answers with a promise consents to nothing, and is told to the application', async () => {
  const late = (answer: boolean | Error) => () =>
    (answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer)) as never
  const grants: Record<string, Grant> = {
    'late room': { rooms: late(true) },
    'broken room': { rooms: late(new Error('no such record')) },
    'late host': { host: late(true) },
  }
  const { greet, clock, events } = rawHub({ authorize: ({ token = '' }) => grants[token] ?? {} })
  const say = async (token: string) => {
    const guest = await greet({ type: 'hello', ...person(), token })
    await clock.advance(0)
    guest.news()
    await guest.say({ type: 'join', room, name: 'Eve' }, { type: 'lock', room, locked: true })
    return codes(guest.news())
  }
  expect(await say('late room')).toEqual(['forbidden', 'not_in_room'])
  expect(await say('broken room')).toEqual(['forbidden', 'not_in_room'])
  expect(await say('late host')).toEqual([undefined, 'not_host'])
  const failures = events.flatMap((event) => (event.type === 'handler_failed' ? [String(event.error)] : []))
  expect(failures.filter((failure) => failure.startsWith('TypeError: A grant'))).toHaveLength(3)
  expect(failures).toContain('Error: no such record')
})

test('a `rooms` or `host` of a grant that throws consents to nothing, is told to the application, and ends no session', async () => {
  const broken = 'broken' as RoomId
  const fails = (asked: string) => {
    if (asked === broken) throw new Error('no such record')
    return true
  }
  const { greet, clock, events } = rawHub({
    authorize: ({ token }) => (token === 'rooms' ? { rooms: fails } : { host: fails }),
  })
  const say = async (token: string) => {
    const guest = await greet({ type: 'hello', ...person(), token })
    await clock.advance(0)
    guest.news()
    await guest.say({ type: 'join', room: broken, name: 'Eve' }, { type: 'lock', room: broken, locked: true })
    await guest.say({ type: 'join', room, name: 'Eve' })
    return codes(guest.news())
  }
  expect(await say('rooms')).toEqual(['forbidden', 'not_in_room', undefined])
  expect(await say('host')).toEqual([undefined, 'not_host', undefined])
  const failures = events.flatMap((event) => (event.type === 'handler_failed' ? [String(event.error)] : []))
  expect(new Set(failures)).toEqual(new Set(['Error: no such record']))
})

test('a token that is judged for long gives nothing to a session that has been resumed with another since', async () => {
  const judged: ((grant: Grant) => void)[] = []
  const { greet, clock } = rawHub({
    authorize: ({ token }) =>
      token === 'slow' ? new Promise<Grant>((resolve) => judged.push(resolve)) : { host: token === 'first' },
  })
  const who = person()
  const before = await greet({ type: 'hello', ...who, token: 'first' })
  await before.say({ type: 'join', room, name: 'Ada' })
  await before.say({ type: 'renew_token', token: 'slow' })
  await before.cut()
  const ada = await greet({ type: 'resume', ...who, token: 'other', session: before.session, received: 1 })
  await clock.advance(0)
  judged[0]?.({ host: true })
  await clock.advance(0)
  ada.news()
  await ada.say({ type: 'lock', room, locked: true })
  expect(codes(ada.news())).toEqual(['not_host'])
})

test('a token that is sent again after the session was resumed is judged, though it was being judged before', async () => {
  const judged: ((grant: Grant) => void)[] = []
  const { greet, clock } = rawHub({
    authorize: ({ token }) => (token === 'second' ? new Promise<Grant>((resolve) => judged.push(resolve)) : {}),
  })
  const who = person()
  const before = await greet({ type: 'hello', ...who, token: 'first' })
  await before.say({ type: 'renew_token', token: 'second' })
  await before.cut()
  const ada = await greet({ type: 'resume', ...who, token: 'first', session: before.session, received: 0 })
  await clock.advance(0)
  await ada.say({ type: 'renew_token', token: 'second' })
  ada.news()
  for (const answer of judged) answer({ expiresInMs: 60_000 })
  await clock.advance(0)
  expect(ada.news()).toEqual([{ type: 'token_renewed', tokenLifetimeMs: 60_000 }])
})

test('nobody hides the name of an account behind the one that clients give in a sealed room: neither inside nor at the door', async () => {
  const { greet } = rawHub({ authorize: ({ token = '' }) => ({ name: `account ${token}`, host: token === 'ada' }) })
  const [ada, bob, eve] = [
    await greet({ type: 'hello', ...person(), token: 'ada' }),
    await greet({ type: 'hello', ...person(), token: 'bob' }),
    await greet({ type: 'hello', ...person(), token: 'eve' }),
  ]
  await ada.say({ type: 'join', room, name: '…' })
  await bob.say({ type: 'join', room, name: '…' })
  await ada.say({ type: 'lock', room, locked: true })
  await eve.say({ type: 'join', room, name: '…' })
  const names = ada.news().flatMap((one) => (one as { peer?: { name: string } }).peer?.name ?? [])
  expect(names).toEqual(['account bob', 'account eve'])
})
