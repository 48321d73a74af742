import { expect, test } from 'vitest'
import { SendBudget, type Strain } from '../src/mesh/send-budget.ts'

const look = (budget: SendBudget, strain: Strain, times: number) => {
  for (let i = 0; i < times; i += 1) budget.look([strain])
}

test('what a camera may take shrinks with the number of people, and never to nothing', () => {
  const budget = new SendBudget()
  const rates = [1, 2, 3, 6, 10, 20, 99].map((people) => budget.limitsFor(people).camera.maxBitrate)
  expect(rates).toEqual([1_500_000, 1_500_000, 1_200_000, 600_000, 360_000, 180_000, 120_000])
  const heights = [1, 6, 10, 99].map((people) => budget.limitsFor(people).camera.maxHeight)
  expect(heights).toEqual([720, 480, 360, 180])
})

test('sound is neither cut nor put behind pictures, whatever happens to them', () => {
  const budget = new SendBudget()
  const before = budget.limitsFor(1).microphone
  look(budget, 'bandwidth', 20)
  expect(budget.limitsFor(30).microphone).toEqual(before)
  expect(before.priority).toBe('high')
})

test('less is sent when processor or line cannot follow twice in a row, and more again when they have for long', () => {
  for (const strain of ['cpu', 'bandwidth'] as const) {
    const budget = new SendBudget()
    look(budget, strain, 1)
    look(budget, 'none', 1)
    look(budget, strain, 1)
    expect(budget.step).toBe(0)
    look(budget, strain, 1)
    expect(budget.step).toBe(1)
    expect(budget.limitsFor(1).camera.maxBitrate).toBe(750_000)
    look(budget, strain, 100)
    expect(budget.step).toBe(3)
    look(budget, 'none', 9)
    expect(budget.step).toBe(3)
    look(budget, 'none', 21)
    expect(budget.step).toBe(0)
  }
})
