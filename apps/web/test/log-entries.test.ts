import type { MessageEntry } from '@patchbay/core/conversation'
import { expect, test } from 'vitest'
import { unreceived } from '../src/lib/log-entries'

test.each([
  ['waits for those who come where it is kept', true, true, true, 'nobodyYet'],
  ['is on its way to those who have come where it is kept', true, true, false, 'underway'],
  ['reaches nobody where it is not kept', true, false, true, 'alone'],
  ['reaches nobody where it is not kept, also when others have come since', true, false, false, 'alone'],
  ['is on its way to those who were there', false, false, false, 'underway'],
  ['reaches nobody where it is not kept and those who were there have gone', false, false, true, 'alone'],
] as const)('a message that nobody has %s', (_, wasAlone, kept, isAlone, outcome) => {
  const message = (wasAlone ? { alone: true } : {}) as MessageEntry
  expect(unreceived(message, { kept, isAlone })).toBe(outcome)
})
