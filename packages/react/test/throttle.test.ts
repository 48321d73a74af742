import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createStore } from '@patchbay/core/store'
import { throttle } from '../src/throttle.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('the first change is told at once, those that follow together, and the last is not lost', () => {
  const store = createStore(0)
  const heard: number[] = []
  const stop = throttle(store.subscribe, 40)(() => heard.push(store.getSnapshot()))
  for (let i = 1; i <= 100; i += 1) store.set(i)
  expect(heard).toEqual([1])
  vi.advanceTimersByTime(40)
  expect(heard).toEqual([1, 100])
  store.set(101)
  expect(heard).toEqual([1, 100])
  vi.advanceTimersByTime(40)
  expect(heard).toEqual([1, 100, 101])
  vi.advanceTimersByTime(40)
  store.set(102)
  expect(heard).toEqual([1, 100, 101, 102])
  store.set(103)
  stop()
  vi.advanceTimersByTime(1_000)
  expect(heard).toEqual([1, 100, 101, 102])
  expect(vi.getTimerCount()).toBe(0)
})
