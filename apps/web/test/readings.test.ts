import type { PeerId } from '@patchbay/protocol'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { collectReadings, type Reading } from '../src/lib/readings'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const [lamp, gone] = ['lamp', 'gone'] as PeerId[]
const degrees = (value: number, name = 'warmth'): Reading => ({ name, value, unit: '°C' })

test('the readings shown change at most ten times a second, however many come, and the last one is among them', () => {
  const shown: unknown[] = []
  const { add } = collectReadings(
    () => true,
    (readings) => shown.push(readings.get(lamp!)),
  )
  for (let n = 0; n < 1_000; n += 1) {
    add(degrees(n), lamp!)
    vi.advanceTimersByTime(1)
  }
  expect(shown.length).toBeGreaterThan(5)
  expect(shown.length).toBeLessThanOrEqual(10)
  vi.runAllTimers()
  expect(shown.at(-1)).toEqual([degrees(999)])
})

test('the newest eight names of a device are shown, none of one that is gone, and nothing once nobody looks', () => {
  const show = vi.fn()
  const { add, stop } = collectReadings((id) => id === lamp, show)
  for (let n = 0; n < 9; n += 1) add(degrees(n, `sensor ${n}`), lamp!)
  add(degrees(20), gone!)
  vi.advanceTimersByTime(100)
  const eight = Array.from({ length: 8 }, (_, n) => degrees(n + 1, `sensor ${n + 1}`))
  expect(show).toHaveBeenCalledExactlyOnceWith(new Map([[lamp, eight]]))
  add(degrees(20), lamp!)
  stop()
  vi.runAllTimers()
  expect(show).toHaveBeenCalledOnce()
})
