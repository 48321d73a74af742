import { describe, expect, test } from 'vitest'
import { LineAttempt } from '../src/client/line-attempt.ts'
import type { Connection, ConnectionHandlers, Dialer } from '../src/transport/index.ts'
import { drainMicrotasks, ManualClock } from './support/manual-clock.ts'

/** A try of one line, whose transport is in the test's hands. */
function attemptOf(timeoutMs = 1_000) {
  const clock = new ManualClock()
  const happened: string[] = []
  let handlers: ConnectionHandlers | undefined
  let signal: AbortSignal | undefined
  let answer: (line: Connection) => void = () => {}
  let refuse: (error: Error) => void = () => {}
  const dialer: Dialer = {
    name: 'test',
    dial: (given, options) => {
      handlers = given
      signal = options.signal
      return new Promise((resolve, reject) => {
        answer = resolve
        refuse = reject
      })
    },
  }
  const line: Connection = { id: 'line', send: () => {}, close: () => happened.push('closed') }
  const attempt = new LineAttempt(dialer, timeoutMs, clock, {
    open: () => happened.push('open'),
    frame: (_, text) => happened.push(text),
    ended: () => happened.push('ended'),
  })
  return {
    clock,
    attempt,
    happened,
    aborted: () => signal?.aborted,
    open: async () => {
      answer(line)
      await drainMicrotasks()
    },
    refuse: async () => {
      refuse(new Error('no'))
      await drainMicrotasks()
    },
    frame: (text: string) => handlers?.frame(text),
    end: () => handlers?.close('lost'),
  }
}

describe('a try of a line', () => {
  test('that nobody answers is given up in time, and the transport is told to stop', async () => {
    const { clock, attempt, happened, aborted } = attemptOf()
    await clock.advance(999)
    expect([happened, aborted()]).toEqual([[], false])
    await clock.advance(1)
    expect([happened, aborted(), attempt.unanswered, clock.pending]).toEqual([['ended'], true, true, 0])
  })

  test('that opens has at least 3 s for its welcome, and is closed when none comes', async () => {
    const { clock, attempt, happened, open, aborted } = attemptOf()
    await clock.advance(900)
    await open()
    await clock.advance(2_999)
    expect(happened).toEqual(['open'])
    await clock.advance(1)
    expect([happened, attempt.unanswered, aborted()]).toEqual([['open', 'closed', 'ended'], false, false])
  })

  test('that has longer than that has no more than it has', async () => {
    const { clock, happened, open } = attemptOf(8_000)
    await clock.advance(7_900)
    await open()
    await clock.advance(100)
    expect(happened).toEqual(['open', 'closed', 'ended'])
  })

  test('that is refused ends once', async () => {
    const { clock, attempt, happened, refuse, end } = attemptOf()
    await refuse()
    end()
    await clock.advance(10_000)
    expect([happened, attempt.unanswered, clock.pending]).toEqual([['ended'], false, 0])
  })

  test('whose dialer throws ends once, after its constructor, and says why', async () => {
    const clock = new ManualClock()
    const dial = () => {
      throw new Error('no network module')
    }
    let ended = 0
    const attempt = new LineAttempt({ name: 'test', dial }, 1_000, clock, {
      open: () => {},
      frame: () => {},
      ended: () => (ended += 1),
    })
    expect(ended).toBe(0)
    await clock.advance(10_000)
    expect([ended, attempt.unanswered, clock.pending]).toEqual([1, false, 0])
    expect(attempt.error?.message).toContain('no network module')
  })

  test('that is let go of is heard no more, and is closed should it still open', async () => {
    const early = attemptOf()
    early.attempt.drop()
    early.attempt.drop()
    expect(early.aborted()).toBe(true)
    await early.open()
    early.frame('late')
    early.end()
    await early.clock.advance(10_000)
    expect([early.happened, early.clock.pending]).toEqual([['closed'], 0])
    const late = attemptOf()
    await late.open()
    late.attempt.drop()
    late.attempt.drop()
    late.end()
    expect([late.happened, late.aborted(), late.clock.pending]).toEqual([['open', 'closed'], false, 0])
  })

  test('delivers what comes before its line, up to a number of frames, right after the line', async () => {
    const { happened, open, frame, end, clock } = attemptOf()
    for (let n = 1; n <= 20; n += 1) frame(String(n))
    end()
    frame('late')
    expect(happened).toEqual([])
    await open()
    expect(happened).toEqual(['open', ...Array.from({ length: 16 }, (_, n) => String(n + 1)), 'ended'])
    expect(clock.pending).toBe(0)
  })

  test('that is let go of before its line delivers nothing of what came', async () => {
    const { attempt, happened, open, frame } = attemptOf()
    frame('early')
    attempt.drop()
    await open()
    expect(happened).toEqual(['closed'])
  })

  test('that brings a line and a welcome knows how long both took, and is watched no longer', async () => {
    const { clock, attempt, happened, open, frame, end } = attemptOf()
    expect(attempt.greetingMs).toBeUndefined()
    await clock.advance(500)
    await open()
    await clock.advance(70)
    attempt.welcome()
    await clock.advance(60_000)
    expect(attempt.greetingMs).toBe(70)
    frame('hello')
    end()
    expect([happened, clock.pending]).toEqual([['open', 'hello', 'ended'], 0])
  })
})
