import { type PeerView, SEALED_NAME } from '@patchbay/core/mesh'
import { expect, test } from 'vitest'
import { canGetFiles } from '../src/lib/can-get-files'

const member = (name: string, link: PeerView['link']) => ({ info: { name } as PeerView['info'], link })

test('files can be offered to everyone but those who have not shown the key of the room', () => {
  expect(canGetFiles(member(SEALED_NAME, { phase: 'connecting', attempt: 1 }))).toBe(false)
  // Its connection is made anew.
  expect(canGetFiles(member('Ada', { phase: 'connecting', attempt: 1 }))).toBe(true)
  // Somebody whose name looks like that.
  expect(canGetFiles(member(SEALED_NAME, { phase: 'connected' }))).toBe(true)
  expect(canGetFiles(member(SEALED_NAME, { phase: 'healing', attempt: 1 }))).toBe(true)
})
