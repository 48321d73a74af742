import { expect, test } from 'vitest'
import { createStore } from '../src/store.ts'

test('a subscription that a listener ends is not called any more, and the others are', () => {
  const store = createStore(0)
  const called: string[] = []
  store.subscribe(() => stop())
  const stop = store.subscribe(() => called.push('ended'))
  store.subscribe(() => called.push('other'))
  store.set(1)
  expect(called).toEqual(['other'])
})

test('a subscription that a listener makes is called from the next change on', () => {
  const store = createStore(0)
  let calls = 0
  const stop = store.subscribe(() => {
    stop()
    store.subscribe(() => (calls += 1))
  })
  store.set(1)
  expect(calls).toBe(0)
  store.set(2)
  expect(calls).toBe(1)
})
