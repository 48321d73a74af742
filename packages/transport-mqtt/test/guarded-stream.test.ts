import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { GuardedStream } from '../src/guarded-stream.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const connect = Buffer.from('\x10\x0e\0\x04MQTT\x04\x02\0\x78\0\x02id', 'latin1')
/** 1 011 bytes. */
const publish = Buffer.from(`\x30\xf0\x07\0\x06open/a${'x'.repeat(1_000)}`, 'latin1')

/** A client that has connected. */
function connected() {
  let bytes: (chunk: Buffer) => boolean = () => false
  const stream = new GuardedStream(
    {
      start: (take) => (bytes = take),
      send: () => undefined,
      queued: 0,
      pause: () => undefined,
      resume: () => undefined,
      end: () => undefined,
      destroy: () => undefined,
    },
    { bytes: { perSecond: 1_000_000, burst: 1_000_000 }, packets: { perSecond: 1_000, burst: 1_000 } },
  )
  let packets = 0
  stream.divert(() => {
    packets += 1
    return true
  })
  bytes(connect)
  return { stream, bytes, packets: () => packets }
}

test('a client whose pieces never end with a packet stays, since each packet is soon whole', () => {
  const { stream, bytes, packets } = connected()
  const sent = Buffer.concat(Array.from({ length: 200 }, () => publish))
  for (let at = 0; at < 240 * 701; at += 701) {
    bytes(sent.subarray(at, at + 701))
    vi.advanceTimersByTime(50)
  }
  expect(packets()).toBe(1 + Math.floor((240 * 701) / 1_011))
  expect(stream.destroyed).toBe(false)
})

test('a client whose packet is not whole after ten seconds is cut, however many came whole before it', () => {
  const { stream, bytes } = connected()
  bytes(Buffer.concat([publish, publish.subarray(0, 10)]))
  for (let at = 10; at < 20; at += 1) {
    vi.advanceTimersByTime(999)
    bytes(publish.subarray(at, at + 1))
  }
  expect(stream.destroyed).toBe(false)
  vi.advanceTimersByTime(10)
  expect(stream.destroyed).toBe(true)
})
