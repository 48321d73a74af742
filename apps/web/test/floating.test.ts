import { expect, test } from 'vitest'
import { floatingIn } from '../src/lib/floating'

test('a call floats in a window of the page’s own where there can be one, else as a picture, else not at all', () => {
  const both = { documentPictureInPicture: {}, document: { pictureInPictureEnabled: true } }
  expect(floatingIn(both)).toBe('window')
  expect(floatingIn({ document: { pictureInPictureEnabled: true } })).toBe('picture')
  expect(floatingIn({ document: { pictureInPictureEnabled: false } })).toBeUndefined()
  expect(floatingIn({ document: {} })).toBeUndefined()
})
