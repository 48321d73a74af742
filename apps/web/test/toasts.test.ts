import { afterEach, expect, test, vi } from 'vitest'
import { addToast } from '../src/lib/toasts'

afterEach(() => vi.unstubAllGlobals())

test('an urgent notice leads out of the full screen, which would hide it, and another one does not', () => {
  const exitFullscreen = vi.fn(() => Promise.resolve())
  vi.stubGlobal('document', { fullscreenElement: {}, exitFullscreen })
  addToast({ title: 'Bob has muted you' })
  expect(exitFullscreen).not.toHaveBeenCalled()
  addToast({ title: 'The small window could not be opened', priority: 'high' })
  expect(exitFullscreen).toHaveBeenCalledOnce()
})

test('an urgent notice comes where no element can fill the screen, as on iPhones', () => {
  vi.stubGlobal('document', {})
  expect(addToast({ title: 'The small window could not be opened', priority: 'high' })).toMatch(/^toast-/)
})
