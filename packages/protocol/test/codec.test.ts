import { describe, expect, test } from 'vitest'
import {
  cleanName,
  decodeClientMessage,
  decodeFileMessage,
  decodePeerMessage,
  decodeServerMessage,
  encode,
  isChatText,
  MAX_FRAME_BYTES,
  parseRoomId,
  ProtocolError,
} from '../src/index.ts'

const to = 'A'.repeat(22)
const decoders = [decodeClientMessage, decodeServerMessage, decodePeerMessage]

/** The code with which a decoder refuses a frame; fails if it accepts the frame or throws anything else. */
function refusal(decode: (text: string) => unknown, text: string): string {
  try {
    decode(text)
  } catch (error) {
    if (error instanceof ProtocolError) return error.code
    throw error
  }
  throw new Error(`took ${text.slice(0, 80)}`)
}

describe('codec', () => {
  test('keeps the body byte for byte behind the header line', () => {
    const body = '{"sdp":"v=0\\r\\n"}\n\n {"type":"bye"}'
    const frame = encode({ type: 'offer', room: 'r', to, body } as never)
    expect(frame).toBe(`{"type":"offer","room":"r","to":"${to}"}\n${body}`)
    expect(decodeClientMessage(frame)).toEqual({ type: 'offer', room: 'r', to, body })
  })

  test.each([
    ['nothing', ''],
    ['not JSON', 'hello'],
    ['null', 'null'],
    ['a string', '"ping"'],
    ['an array', '[{"type":"ping"}]'],
    ['no type', '{}'],
    ['a list as type', '{"type":["ping"]}'],
    ['a type that is no name', '{"type":"Ping!"}'],
    ['a type that does not come first', '{"n":1,"type":"shout"}'],
    ['a body where none belongs', '{"type":"bye"}\nbody'],
    ['no body where one belongs', `{"type":"offer","room":"r","to":"${to}"}`],
  ])('refuses %s with a typed error', (_, frame) => {
    for (const decode of decoders) expect(refusal(decode, frame)).toBe('bad_message')
  })

  /** A ping of client and server, and one of peers, each well-formed but for what is replaced. */
  const pings = (change: (frame: string) => string) =>
    [
      [decodeClientMessage, change('{"type":"ping","sent":7,"received":0}')],
      [decodeServerMessage, change('{"type":"ping","sent":7,"received":0}')],
      [decodePeerMessage, change('{"type":"ping","n":7}')],
    ] as const

  test('accepts a ping, which the following tests change', () => {
    for (const [decode, frame] of pings((text) => text)) expect(decode(frame)).toMatchObject({ type: 'ping' })
  })

  test.each([
    ['negative', '-1'],
    ['a fraction', '0.5'],
    ['more than a safe integer', '9007199254740992'],
    ['a text', '"7"'],
    ['nothing', 'null'],
  ])('refuses a count that is %s', (_, count) => {
    for (const [decode, frame] of pings((text) => text.replace('7', count)))
      expect(refusal(decode, frame)).toBe('bad_message')
  })

  test.each([
    ['a type of the prototype', '{"type":"constructor"}'],
    ['__proto__ as type', '{"type":"__proto__"}'],
    ['an unknown type', '{"type":"shout","x":1}'],
    ['an unknown type with a body', '{"type":"shout"}\nbody'],
  ])('refuses %s between client and server, and ignores it between peers', (_, frame) => {
    for (const decode of [decodeClientMessage, decodeServerMessage]) expect(refusal(decode, frame)).toBe('bad_message')
    for (const decode of [decodePeerMessage, decodeFileMessage]) expect(decode(frame)).toBeUndefined()
  })

  test.each([
    ['an unknown member', '"more":1'],
    ['an own __proto__', '"__proto__":{"admin":true}'],
    ['deep nesting', `"more":${'['.repeat(20_000)}${']'.repeat(20_000)}`],
  ])('refuses %s of a client, and drops it from peers and server, which may be newer', (_, member) => {
    const more = (frame: string) => frame.replace('}', `,${member}}`)
    expect(refusal(decodeClientMessage, more('{"type":"leave","room":"r"}'))).toBe('bad_message')
    for (const [decode, frame] of [
      [decodeServerMessage, '{"type":"ping","sent":7,"received":0}'],
      [decodePeerMessage, '{"type":"ping","n":7}'],
    ] as const) {
      const message = decode(more(frame))
      expect(message).toEqual(JSON.parse(frame))
      expect(Object.getPrototypeOf(message)).toBe(Object.prototype)
    }
  })

  test('refuses a frame over the limit before reading it', () => {
    for (const decode of decoders) expect(refusal(decode, ' '.repeat(MAX_FRAME_BYTES + 1))).toBe('too_big')
    const body = 'x'.repeat(MAX_FRAME_BYTES)
    expect(() => encode({ type: 'chat', id: 'a', seq: 1, body })).toThrow(ProtocolError)
  })

  test('refuses a sender that a client forged', () => {
    expect(refusal(decodeClientMessage, `{"type":"offer","room":"r","to":"${to}","from":"${to}"}\nx`)).toBe(
      'bad_message',
    )
  })

  test.each(['', 'a b', 'a/b', 'ü', 'x'.repeat(65), 'r\n'])('refuses the room %j', (room) => {
    expect(refusal(decodeClientMessage, JSON.stringify({ type: 'leave', room }))).toBe('bad_message')
    expect(parseRoomId(room)).toBeUndefined()
  })

  test('accepts any room name in the grammar, including prototype names', () => {
    for (const room of ['a', '__proto__', 'constructor', 'x'.repeat(64)]) {
      expect(decodeClientMessage(JSON.stringify({ type: 'leave', room }))).toEqual({ type: 'leave', room })
    }
  })

  test.each([
    ['empty', ''],
    ['spaces', '  '],
    ['a lone surrogate', '\uD800'],
    ['a bidi override', 'a\u202Eb'],
    ['a control character', 'a\u0007b'],
    ['not composed', 'e\u0301'],
    ['padding', ' Ada'],
    ['a Hangul filler', 'a\u3164b'],
    ['an empty Braille pattern', '\u2800'],
    ['a grapheme joiner', 'a\u034Fb'],
    ['a vowel that is never drawn', 'a\u17B4'],
    ['a variation of nothing', '\uFE0F'],
    ['a variation of a space', 'a \u{E0100}b'],
    ['a second variation of the same letter', '葛\u{E0100}\u{E0101}'],
    ['a mark without a letter', '\u0301'],
    ['65 code points', '🧑'.repeat(65)],
  ])('refuses a name that is %s', (_, name) => {
    expect(refusal(decodeClientMessage, JSON.stringify({ type: 'join', room: 'r', name }))).toBe('bad_message')
  })

  test('cleans user input into a name that the schema accepts', () => {
    for (const typed of [
      '  Ada   Lovelace ',
      'e\u0301',
      'a\u202Eb',
      '\uD800x',
      '🧑'.repeat(80),
      'a\tb',
      '\uFE0Fa\u034F\uFE0F\uFE0F \uFE0Fb',
    ]) {
      const name = cleanName(typed)
      expect(decodeClientMessage(JSON.stringify({ type: 'join', room: 'r', name }))).toMatchObject({ name })
    }
    expect(cleanName(' \u202E\u0000 ')).toBe('')
    for (const typed of ['\u3164\u2800\u115F', '\u034F', '\uFE00 \u{E01EF}', ' \u180B', '\u0301'.repeat(70) + 'a'])
      expect(cleanName(typed)).toBe('')
  })

  test.each([
    ['an emoji that is drawn in colour', '❤️ 1️⃣'],
    ['a variant of a letter of Japanese names', '葛\u{E0100}城'],
    ['a Mongolian letter in another form', 'ᠠ\u180Bᠨ'],
    ['vowel signs', 'नमस्ते'],
  ])('accepts a name with %s', (_, name) => {
    expect(cleanName(name)).toBe(name)
    expect(decodeClientMessage(JSON.stringify({ type: 'join', room: 'r', name }))).toMatchObject({ name })
  })

  test('accepts well-formed chat in any script, and nothing else', () => {
    expect(isChatText('line one\nline two 🧑‍🚀')).toBe(true)
    const frame = (text: string) => `{"type":"chat","id":"a","seq":1}\n${text}`
    expect(decodePeerMessage(frame('x'.repeat(8_000)))).toMatchObject({ type: 'chat', seq: 1 })
    for (const text of ['', '\uDC00', 'x'.repeat(8_001)]) {
      expect(refusal(decodePeerMessage, frame(text))).toBe('bad_message')
    }
  })

  test('throws errors that do not contain the input', () => {
    try {
      decodeClientMessage('{"type":"join","room":"r","name":"  secret  "}')
    } catch (error) {
      expect(String(error)).not.toContain('secret')
      expect(JSON.stringify(error)).not.toContain('secret')
    }
    expect.assertions(2)
  })

  test('throws no error whose cause quotes the input', () => {
    for (const decode of decoders) {
      try {
        decode('{"name":"secret')
      } catch (error) {
        expect((error as Error).cause).toBeUndefined()
      }
    }
    expect.assertions(decoders.length)
  })
})
