import type { CloseCode } from '@patchbay/protocol'
import { describe, expect, test } from 'vitest'
import { endLine, Session } from '../src/session/index.ts'
import type { Connection } from '../src/transport/index.ts'
import { ManualClock } from './support/manual-clock.ts'

interface Note {
  readonly type: string
  readonly text?: string
}

/** A line that keeps what is sent on it. */
function lineOf() {
  const sent: unknown[] = []
  const line: Connection = {
    id: 'line',
    send: (text) => sent.push(text.startsWith('{') ? JSON.parse(text) : text),
    close: () => sent.push('closed'),
  }
  return { line, sent }
}

/** A session, what happened to it, and a line that it is on. */
function live(rules: { pingMs?: number; deadMs?: number; slowMs?: number } = {}, clock = new ManualClock()) {
  const happened: unknown[] = []
  const session = new Session<Note>(
    clock,
    { pingMs: 1e9, deadMs: 1e9, slowMs: 1e9, outbox: { frames: 100, size: 1_000 }, ...rules },
    {
      message: ({ text }) => happened.push(text),
      away: (cause) => happened.push(['away', cause]),
      ended: (code) => happened.push(['ended', code]),
    },
  )
  const { line, sent } = lineOf()
  const before = session.state
  const attached = session.attach(line, 0)
  return { clock, session, happened, line, sent, before, attached }
}

const close = (code: CloseCode) => ({ type: 'close', code })

describe('a session', () => {
  test('is away until it is on a line, live on it, and away again when the line ends', () => {
    const { session, line, before, attached, happened } = live()
    expect(before).toEqual({ status: 'away' })
    expect(attached).toBe(true)
    expect(session.state).toEqual({ status: 'live' })
    session.lineEnded(line)
    expect(session.state).toEqual({ status: 'away' })
    expect(happened).toEqual([['away', undefined]])
  })

  test('is on the line it was put on last, and the end of an earlier one is old news', () => {
    const { session, line, sent, happened } = live()
    const next = lineOf()
    expect([session.isOn(line), session.isOn(next.line)]).toEqual([true, false])
    session.attach(next.line, 0)
    expect([session.isOn(line), session.isOn(next.line)]).toEqual([false, true])
    expect(sent).toEqual([close('superseded'), 'closed'])
    session.lineEnded(line)
    expect(session.state.status).toBe('live')
    expect(happened).toEqual([])
  })

  test('goes on with what the other end lacks, in order, and with nothing it has', () => {
    const { session, line, sent } = live()
    for (const frame of ['a', 'b', 'c']) session.send(frame)
    expect(sent).toEqual(['a', 'b', 'c'])
    session.lineEnded(line)
    session.send('d')
    const next = lineOf()
    expect(session.attach(next.line, 2)).toBe(true)
    session.send('e')
    expect(next.sent).toEqual(['c', 'd', 'e'])
  })

  test.each([4, -1])('stays where it is when the other end claims to have received %i of 3 messages', (claimed) => {
    const { session, line, sent } = live()
    for (const frame of ['a', 'b', 'c']) session.send(frame)
    const next = lineOf()
    expect(session.canResume(claimed)).toBe(false)
    expect(session.attach(next.line, claimed)).toBe(false)
    expect(next.sent).toEqual([])
    expect(session.isOn(line)).toBe(true)
    expect(sent).toEqual(['a', 'b', 'c'])
    expect(session.canResume(3)).toBe(true)
  })

  test('cannot go on where what was missed is gone', () => {
    const { session } = live()
    for (const frame of ['a', 'b', 'c']) session.send(frame)
    session.receive({ type: 'ack', sent: 0, received: 2 }, 0)
    expect([1, 2, 3].map((received) => session.canResume(received))).toEqual([false, true, true])
  })

  test('that has ended says nothing, hears nothing and is put on no line', () => {
    const { clock, session, happened, sent } = live()
    session.end('bye')
    session.end('silent')
    session.receive({ type: 'note', text: 'late' }, 4)
    session.receive({ type: 'ping', sent: 0, received: 0 }, 0)
    session.send('late')
    const next = lineOf()
    expect(session.canResume(0)).toBe(false)
    expect(session.attach(next.line, 0)).toBe(false)
    expect(next.sent).toEqual([])
    expect(sent).toEqual(['closed'])
    expect(happened).toEqual([['ended', 'bye']])
    expect(session.received).toBe(0)
    expect(session.state).toEqual({ status: 'ended', code: 'bye' })
    expect(clock.pending).toBe(0)
  })

  test('says why it ends, and for how long to stay away, only where there is something to say', () => {
    const told = (end: (session: Session<Note>) => void) => {
      const { session, sent } = live()
      end(session)
      return sent
    }
    expect(told((session) => session.end('bye'))).toEqual(['closed'])
    expect(told((session) => session.end('restarting'))).toEqual([close('restarting'), 'closed'])
    expect(told((session) => session.end('restarting', 0))).toEqual([
      { ...close('restarting'), retryAfterMs: 0 },
      'closed',
    ])
    const { line, sent } = lineOf()
    endLine(line, { code: 'overloaded', retryAfterMs: 700 })
    expect(sent).toEqual([{ ...close('overloaded'), retryAfterMs: 700 }, 'closed'])
  })

  test('answers a ping with how much it has sent and received', () => {
    const { session, sent, happened } = live()
    session.send('a')
    session.receive({ type: 'note', text: 'one' }, 3)
    session.receive({ type: 'note', text: 'two' }, 3)
    session.receive({ type: 'ping', sent: 2, received: 1 }, 0)
    expect(sent.slice(1)).toEqual([{ type: 'pong', sent: 1, received: 2 }])
    expect(happened).toEqual(['one', 'two'])
    expect(session.received).toBe(2)
  })

  test('measures the round trip from its ping to the pong, anew on each line', async () => {
    const { clock, session } = live({ pingMs: 1_000 })
    await clock.advance(1_300)
    expect(session.roundTripMs).toBeUndefined()
    session.receive({ type: 'ping', sent: 0, received: 0 }, 0)
    expect(session.roundTripMs).toBeUndefined()
    session.receive({ type: 'pong', sent: 0, received: 0 }, 0)
    expect(session.roundTripMs).toBe(300)
    expect(session.heardAt).toBe(1_300)
    session.attach(lineOf().line, 0)
    expect(session.roundTripMs).toBeUndefined()
  })

  test.each([
    ['64 messages', 64, 1],
    ['64 KiB', 4, 16_384],
  ])('confirms what it received after %s, without waiting for a ping, and again after as much', (_, messages, size) => {
    const { session, sent } = live()
    for (const round of [1, 2]) {
      for (let i = 1; i < messages; i += 1) session.receive({ type: 'note' }, size)
      expect(sent).toHaveLength(round - 1)
      session.receive({ type: 'note' }, size)
      expect(sent.at(-1)).toEqual({ type: 'ack', sent: 0, received: round * messages })
    }
    expect(sent).toHaveLength(2)
  })

  test.each([
    ['received more than was sent', { sent: 0, received: 2 }],
    ['sent less than was received', { sent: 0, received: 1 }],
  ])('ends when the other end claims to have %s', (_, counts) => {
    for (const type of ['ping', 'pong', 'ack'] as const) {
      const { session, sent, happened } = live()
      session.send('a')
      session.receive({ type: 'note', text: 'one' }, 3)
      session.receive({ type, ...counts }, 0)
      expect(sent.slice(1)).toEqual([close('bad_message'), 'closed'])
      expect(happened).toEqual(['one', ['ended', 'bad_message']])
    }
  })

  test('gives up a line that lost frames, but goes on itself', () => {
    for (const type of ['ping', 'pong', 'ack'] as const) {
      const { session, sent, happened } = live()
      session.receive({ type, sent: 1, received: 0 }, 0)
      expect(sent).toEqual([close('frames_lost'), 'closed'])
      expect(happened).toEqual([['away', 'frames_lost']])
      expect(session.canResume(0)).toBe(true)
      // What is still in the line's buffers says the same again.
      session.receive({ type, sent: 1, received: 0 }, 0)
      expect(happened).toHaveLength(1)
    }
  })

  test('pings at its own pace, whatever it hears and whenever it looks', async () => {
    const { clock, session, sent } = live({ pingMs: 2_500, deadMs: 5_500 })
    const pings: number[] = []
    for (let at = 100; at <= 12_500; at += 100) {
      await clock.advance(100)
      if (at % 5_200 === 100) session.receive({ type: 'ack', sent: 0, received: 0 }, 0)
      if (sent.splice(0).length > 0) pings.push(at)
    }
    expect(pings).toEqual([2_500, 5_000, 7_500, 10_000, 12_500])
  })

  test('gives up a line on which nothing is heard', async () => {
    const { clock, session, sent, happened } = live({ deadMs: 5_500 })
    await clock.advance(5_499)
    expect(happened).toEqual([])
    await clock.advance(1)
    expect(sent).toEqual([close('silent'), 'closed'])
    expect(happened).toEqual([['away', 'silent']])
    expect(session.state).toEqual({ status: 'away' })
    expect(clock.pending).toBe(0)
  })

  test.each(['send', 'close'] as const)(
    'says why it gives up a line before its owner, told once, can end it, though it ends at a %s',
    async (act) => {
      const clock = new ManualClock()
      const { line, sent } = lineOf()
      const away: unknown[] = []
      const session = new Session<Note>(
        clock,
        { pingMs: 1e9, deadMs: 5_500, slowMs: 1e9, outbox: { frames: 100, size: 1_000 } },
        {
          message: () => {},
          ended: () => {},
          away(cause) {
            away.push(cause)
            line.close()
          },
        },
      )
      const ending: Connection = {
        ...line,
        [act](text: string) {
          line[act](text)
          session.lineEnded(ending)
        },
      }
      session.attach(ending, 0)
      await clock.advance(5_500)
      expect(sent[0]).toEqual(close('silent'))
      expect(away).toEqual(['silent'])
    },
  )

  test('whose timers wait for the next full minute, as in a hidden tab, gives up a silent line, and no other', async () => {
    const clock = new ManualClock()
    const minute = 60_000
    const after = clock.after.bind(clock)
    clock.after = (ms, task) => after(Math.ceil((clock.now() + ms) / minute) * minute - clock.now(), task)
    const { session, happened } = live({ pingMs: 5_000, deadMs: 5_500 }, clock)
    for (let at = 0; at < 10 * minute; at += 2_500) {
      await clock.advance(2_500)
      session.receive({ type: 'ping', sent: 0, received: 0 }, 0)
    }
    expect(happened).toEqual([])
    await clock.advance(3 * minute)
    expect(happened).toEqual([['away', 'silent']])
  })

  test('keeps other rules from the moment they are set, and none while it is away', async () => {
    const { clock, session, sent, line } = live()
    const rules = { pingMs: 700, deadMs: 1e9, slowMs: 1e9, outbox: { frames: 1, size: 1 } }
    session.setRules(rules)
    await clock.advance(700)
    expect(sent).toEqual([{ type: 'ping', sent: 0, received: 0 }])
    session.lineEnded(line)
    session.setRules({ ...rules, pingMs: 300 })
    expect(clock.pending).toBe(0)
    const next = lineOf()
    session.attach(next.line, 0)
    await clock.advance(300)
    expect(next.sent).toHaveLength(1)
  })

  test('gives a message a whole wait on each line', async () => {
    const { clock, session, sent, line } = live({ pingMs: 500, slowMs: 5_000 })
    session.send('a')
    await clock.advance(4_000)
    session.lineEnded(line)
    const next = lineOf()
    await clock.advance(4_000)
    session.attach(next.line, 0)
    await clock.advance(4_900)
    expect(next.sent).not.toContain('closed')
    await clock.advance(100)
    expect(next.sent.slice(-2)).toEqual([close('slow_consumer'), 'closed'])
    expect(sent).not.toContain('closed')
  })
})
