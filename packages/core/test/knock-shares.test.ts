import { expect, test } from 'vitest'
import { KnockShares } from '../src/hub/knock-shares.ts'
import { ManualClock } from './support/manual-clock.ts'

const MOST = 10_000
const address = (i: number) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`

test('of 10 000 networks it is known how often they knock; of more, not of those that are quiet, then not of the oldest', async () => {
  const clock = new ManualClock()
  const shares = new KnockShares(clock)
  const knock = (i: number) => shares.take(address(i))
  const spend = (i: number) => {
    for (let n = 0; n < 12; n += 1) knock(i)
    return knock(i)
  }
  expect([0, 1, 2].map(spend)).toEqual([false, false, false])
  for (let i = 3; i < MOST; i += 1) knock(i)
  expect([0, 1, 2].map(knock), 'as many as there may be').toEqual([false, false, false])
  expect(knock(MOST)).toBe(true)
  expect([1, 2].map(knock), 'one too many: the oldest is forgotten').toEqual([false, false])
  expect(knock(0)).toBe(true)
  expect([2, 1].map(knock)).toEqual([false, true])

  // The oldest knocks all the time, the others have been quiet.
  await clock.advance(1_000)
  expect(spend(3)).toBe(false)
  expect(knock(MOST + 1)).toBe(true)
  expect(knock(3)).toBe(false)
})
