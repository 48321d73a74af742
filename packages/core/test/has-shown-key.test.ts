import { expect, test } from 'vitest'
import { hasShownKey, type PeerView, SEALED_NAME } from '../src/mesh/index.ts'

const member = (name: string, link: PeerView['link']) => ({ info: { name } as PeerView['info'], link })

test('everybody has shown the key of the room but those whose name is not known and who are not connected', () => {
  expect(hasShownKey(member(SEALED_NAME, { phase: 'connecting', attempt: 1 }))).toBe(false)
  // Its connection is made anew.
  expect(hasShownKey(member('Ada', { phase: 'connecting', attempt: 1 }))).toBe(true)
  // Somebody whose name looks like that.
  expect(hasShownKey(member(SEALED_NAME, { phase: 'connected' }))).toBe(true)
  expect(hasShownKey(member(SEALED_NAME, { phase: 'healing', attempt: 1 }))).toBe(true)
})
