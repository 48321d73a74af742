import type { MessageEntry } from '@patchbay/core/conversation'
import type { PeerId } from '@patchbay/protocol'
import { expect, test } from 'vitest'
import { type LogEntry, newEntries, newOrigin, unreceived } from '../src/lib/log-entries'

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

test('what is new is said, the last few of much; of the history that an empty log gets, only the last', () => {
  const ada = { id: 'ada' as PeerId, name: 'Ada' }
  const message = (key: string, earlier?: typeof ada) =>
    ({ kind: 'message', key, from: ada.id, earlier }) as MessageEntry
  const log = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((key) => message(key))
  const said = (entries: readonly LogEntry[], last: string | undefined) =>
    newEntries(entries, last).map(({ key }) => key)
  expect(said(log.slice(0, 2), undefined), 'the first two at once').toEqual(['a', 'b'])
  expect(said(log.slice(0, 3), 'b')).toEqual(['c'])
  expect(said(log, 'a')).toEqual(['c', 'd', 'e', 'f', 'g'])
  expect(said(log, 'g')).toEqual([])
  expect(said(log, 'taken away')).toEqual([])
  const history = [message('x', ada), message('y', ada)]
  expect(said(history, undefined)).toEqual(['y'])
  expect(said([...history, ...log.slice(0, 2)], undefined)).toEqual(['a', 'b'])
})
