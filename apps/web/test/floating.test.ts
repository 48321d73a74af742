import { expect, test, vi } from 'vitest'
import { floatingIn, floatingWindow } from '../src/lib/floating'
import { toggleFloating } from '../src/lib/open-floating'

test('a call floats in a window of the page’s own where there can be one, else as a picture, else not at all', () => {
  const both = { documentPictureInPicture: {}, document: { pictureInPictureEnabled: true } }
  expect(floatingIn(both)).toBe('window')
  expect(floatingIn({ document: { pictureInPictureEnabled: true } })).toBe('picture')
  expect(floatingIn({ document: { pictureInPictureEnabled: false } })).toBeUndefined()
  expect(floatingIn({ document: {} })).toBeUndefined()
})

test('a window that opens when the room has been left is closed', async () => {
  const close = vi.fn<() => void>()
  let open = (_: object) => {}
  const requestWindow = () => new Promise((resolve) => (open = resolve))
  vi.stubGlobal('window', { documentPictureInPicture: { requestWindow }, document: {} })
  let isHere = true
  const floating = toggleFloating(() => isHere)
  isHere = false
  open({ close })
  await floating
  vi.unstubAllGlobals()
  expect([close.mock.calls.length, floatingWindow.getSnapshot()]).toEqual([1, undefined])
})
