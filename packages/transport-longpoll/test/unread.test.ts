import { EventEmitter } from 'node:events'
import { describe, expect, test } from 'vitest'
import type { Reply } from '../src/reply.ts'
import { ServerLine } from '../src/server-line.ts'
import { defaultTimes } from '../src/wire.ts'

/** A response that its client does not read: it is complete, and never delivered. */
class UnreadReply extends EventEmitter implements Reply {
  readonly writableFinished: boolean = false
  text: string = ''

  writeHead(): { end(text?: string): void } {
    return { end: (text = '') => (this.text = text) }
  }

  destroy(): void {
    this.text = ''
    this.emit('close')
  }
}

function openLine() {
  const limits = { ...defaultTimes, rate: { perSecond: 1, burst: 1 } }
  const line = new ServerLine(
    { id: 'id', secret: 'secret' },
    { address: '127.0.0.1', origin: undefined },
    limits,
    () => {},
  )
  line.own({ frame: () => {}, close: () => {} })
  return line
}

/** Fifteen frames that JSON makes six times as long: 900 000 bytes in all. */
const frames = Array.from({ length: 15 }, () => '\u0001'.repeat(60_000))

test('responses of a line that nobody reads hold less than one copy of what waits, whatever their cursors say', () => {
  const line = openLine()
  for (const frame of frames) line.send(frame)
  const replies: UnreadReply[] = []
  let most = 0
  for (let cursor = 0; cursor < 10; cursor += 1) {
    const reply = new UnreadReply()
    replies.push(reply)
    if (!line.poll(cursor, reply)) break
    const held = replies.reduce((sum, { text }) => sum + text.length, 0)
    most = Math.max(most, held)
  }
  expect(most).toBeGreaterThan(0)
  expect(most).toBeLessThan(900_000)
  line.close()
})

test('a response carries as many frames as fit, and the others come with the next ones', () => {
  const line = openLine()
  const sent = [...Array.from({ length: 5 }, (_, i) => `${i}`.repeat(50_000)), ...frames.slice(0, 2), '"\n', 'é', '']
  for (const frame of sent) line.send(frame)
  const heard: string[] = []
  const counts: number[] = []
  while (heard.length < sent.length) {
    const reply = new UnreadReply()
    expect(line.poll(heard.length, reply)).toBe(true)
    const { frames: some } = JSON.parse(reply.text) as { frames: string[] }
    counts.push(some.length)
    heard.push(...some)
    // Delivered.
    reply.emit('close')
  }
  expect(counts).toEqual([2, 2, 1, 1, 1, 3])
  expect(heard).toEqual(sent)
  line.close()
})

describe('a line that asks for frames again', () => {
  /** Asks until the line is over, and each time says that it has received so many frames more. */
  const askAgain = (frame: string, count: number, step: number) => {
    const line = openLine()
    for (let i = 0; i < count; i += 1) line.send(frame)
    let asked = 0
    while (asked < 300 && line.poll(asked * step, new UnreadReply())) asked += 1
    line.close()
    return asked
  }

  test.each([0, 1])('is over after some that have 128 KiB, with %d of many confirmed each time', (step) => {
    const asked = askAgain('x'.repeat(128), 1_024, step)
    // As often as a client does while its responses are lost, for as long as the line lives without one.
    expect(asked).toBeGreaterThan(10)
    expect(asked).toBeLessThan(20)
  })

  test('may do so two hundred times where little waits', () => {
    expect(askAgain('x'.repeat(20), 1, 0)).toBeGreaterThanOrEqual(200)
  })
})
