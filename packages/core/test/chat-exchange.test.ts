import { describe, expect, test } from 'vitest'
import { ChatExchange } from '../src/mesh/chat/chat-exchange.ts'
import { ChatLog } from '../src/mesh/chat/chat-log.ts'

const chat = (seq: number, body = 'x') => ({ type: 'chat', id: `m${seq}`, seq, body }) as const
const sync = (stream: string, before: number) => ({ type: 'sync', stream, before }) as const

/** One end that has said so much, and how it names its stream. */
function saying(...bodies: string[]) {
  const exchange = new ChatExchange()
  const frames = bodies.map((body, i) => exchange.add(`m${i + 1}`, body))
  const [opening] = exchange.opening()
  if (opening?.type !== 'sync') throw new Error('does not begin')
  return { exchange, frames, stream: opening.stream }
}

describe('what is said', () => {
  test('is numbered from 1, and said again on a new channel until it is confirmed', () => {
    const { exchange, frames, stream } = saying('one', 'two', 'three')
    const said = ['one', 'two', 'three'].map((body, i) => chat(i + 1, body))
    expect(frames).toEqual(said)
    expect(exchange.opening()).toEqual([sync(stream, 0), ...said])
    expect(exchange.confirm({ type: 'ack', stream, heard: 2 })).toEqual(['m1', 'm2'])
    expect(exchange.opening()).toEqual([sync(stream, 2), said[2]])
    expect(exchange.confirm({ type: 'ack', stream, heard: 3 })).toEqual(['m3'])
    expect(exchange.opening()).toEqual([sync(stream, 3)])
  })

  test('begins before the first number where nothing was said', () => {
    const { exchange, stream } = saying()
    expect(exchange.opening()).toEqual([sync(stream, 0)])
    expect(stream).toMatch(/^[\w-]{12}$/)
    expect(saying().stream).not.toBe(stream)
  })

  test('is not confirmed by a claim to have heard what was never said, nor by what was heard of an earlier life', () => {
    const { exchange, stream } = saying('one')
    expect(exchange.confirm({ type: 'ack', stream, heard: 2 })).toBeUndefined()
    expect(exchange.confirm({ type: 'ack', stream: 'earlier', heard: 2 })).toEqual([])
    expect(exchange.opening()).toHaveLength(2)
  })

  test('waits for a confirmation after 256 messages, and goes on with each one', () => {
    const { exchange, stream } = saying(...Array.from({ length: 255 }, String))
    expect(exchange.full).toBe(false)
    exchange.add('m256', 'x')
    expect(exchange.full).toBe(true)
    exchange.confirm({ type: 'ack', stream, heard: 1 })
    expect(exchange.full).toBe(false)
  })

  test('and was not confirmed is said to the next life of the peer, numbered anew', () => {
    const { exchange, stream } = saying('one', 'two', 'three')
    exchange.confirm({ type: 'ack', stream, heard: 1 })
    const [opening, ...rest] = ChatExchange.after(exchange).opening()
    expect(opening).toMatchObject({ before: 0 })
    expect(opening).not.toMatchObject({ stream })
    expect(rest).toEqual([
      { ...chat(1, 'two'), id: 'm2' },
      { ...chat(2, 'three'), id: 'm3' },
    ])
    expect(ChatExchange.after(undefined).opening()).toHaveLength(1)
  })
})

describe('the other end', () => {
  /** Beats of an exchange in which so much waits, until it is given up, 200 at most: what it answers and confirms in each. */
  const beatsOf = (
    bodies: readonly string[],
    act: (beat: number) => { pong?: number; confirms?: number; says?: string },
  ) => {
    const { exchange, stream } = saying(...bodies)
    let heard = 0
    for (let beat = 1; beat <= 200; beat += 1) {
      if (!exchange.beat(true, beat)) return beat
      const { pong, confirms = 0, says } = act(beat)
      heard += confirms
      if (confirms > 0) exchange.confirm({ type: 'ack', stream, heard })
      if (pong !== undefined) exchange.ponged(pong)
      if (says !== undefined && !exchange.full) exchange.add(`more ${beat}`, says)
    }
    return 'kept'
  }
  const many = Array<string>(256).fill('x')

  test('is given up when it answers pings and confirms one message now and then', () => {
    expect(beatsOf(many, (beat) => ({ pong: beat, confirms: beat % 7 === 0 ? 1 : 0, says: 'y' }))).toBe(10)
    expect(beatsOf(['x'], (beat) => ({ pong: beat }))).toBe(10)
  })

  test('is given up when nothing more can be said to it, and it only confirms one message now and then', () => {
    expect(beatsOf(many, (beat) => ({ confirms: beat % 28 === 0 ? 1 : 0, says: 'y' }))).toBeLessThan(40)
  })

  test('is kept while it confirms at each ping what came before it, however long that takes on its path', () => {
    const full = Array<string>(66).fill('x'.repeat(4_000))
    const slow = { confirms: 1, says: 'y'.repeat(4_000) }
    expect(beatsOf(full, (beat) => ({ ...slow, pong: Math.max(0, beat - 67) }))).toBe('kept')
    expect(beatsOf(full, () => slow)).toBe('kept')
    expect(beatsOf(many, (beat) => ({ pong: beat, confirms: beat === 1 ? 256 : 1, says: 'y' }))).toBe('kept')
  })

  test('is kept when it confirms with its own heartbeats and not at pings', () => {
    expect(beatsOf(many, (beat) => ({ pong: beat, confirms: beat === 2 ? 255 : beat === 1 ? 0 : 1, says: 'y' }))).toBe(
      'kept',
    )
  })
})

describe('what is heard', () => {
  test('counts once, in order, from where the other end begins', () => {
    const exchange = new ChatExchange()
    exchange.begin(sync('theirs', 4))
    expect([5, 5, 4, 6, 1].map((seq) => exchange.accept(chat(seq)))).toEqual([true, false, false, true, false])
  })

  test('leaves no gap, and nothing is heard of one who has not begun', () => {
    const exchange = new ChatExchange()
    expect(exchange.accept(chat(1))).toBeUndefined()
    expect(exchange.accept(chat(0))).toBeUndefined()
    exchange.begin(sync('theirs', 0))
    expect(exchange.accept(chat(2))).toBeUndefined()
    expect([exchange.accept(chat(1)), exchange.accept(chat(2))]).toEqual([true, true])
  })

  test('goes on where it was on another channel of the same stream, and from its beginning in another stream', () => {
    const exchange = new ChatExchange()
    exchange.begin(sync('theirs', 0))
    for (const seq of [1, 2, 3]) exchange.accept(chat(seq))
    exchange.begin(sync('theirs', 1))
    expect([exchange.accept(chat(2)), exchange.accept(chat(4))]).toEqual([false, true])
    exchange.begin(sync('another', 1))
    expect([exchange.accept(chat(2)), exchange.accept(chat(4))]).toEqual([true, undefined])
  })

  test('is confirmed once, and again on every new channel', () => {
    const exchange = new ChatExchange()
    expect(exchange.takeAck()).toBeUndefined()
    exchange.begin(sync('theirs', 7))
    expect(exchange.takeAck()).toEqual({ type: 'ack', stream: 'theirs', heard: 7 })
    expect(exchange.takeAck()).toBeUndefined()
    exchange.accept(chat(8))
    expect(exchange.takeAck()).toEqual({ type: 'ack', stream: 'theirs', heard: 8 })
    exchange.begin(sync('theirs', 7))
    expect(exchange.takeAck()).toEqual({ type: 'ack', stream: 'theirs', heard: 8 })
  })

  test('is confirmed without waiting after 64 messages', () => {
    const exchange = new ChatExchange()
    expect(exchange.ackIsDue).toBe(false)
    exchange.begin(sync('theirs', 0))
    exchange.takeAck()
    for (let seq = 1; seq < 64; seq += 1) exchange.accept(chat(seq))
    expect(exchange.ackIsDue).toBe(false)
    exchange.accept(chat(64))
    expect(exchange.ackIsDue).toBe(true)
    exchange.takeAck()
    expect(exchange.ackIsDue).toBe(false)
  })
})

describe('the log of a room', () => {
  const entry = (key: string) => ({ kind: 'joined', key, name: 'Ada', at: 7 }) as const

  test('has each entry once, in the order they came, and says when there is a new one', () => {
    const log = new ChatLog()
    let changes = 0
    const stop = log.subscribe(() => (changes += 1))
    for (const key of ['a', 'b', 'a']) log.add(entry(key))
    expect(log.getSnapshot()).toEqual([entry('a'), entry('b')])
    expect(changes).toBe(2)
    stop()
    log.add(entry('c'))
    expect(changes).toBe(2)
  })

  test('keeps the last thousand', () => {
    const log = new ChatLog()
    for (let i = 1; i <= 1_002; i += 1) log.add(entry(String(i)))
    expect(log.getSnapshot()).toHaveLength(1_000)
    expect([log.getSnapshot()[0]?.key, log.getSnapshot().at(-1)?.key]).toEqual(['3', '1002'])
  })
})
