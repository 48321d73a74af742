import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { shownReactions, showReaction } from '../src/lib/reactions'

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
