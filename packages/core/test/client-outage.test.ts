import { closeCodes } from '@patchbay/protocol'
import { describe, expect, test } from 'vitest'
import { DialError } from '../src/transport/index.ts'
import { rawServer } from './support/raw-server.ts'

async function online(options: Parameters<typeof rawServer>[0] = {}) {
  const world = rawServer(options)
  await world.clock.advance(0)
  await world.line().welcome()
  return world
}

describe('a line that the server ends', () => {
  const codes = Object.entries(closeCodes) as [keyof typeof closeCodes, object][]
  const forGood = [
    'bad_message',
    'too_big',
    'hello_expected',
    'forbidden',
    'unauthorized',
    'superseded',
    'version_unsupported',
  ]

  test.each(codes.map(([code]) => code).filter((code) => !forGood.includes(code)))(
    'with %s is dialed again',
    async (code) => {
      const { client, clock, line, lines } = await online()
      await line().say({ type: 'close', code })
      expect(client.getSnapshot()).toMatchObject({ status: 'reconnecting', cause: code, attempt: 1 })
      await clock.advance(1_000)
      expect(lines).toHaveLength(2)
      // The reason is that of one outage.
      await line().welcome({ recovered: true })
      await line().cut()
      expect(client.getSnapshot()).toMatchObject({ cause: 'lost' })
    },
  )

  test.each(codes.map(([code]) => code).filter((code) => forGood.includes(code)))(
    'with %s is not: it would end the same way',
    async (code) => {
      const { client, clock, line, dialed } = await online()
      await clock.advance(2_000)
      await line().say({ type: 'close', code })
      expect(client.getSnapshot()).toEqual({ status: 'closed', code })
      await clock.advance(60_000)
      client.retryNow()
      await clock.advance(60_000)
      expect([dialed.length, clock.pending]).toEqual([1, 0])
    },
  )

  test('with superseded right after the first welcome is dialed again, once: the page before it was slower', async () => {
    const { client, clock, line, lines } = await online()
    await clock.advance(1_900)
    await line().say({ type: 'close', code: 'superseded' })
    expect(client.getSnapshot()).toMatchObject({ status: 'reconnecting', cause: 'superseded' })
    await clock.advance(1_000)
    expect(lines).toHaveLength(2)
    await line().welcome()
    await line().say({ type: 'close', code: 'superseded' })
    expect(client.getSnapshot()).toEqual({ status: 'closed', code: 'superseded' })
  })

  test('with superseded before any welcome is dialed again, once, to yield to whoever is still there', async () => {
    const { client, clock, line } = rawServer()
    await clock.advance(0)
    await line().say({ type: 'close', code: 'superseded' })
    expect(client.getSnapshot()).toMatchObject({ status: 'reconnecting', cause: 'superseded' })
    await clock.advance(1_000)
    expect(line().news()).toMatchObject([{ type: 'hello', yields: true }])
    await line().say({ type: 'close', code: 'superseded' })
    expect(client.getSnapshot()).toEqual({ status: 'closed', code: 'superseded' })
  })

  test('is left alone for as long as the server asks, however hasty the page is', async () => {
    const { client, clock, line, dialed } = await online()
    await clock.advance(10)
    await line().say({ type: 'close', code: 'restarting', retryAfterMs: 3_000 })
    const state = client.getSnapshot()
    // Half of the ceiling of the second wait comes on top: the first line did not last.
    const wait = 3_000 + 0.5 * 375
    expect(state).toMatchObject({ status: 'reconnecting', retryAt: 10 + wait })
    await clock.advance(2_999)
    client.retryNow()
    await clock.advance(0)
    expect(dialed).toEqual(['test 0'])
    await clock.advance(1)
    client.retryNow()
    await clock.advance(0)
    expect(dialed).toEqual(['test 0', 'test 3010'])
  })
})

describe('while there is no line', () => {
  test('waits grow by half with each refusal, stay at 1.5 s for a while, grow to 8 s, and begin anew after a line that lasted', async () => {
    const { client, clock, blocked, dialed, line } = await online()
    await clock.advance(5_000)
    await line().say({ type: 'ping', sent: 0, received: 0 })
    blocked.set('test', 'refused')
    await line().cut()
    expect(client.getSnapshot()).toMatchObject({ attempt: 0 })
    await clock.advance(150_000)
    const at = dialed.slice(1).map((one) => Number(one.split(' ')[1]))
    const waits = at.map((time, i) => time - (at[i - 1] ?? 5_000))
    const ceiling = (n: number) =>
      n <= 40 ? Math.min(1_500, 250 * 1.5 ** n) : Math.min(8_000, 1_500 * 1.5 ** (n - 40))
    const expected = waits.map((_, n) => 0.5 * ceiling(n))
    expect(waits).toEqual(expected.map((wait) => expect.closeTo(wait, 3)))
    expect(waits.at(-1)).toBe(4_000)
    blocked.clear()
    await clock.advance(4_000)
    await line().welcome({ recovered: true })
    await clock.advance(4_999)
    await line().cut()
    // It did not last.
    expect(client.getSnapshot()).not.toMatchObject({ attempt: 0 })
  })

  test('the page can ask for a try at once, while one waits for the next and at no other time', async () => {
    const { client, clock, blocked, dialed, line } = await online()
    client.retryNow()
    await clock.advance(0)
    expect(dialed).toHaveLength(1)
    blocked.set('test', 'silent')
    await line().cut()
    client.retryNow()
    await clock.advance(0)
    expect(dialed).toEqual(['test 0', 'test 0'])
    client.retryNow()
    await clock.advance(0)
    expect(dialed).toHaveLength(2)
  })

  test('the state tells how many rounds have failed, and until when it waits', async () => {
    const { client, clock, blocked, line } = await online({ names: ['a', 'b'] })
    for (const name of ['a', 'b']) blocked.set(name, 'refused')
    await line().cut()
    const seen: unknown[] = []
    client.subscribe(() => seen.push(client.getSnapshot()))
    await clock.advance(1_000)
    const attempts = seen.map((state) => (state as { attempt: number }).attempt)
    expect(attempts.toSorted((a, b) => a - b)).toEqual(attempts)
    expect(attempts.at(-1)).toBeGreaterThan(1)
    expect(client.getSnapshot()).toMatchObject({ status: 'reconnecting', cause: 'unreachable' })
  })
})

describe('a first line', () => {
  test.each([
    ['that nobody answers', true, 8_000],
    ['that opens and brings no welcome', false, 8_000],
  ])('%s is given up after 8 s where there is no other', async (_, silent, patienceMs) => {
    const { client, clock, blocked, line } = rawServer()
    if (silent) blocked.set('test', 'silent')
    await clock.advance(patienceMs - 1)
    expect(client.getSnapshot()).toEqual({ status: 'connecting' })
    await clock.advance(1)
    const cause = silent ? 'unreachable' : 'lost'
    expect(client.getSnapshot()).toMatchObject({ status: 'reconnecting', cause, attempt: 1 })
    if (!silent) expect(line().news().at(-1)).toBe('remote')
    client.close()
    expect(clock.pending).toBe(0)
  })

  test('that is opened in haste has 3 s for its welcome', async () => {
    const { clock, blocked, line, lines } = await online()
    blocked.set('test', 'silent')
    await line().cut()
    await clock.advance(1_200)
    blocked.clear()
    for (let tries = 0; tries < 50 && lines.length < 2; tries += 1) await clock.advance(100)
    await clock.advance(2_800)
    expect(line().news()).not.toContain('remote')
    await clock.advance(300)
    expect(lines[1]?.news()).toEqual(['remote'])
  })
})

describe('another line', () => {
  const names = ['a', 'b', 'c']

  test('takes the session over when it is chosen, and the old one is ended', async () => {
    const { client, line, lines, clock } = await online({ names })
    expect([client.lines, client.choice]).toEqual([names, 'auto'])
    const switched = client.switchTo('b')
    await clock.advance(0)
    expect(line().news()).toMatchObject([{ type: 'resume', attempt: 2 }])
    expect(client.getSnapshot()).toEqual({ status: 'online', line: 'a' })
    lines[0]?.news()
    await line().welcome({ recovered: true })
    await switched
    expect(client.getSnapshot()).toEqual({ status: 'online', line: 'b' })
    expect(lines[0]?.news()).toEqual([{ type: 'close', code: 'superseded' }, 'remote'])
    expect(client.choice).toBe('b')
  })

  test('that brings no welcome within 4 s is refused to whoever chose it, and so is a choice that another overtakes', async () => {
    const { client, clock, blocked, lines } = await online({ names })
    for (const name of ['b', 'c']) blocked.set(name, 'silent')
    const outcomes = ['b', 'c'].map((name) => client.switchTo(name).catch((error: Error) => error))
    expect(await outcomes[0]).toMatchObject({ message: 'Another line was chosen.' })
    for (let i = 0; i < 4; i += 1) {
      await lines[0]?.say({ type: 'ping', sent: 0, received: 0 })
      await clock.advance(999)
    }
    expect(client.choice).toBe('c')
    await clock.advance(4)
    expect(await outcomes[1]).toBeInstanceOf(DialError)
    expect(client.getSnapshot()).toEqual({ status: 'online', line: 'a' })
  })

  test('can be chosen while the one chosen before is open and not welcomed: the session moves on without a gap', async () => {
    const { client, line, clock } = await online({ names })
    const states: string[] = []
    client.subscribe(() => states.push(client.getSnapshot().status))
    const overtaken = client.switchTo('b').catch((error: Error) => error.message)
    await clock.advance(0)
    expect(line().news()).toMatchObject([{ type: 'resume' }])
    const switched = client.switchTo('c')
    expect(await overtaken).toBe('Another line was chosen.')
    await line().welcome({ recovered: true })
    await clock.advance(0)
    expect(line().news()).toMatchObject([{ type: 'resume' }])
    await line().welcome({ recovered: true })
    await switched
    expect([client.choice, client.getSnapshot()]).toEqual(['c', { status: 'online', line: 'c' }])
    expect(new Set(states)).toEqual(new Set(['online']))
  })

  test('is not dialed when the one in use is chosen', async () => {
    const { client, clock, dialed } = await online({ names })
    await client.switchTo('a')
    await clock.advance(0)
    expect([dialed, client.choice]).toEqual([['a 0'], 'a'])
  })
})
