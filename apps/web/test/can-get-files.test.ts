import { expect, test } from 'vitest'
import { canGetFiles } from '../src/lib/can-get-files'

test('files can be offered to everyone but those who have another key or none', () => {
  expect(canGetFiles({ refused: 1, link: { phase: 'connecting', attempt: 1 } })).toBe(false)
  expect(canGetFiles({ refused: 0, link: { phase: 'connecting', attempt: 1 } })).toBe(true)
  // Somebody forges signals in the name of one who has the key.
  expect(canGetFiles({ refused: 1, link: { phase: 'connected' } })).toBe(true)
  expect(canGetFiles({ refused: 1, link: { phase: 'healing', attempt: 1 } })).toBe(true)
})
