import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { saidReactions, shownReactions, showReaction } from '../src/lib/reactions'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('the reactions shown change at most ten times a second, however many come, and go by themselves', () => {
  let changes = 0
  const stop = shownReactions.subscribe(() => (changes += 1))
  for (let n = 0; n < 1_000; n += 1) {
    showReaction('ada', n % 2 === 0 ? '👍' : '👏')
    vi.advanceTimersByTime(1)
  }
  stop()
  expect(changes).toBeGreaterThan(5)
  expect(changes).toBeLessThanOrEqual(10)
  vi.runAllTimers()
  expect(shownReactions.getSnapshot().size).toBe(0)
})

test('each reaction of somebody else is said once, the same one again too, and at most one a second of each person', () => {
  const texts = () => saidReactions.getSnapshot().map(({ who, emoji }) => `${who} ${emoji}`)
  showReaction('self', '👍')
  showReaction('ada', '👍')
  vi.advanceTimersByTime(100)
  expect(texts()).toEqual(['ada 👍'])
  const [first] = saidReactions.getSnapshot()
  showReaction('bob', '👏')
  showReaction('ada', '👏')
  vi.advanceTimersByTime(1_000)
  expect(texts()).toEqual(['ada 👍', 'bob 👏'])
  expect(saidReactions.getSnapshot()[0], 'what was said stays the same').toBe(first)
  showReaction('ada', '👍')
  vi.advanceTimersByTime(100)
  expect(texts()).toEqual(['ada 👍', 'bob 👏', 'ada 👍'])
  expect(new Set(saidReactions.getSnapshot().map(({ number }) => number)).size).toBe(3)
  vi.runAllTimers()
  expect(texts()).toEqual([])
})
