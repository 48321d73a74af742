// @vitest-environment happy-dom
import { act, createElement } from 'react'
import { createRoot } from 'react-dom/client'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { useCallGoesOn } from '../src/lib/use-call-goes-on'

beforeEach(() => {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true)
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

function Probe({ isDown, connected }: { readonly isDown: boolean; readonly connected: boolean }): string {
  return useCallGoesOn(isDown, connected) ? 'goes on' : 'is lost'
}

test('a call goes on while its connections heal, and is lost when they stay down, or were not there', () => {
  const place = document.createElement('p')
  const root = createRoot(place)
  const see = (isDown: boolean, connected: boolean) => {
    act(() => root.render(createElement(Probe, { isDown, connected })))
    return place.textContent
  }
  const wait = (ms: number) => {
    act(() => void vi.advanceTimersByTime(ms))
    return place.textContent
  }
  expect(see(false, true)).toBe('goes on')
  expect(see(true, true)).toBe('goes on')
  expect(see(true, false), 'healing').toBe('goes on')
  expect(wait(5_000)).toBe('goes on')
  expect(see(true, true)).toBe('goes on')
  expect(see(true, false)).toBe('goes on')
  expect(wait(10_000)).toBe('is lost')
  expect(see(false, false)).toBe('is lost')
  expect(see(true, false), 'alone from the beginning').toBe('is lost')
  act(() => root.unmount())
})
