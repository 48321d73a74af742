import type { PeerId } from '@patchbay/protocol'
import { expect, test } from 'vitest'
import { PeerBudgets } from '../src/mesh/peer-budgets.ts'

const id = (n: number) => `peer ${n}` as PeerId
const once = { perSecond: 1, burst: 1 }

test('what was taken of a peer is known for the thousand that were heard last, at each rate by itself', () => {
  const budgets = new PeerBudgets()
  const rate = { messages: once, size: once }
  const take = (n: number, at = rate) => budgets.take(id(n), at, 1, 0)
  for (let n = 0; n < 1_000; n += 1) expect(take(n)).toBe(true)
  expect([take(0), take(999), take(0, { ...rate })]).toEqual([false, false, true])
  expect(take(1_000)).toBe(true)
  expect([take(0), take(999)]).toEqual([false, false])
  expect(take(1), 'not heard for the longest').toBe(true)
})
