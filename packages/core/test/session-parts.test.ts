import { expect, test } from 'vitest'
import { nextSessionState, Outbox } from '../src/session/index.ts'

test('an outbox holds exactly as much as it may, and what is confirmed makes room', () => {
  const outbox = new Outbox({ frames: 4, size: 10 })
  expect(outbox.oldestAt).toBeUndefined()
  expect([outbox.push('aaaa', 10), outbox.push('bbbb', 20), outbox.push('cc', 30)]).toEqual([true, true, true])
  expect(outbox.push('d', 40)).toBe(false)
  expect([outbox.ack(1), outbox.oldestAt, outbox.push('dddd', 40), outbox.push('e', 50)]).toEqual([
    true,
    20,
    true,
    false,
  ])
  expect([outbox.ack(2), outbox.oldestAt, outbox.unacked()]).toEqual([true, 30, ['cc', 'dddd']])
  // Old news.
  expect([outbox.ack(1), outbox.ack(2), outbox.sent, outbox.unacked()]).toEqual([true, true, 4, ['cc', 'dddd']])
  expect([1, 2, 4, 5].map((received) => outbox.covers(received))).toEqual([false, true, true, false])
})

test('an outbox is backed up when more than half of what it may hold waits, by number or by size', () => {
  const byNumber = new Outbox({ frames: 4, size: 1_000 })
  const bySize = new Outbox({ frames: 1_000, size: 10 })
  const after = (outbox: Outbox, ...frames: string[]) =>
    frames.map((frame) => outbox.push(frame, 0) && outbox.isBackedUp)
  expect(after(byNumber, 'a', 'b', 'c')).toEqual([false, false, true])
  expect(after(bySize, 'aaa', 'bb', 'c')).toEqual([false, false, true])
  bySize.ack(1)
  expect(bySize.isBackedUp).toBe(false)
})

test('the state of a session follows its lines until it ends, and then no more', () => {
  const ended = { status: 'ended', code: 'forbidden' } as const
  expect(nextSessionState({ status: 'away' }, { type: 'line_attached' })).toEqual({ status: 'live' })
  expect(nextSessionState({ status: 'live' }, { type: 'line_ended' })).toEqual({ status: 'away' })
  expect(nextSessionState({ status: 'away' }, { type: 'end', code: 'forbidden' })).toEqual(ended)
  for (const type of ['line_attached', 'line_ended'] as const) expect(nextSessionState(ended, { type })).toBe(ended)
})
