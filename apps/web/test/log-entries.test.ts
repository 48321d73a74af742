import type { MessageEntry } from '@patchbay/core/conversation'
import type { PeerId } from '@patchbay/protocol'
import { expect, test } from 'vitest'
import { type LogEntry, newOrigin, unreceived } from '../src/lib/log-entries'

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

test('what was said before one came is marked: who has passed it on, but not where that is its author', () => {
  const [ada, bob] = ['ada', 'bob'].map((id) => ({ id: id as PeerId, name: id }))
  const message = (from: typeof ada, earlier: typeof ada): LogEntry =>
    ({ kind: 'message', from: from?.id, earlier }) as MessageEntry
  const log = [
    { kind: 'joined' } as LogEntry,
    message(ada, ada),
    message(bob, bob),
    message(bob, ada),
    message(undefined, ada),
    message(ada, bob),
    message(ada, ada),
    message(ada, undefined),
    message(bob, undefined),
  ]
  expect(log.map((entry, i) => newOrigin(entry, log[i - 1]))).toEqual([
    undefined,
    { kind: 'earlier' },
    undefined,
    { kind: 'passedOn', by: ada },
    undefined,
    { kind: 'passedOn', by: bob },
    { kind: 'earlier' },
    { kind: 'sinceYouCame' },
    undefined,
  ])
})
