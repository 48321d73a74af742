import { describe, expect, test } from 'vitest'
import {
  type AppHeader,
  decodeAppFrame,
  encodeAppFrame,
  isChannelName,
  MAX_APP_BYTES,
  payloadOf,
} from '../src/index.ts'

const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value))
/** A frame with that text as its header. */
function frame(header: string, payload: Uint8Array = new Uint8Array()): ArrayBuffer {
  const head = new TextEncoder().encode(header)
  const bytes = new Uint8Array(2 + head.length + payload.length)
  new DataView(bytes.buffer).setUint16(0, head.length)
  bytes.set(head, 2)
  bytes.set(payload, 2 + head.length)
  return bytes.buffer
}

describe('a frame of an application channel', () => {
  test.each<[AppHeader, unknown]>([
    [
      { kind: 'message', channel: 'cursor', bytes: false },
      { x: 1, text: 'ü' },
    ],
    [{ kind: 'message', channel: 'a.b:c-d_E9', bytes: true }, new Uint8Array([0, 255])],
    [{ kind: 'request', channel: 'c', bytes: false, id: 1 }, null],
    [{ kind: 'response', channel: 'c', bytes: true, id: Number.MAX_SAFE_INTEGER }, new Uint8Array()],
  ])('%j comes out as it went in', (header, value) => {
    const { bytes, payload } = payloadOf(value) ?? { bytes: undefined, payload: new Uint8Array() }
    expect(bytes).toBe('bytes' in header && header.bytes)
    expect(decodeAppFrame(encodeAppFrame(header, payload).buffer)).toEqual({ header, value })
  })

  test.each<AppHeader>([
    { kind: 'failure', channel: 'c', id: 1, code: 'unsupported' },
    { kind: 'failure', channel: 'c', id: 1, code: 'busy' },
    { kind: 'failure', channel: 'c', id: 1, code: 'failed' },
    { kind: 'cancel', channel: 'c', id: 1 },
  ])('%j has no payload', (header) => {
    expect(decodeAppFrame(encodeAppFrame(header).buffer)).toEqual({ header, value: undefined })
  })

  test('may have members that this version does not know', () => {
    const header = '{"kind":"message","channel":"c","bytes":true,"ttl":9}'
    expect(decodeAppFrame(frame(header))?.header).toEqual({ kind: 'message', channel: 'c', bytes: true })
  })

  test.each([
    '',
    'null',
    '7',
    '[]',
    '{"kind":"message","channel":"c","bytes":1}',
    '{"kind":"message","channel":"a b","bytes":true}',
    '{"kind":"message","bytes":true}',
    '{"kind":"request","channel":"c","bytes":true}',
    '{"kind":"request","channel":"c","bytes":true,"id":0}',
    '{"kind":"request","channel":"c","bytes":true,"id":1.5}',
    '{"kind":"request","channel":"c","bytes":true,"id":"1"}',
    '{"kind":"request","channel":"c","id":1}',
    '{"kind":"failure","channel":"c","id":1,"code":"what"}',
    '{"kind":"shout","channel":"c","id":1,"bytes":true}',
    '{"channel":"c","id":1,"bytes":true}',
  ])('is none with the header %s', (header) => {
    expect(decodeAppFrame(frame(header, json(1)))).toBeUndefined()
  })

  test('is none when its header is too long or cut off, its JSON broken, or its text not UTF-8', () => {
    const header = '{"kind":"message","channel":"c","bytes":false}'
    expect(decodeAppFrame(frame(header, json(1)))?.value).toBe(1)
    for (const data of [
      new ArrayBuffer(0),
      new ArrayBuffer(1),
      frame(header, json(1)).slice(0, 20),
      frame(header.padEnd(257), json(1)),
      frame(header, new Uint8Array([123])),
      frame(header, new Uint8Array([34, 0xff, 34])),
    ])
      expect(decodeAppFrame(data)).toBeUndefined()
    expect(decodeAppFrame(frame(header.padEnd(256), json(1)))?.value).toBe(1)
  })

  test('carries up to 65,536 bytes', () => {
    const header = { kind: 'message', channel: 'c', bytes: true } as const
    expect(MAX_APP_BYTES).toBe(65_536)
    expect(decodeAppFrame(encodeAppFrame(header, new Uint8Array(65_536)).buffer)?.value).toHaveLength(65_536)
    expect(decodeAppFrame(encodeAppFrame(header, new Uint8Array(65_537)).buffer)).toBeUndefined()
  })
})

test.each<[unknown, number[] | undefined]>([
  [new Uint8Array([1, 2, 3]).subarray(1), [2, 3]],
  [new Uint8Array([1, 2]).buffer, [1, 2]],
  [new DataView(new Uint8Array([1, 2, 3]).buffer, 1, 1), [2]],
  ['a', [34, 97, 34]],
  [undefined, undefined],
  [Symbol('a'), undefined],
  [1n, undefined],
])('the payload of %o is %j', (value, expected) => {
  const made = payloadOf(value)
  expect(made && [...made.payload]).toEqual(expected)
})

test('a channel is called 1 to 64 letters, digits, `_`, `.`, `:` or `-`', () => {
  expect(['a', 'aZ09_.:-', 'x'.repeat(64)].map(isChannelName)).toEqual([true, true, true])
  expect(['', 'x'.repeat(65), 'a b', 'a/b', 'ü', 'a\n'].map(isChannelName)).toEqual(Array(6).fill(false))
})
