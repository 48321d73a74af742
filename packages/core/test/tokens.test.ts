import { MAX_TOKEN_LENGTH } from '@patchbay/protocol'
import { expect, test } from 'vitest'
import { Tokens } from '../src/client/tokens.ts'
import { drainMicrotasks, ManualClock } from './support/manual-clock.ts'

/** Tokens that come when they are told to. */
function slowTokens() {
  const clock = new ManualClock()
  const asked: ((token: string) => void)[] = []
  const get = () => new Promise<string>((resolve) => asked.push(resolve))
  const renewed: string[] = []
  const tokens = new Tokens(get, clock, (token) => renewed.push(token))
  return { clock, asked, renewed, tokens }
}

/** The same, of a client whose first token is about to expire: another is asked for. */
async function renewing() {
  const all = slowTokens()
  const first = all.tokens.take()
  all.asked[0]?.('one')
  await first
  all.tokens.accepted(10_000)
  await all.clock.advance(9_000)
  expect(all.asked).toHaveLength(2)
  return all
}

test('a token is asked for once, however many lines wait for it, and kept', async () => {
  const { asked, tokens } = slowTokens()
  const both = [tokens.take(), tokens.take()]
  expect(asked).toHaveLength(1)
  asked[0]?.('one')
  expect(await Promise.all(both)).toEqual(['one', 'one'])
  expect(await tokens.take()).toBe('one')
  expect(asked).toHaveLength(1)
})

test('a call that does not come back is given up after 10 s, and what it says later is not kept', async () => {
  const { clock, asked, tokens } = slowTokens()
  void tokens.take()
  await clock.advance(10_000)
  const second = tokens.take()
  expect(asked).toHaveLength(2)
  asked[1]?.('two')
  expect(await second).toBe('two')
  asked[0]?.('one')
  await drainMicrotasks()
  expect(await tokens.take()).toBe('two')
})

test('a token that is no longer accepted is forgotten, and one that is coming is not asked for twice', async () => {
  const { asked, renewed, tokens } = await renewing()
  tokens.forget()
  const next = tokens.take()
  expect(asked).toHaveLength(2)
  asked[1]?.('two')
  expect(await next).toBe('two')
  await drainMicrotasks()
  expect(renewed).toEqual(['two'])
})

test('a token counts as large as it is in the greeting, escaped', async () => {
  const take = (token: string) =>
    new Tokens(
      () => token,
      new ManualClock(),
      () => {},
    ).take()
  expect(await take('x'.repeat(MAX_TOKEN_LENGTH))).toHaveLength(MAX_TOKEN_LENGTH)
  expect(await take('"'.repeat(MAX_TOKEN_LENGTH / 2))).toHaveLength(MAX_TOKEN_LENGTH / 2)
  for (const token of ['x'.repeat(MAX_TOKEN_LENGTH + 1), '"'.repeat(MAX_TOKEN_LENGTH / 2 + 1)])
    await expect(take(token)).rejects.toThrow('`token` must be 1 to 8192 characters when written in JSON')
})

test('a call that fails is not kept: the next line asks again', async () => {
  let fails = true
  const get = () => (fails ? Promise.reject(new Error('offline')) : Promise.resolve('one'))
  const tokens = new Tokens(get, new ManualClock(), () => {})
  await expect(tokens.take()).rejects.toThrow('offline')
  fails = false
  expect(await tokens.take()).toBe('one')
})

test('while a renewal fails the token before is used, and it is tried again', async () => {
  const clock = new ManualClock()
  const renewed: string[] = []
  let answer: () => Promise<string> = () => Promise.resolve('one')
  let asked = 0
  const get = () => {
    asked += 1
    return answer()
  }
  const tokens = new Tokens(get, clock, (token) => renewed.push(token))
  await tokens.take()
  tokens.accepted(60_000)
  answer = () => Promise.reject(new Error('offline'))
  await clock.advance(49_000)
  expect(asked).toBe(2)
  expect(await tokens.take(), 'a line that is changed meanwhile').toBe('one')
  await clock.advance(4_000)
  expect(asked).toBe(3)
  answer = () => Promise.resolve('two')
  await clock.advance(5_000)
  expect(renewed).toEqual(['two'])
  expect(await tokens.take()).toBe('two')
  tokens.forget()
  await clock.advance(60_000)
  expect(asked).toBe(4)
})

test('while there is no line no token is asked for: the next greeting has one', async () => {
  const clock = new ManualClock()
  let [asked, isOnline] = [0, false]
  const tokens = new Tokens(
    () => `${(asked += 1)}`,
    clock,
    () => {},
    () => isOnline,
  )
  await tokens.take()
  tokens.accepted(100_000)
  await clock.advance(90_000)
  expect(asked).toBe(1)
  isOnline = true
  await clock.advance(5_000)
  expect(asked).toBe(2)
  tokens.forget()
})

test('a renewal that the server does not answer is followed by another', async () => {
  const clock = new ManualClock()
  const renewed: string[] = []
  let n = 0
  const tokens = new Tokens(
    () => `${(n += 1)}`,
    clock,
    (token) => renewed.push(token),
  )
  await tokens.take()
  tokens.accepted(100_000)
  await clock.advance(99_000)
  expect(renewed).toEqual(['2', '3'])
  tokens.accepted(100_000)
  await clock.advance(79_000)
  expect(renewed).toHaveLength(2)
  tokens.forget()
})

test('a renewal for which the application does not answer is followed by another, and a late answer is not sent', async () => {
  const { clock, asked, renewed, tokens } = await renewing()
  await clock.advance(15_000)
  expect(asked).toHaveLength(3)
  asked[1]?.('late')
  asked[2]?.('three')
  await drainMicrotasks()
  expect([renewed, await tokens.take()]).toEqual([['three'], 'three'])
  tokens.forget()
})

test('a client that is closed while a token is asked for keeps none and asks for no other', async () => {
  const { clock, asked, renewed, tokens } = await renewing()
  tokens.dispose()
  asked[1]?.('two')
  await drainMicrotasks()
  expect(clock.pending).toBe(0)
  expect(renewed).toEqual([])
})
