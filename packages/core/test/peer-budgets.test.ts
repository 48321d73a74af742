import type { PeerId } from '@patchbay/protocol'
import { expect, test } from 'vitest'
import { PeerBudgets } from '../src/mesh/peer-budgets.ts'

const id = (n: number) => `peer ${n}` as PeerId
const once = { perSecond: 1, burst: 1 }

test('what was taken of a peer is known for the thousand that were heard last, under each name by itself, however often its rate is written down', () => {
  const budgets = new PeerBudgets()
  const take = (n: number, name = 'chat') => budgets.take(id(n), name, { messages: once, size: once }, 1, 0)
  for (let n = 0; n < 1_000; n += 1) expect(take(n)).toBe(true)
  expect([take(0), take(999), take(0, 'typing')]).toEqual([false, false, true])
  expect(take(1_000)).toBe(true)
  expect([take(0), take(999)]).toEqual([false, false])
  expect(take(1), 'not heard for the longest').toBe(true)
})
