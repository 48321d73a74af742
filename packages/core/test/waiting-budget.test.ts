import { expect, test } from 'vitest'
import { WaitingBudget } from '../src/hub/waiting-budget.ts'

const [ada, bob, cyd] = ['10.0.0.1', '10.0.0.2', '10.0.0.3']

test('what waits is bounded for each address and for all of them, to the last unit, until it is released', () => {
  const budget = new WaitingBudget({ size: 10, sizePerAddress: 6 })
  expect(budget.tryTake(ada, 7)).toBe(false)
  expect(budget.tryTake(ada, 6)).toBe(true)
  expect(budget.tryTake(ada, 1)).toBe(false)
  expect(budget.tryTake(bob, 5)).toBe(false)
  expect(budget.tryTake(bob, 4)).toBe(true)
  expect(budget.tryTake(cyd, 1)).toBe(false)
  budget.release(ada, 2)
  expect(budget.tryTake(cyd, 2)).toBe(true)
  expect(budget.tryTake(ada, 1), 'there is no place for all').toBe(false)
  budget.release(bob, 4)
  expect(budget.tryTake(ada, 3), 'and not more than the address may').toBe(false)
  expect(budget.tryTake(ada, 2)).toBe(true)
})

test('where more waits than may, sessions of the address that is over end, or else of the one with most', () => {
  const budget = new WaitingBudget({ size: 10, sizePerAddress: 6 })
  budget.charge(ada, 6)
  budget.charge(bob, 4)
  expect(
    [ada, bob, cyd].map((one) => budget.overdrawn(one)),
    'just as much as may',
  ).toEqual(Array(3).fill(undefined))
  budget.charge(cyd, 1)
  expect(budget.overdrawn(cyd)).toBe(ada)
  budget.release(ada, 3)
  expect(budget.overdrawn(cyd)).toBeUndefined()
  budget.charge(cyd, 6)
  expect(budget.overdrawn(cyd), 'it is over itself').toBe(cyd)
  budget.charge(bob, 2)
  budget.release(cyd, 2)
  expect(budget.overdrawn(ada), 'bob has 6, cyd 5, ada 3').toBe(bob)
})
