import { describe, expect, test } from 'vitest'
import {
  decodeClientMessage,
  decodeFileMessage,
  decodePeerMessage,
  decodeServerMessage,
  encode,
  encodeRelayed,
  encodeRoster,
  encodeShown,
  fullCapabilities,
  isChatText,
  MAX_FRAME_BYTES,
  type PeerId,
  type PeerInfo,
  PROTOCOL_VERSION,
  ProtocolError,
  type RoomId,
} from '../src/index.ts'

const id = 'A'.repeat(22) as PeerId
const room = 'room' as RoomId
const coded = (code: string) => expect.objectContaining({ name: 'ProtocolError', code })
const bytesOf = (text: string) => new TextEncoder().encode(text).length

describe('a frame of a message to a member', () => {
  const header = `{"type":"offer","room":"room","to":"${id}"}`

  test.each(['offer', 'answer', 'ice_candidate', 'message'])(
    'as %s is read the same however its header is written',
    (type) => {
      const said = { type, room, to: id, body: '\n{"type":"bye"}\n' }
      for (const written of [
        `{"type":"${type}","room":"room","to":"${id}"}`,
        `{"to":"${id}","type":"${type}","room":"room"}`,
        `{ "type": "${type}", "room": "room", "to": "${id}" }`,
        `{"\\u0074ype":"${type}","room":"room","to":"${id}"}`,
      ])
        expect(decodeClientMessage(`${written}\n${said.body}`)).toEqual(said)
    },
  )

  test.each([
    ['something before the header', `x${header}\nbody`],
    ['an empty line before the header', `\n${header}\nbody`],
    ['an empty line in its place', `\n${header}`],
    ['something behind the header', `${header}x\nbody`],
    ['a room outside the grammar', `{"type":"offer","room":"///","to":"${id}"}\nbody`],
    ['a room that is too long', `{"type":"offer","room":"${'r'.repeat(65)}","to":"${id}"}\nbody`],
    ['no room', `{"type":"offer","room":"","to":"${id}"}\nbody`],
    ['a member outside the grammar', `{"type":"offer","room":"room","to":"${'.'.repeat(22)}"}\nbody`],
    ['a member whose id is too short', '{"type":"offer","room":"room","to":"A"}\nbody'],
    ['a member whose id is too long', `{"type":"offer","room":"room","to":"${id}A"}\nbody`],
    ['a type that is not for members', `{"type":"leave","room":"room","to":"${id}"}\nbody`],
  ])('is refused with %s', (_, frame) => {
    expect(() => decodeClientMessage(frame)).toThrow(coded('bad_message'))
  })

  test('may be as large as a frame may be, and no larger', () => {
    const full = `${header}\n`.padEnd(MAX_FRAME_BYTES, 'x')
    expect(decodeClientMessage(full)).toMatchObject({ type: 'offer', body: full.slice(header.length + 1) })
    for (const filler of ['x', 'é', '长'])
      expect(() => decodeClientMessage(`${header}\n${filler.repeat(MAX_FRAME_BYTES)}`)).toThrow(coded('too_big'))
    expect(() => decodeClientMessage(`${full}x`)).toThrow(coded('too_big'))
  })
})

describe('the size of a frame', () => {
  test.each(['x', 'é', '长', '🧑'])('is counted in bytes of UTF-8 when it is full of %j', (filler) => {
    const start = '{"type":"relay","to":"AAAAAAAAAAAAAAAAAAAAAA"}\n'
    const left = MAX_FRAME_BYTES - bytesOf(start)
    const fits = start + filler.repeat(Math.floor(left / bytesOf(filler)))
    const full = fits + 'x'.repeat(MAX_FRAME_BYTES - bytesOf(fits))
    expect(bytesOf(full)).toBe(MAX_FRAME_BYTES)
    expect(decodePeerMessage(full)).toMatchObject({ type: 'relay' })
    expect(() => decodePeerMessage(`${full}x`)).toThrow(coded('too_big'))
  })

  test('leaves room, where it has a body, for the header the server writes in front of it', () => {
    const said = { type: 'ice_candidate', room: 'r'.repeat(64) as RoomId, to: id } as const
    const most = MAX_FRAME_BYTES - 64 - bytesOf(JSON.stringify(said)) - 1
    const frame = encode({ ...said, body: 'x'.repeat(most) })
    expect(bytesOf(frame)).toBe(MAX_FRAME_BYTES - 64)
    const { body } = decodeClientMessage(frame) as { body: string }
    expect(bytesOf(encodeRelayed({ type: said.type, room: said.room, from: id }, body))).toBeLessThanOrEqual(
      MAX_FRAME_BYTES,
    )
    expect(() => encode({ ...said, body: 'x'.repeat(most + 1) })).toThrow(coded('too_big'))
  })
})

describe('a relayed frame', () => {
  test('says who sent it, and has the body as it came', () => {
    const body = '{"any":"thing"}\n\n'
    const frame = encodeRelayed({ type: 'answer', room, from: id }, body)
    expect(frame).toBe(`{"type":"answer","room":"room","from":"${id}"}\n${body}`)
    expect(decodeServerMessage(frame)).toEqual({ type: 'answer', room, from: id, body })
  })

  test('may fill a frame and not more', () => {
    const most = MAX_FRAME_BYTES - bytesOf(encodeRelayed({ type: 'offer', room, from: id }, ''))
    expect(bytesOf(encodeRelayed({ type: 'offer', room, from: id }, 'x'.repeat(most)))).toBe(MAX_FRAME_BYTES)
    expect(() => encodeRelayed({ type: 'offer', room, from: id }, 'x'.repeat(most + 1))).toThrow(coded('too_big'))
  })
})

describe('a message about members that are JSON already', () => {
  const peer = {
    id,
    instance: 'B'.repeat(22) as PeerInfo['instance'],
    name: 'Ada "A\\',
    line: 'websocket',
    state: 'here',
    capabilities: fullCapabilities,
  } as const
  const json = JSON.stringify(peer)

  test('is the same as if it had been written as a whole', () => {
    for (const type of ['new_peer', 'peer_update'] as const)
      expect(encodeShown(type, room, json)).toBe(encode({ type, room, peer }))
    for (const peers of [[], [peer], [peer, peer]]) {
      const parts = peers.map(() => json)
      expect(encodeRoster({ room }, parts)).toBe(encode({ type: 'peers', room, peers }))
      const all = { title: 'Sun "day', host: true, locked: true } as const
      expect(encodeRoster({ room, title: all.title, isHost: true, isLocked: true }, parts)).toBe(
        encode({ type: 'peers', room, ...all, peers }),
      )
    }
  })
})

test('a message without a body is one line', () => {
  expect(encode({ type: 'bye' })).toBe('{"type":"bye"}')
  expect(encode({ type: 'pong', sent: 3, received: 4 })).toBe('{"type":"pong","sent":3,"received":4}')
})

test('another version of the protocol is told from a bad message, whatever else has changed', () => {
  for (const decode of [decodeClientMessage, decodeServerMessage]) {
    for (const version of [0, PROTOCOL_VERSION + 1, '1', null])
      expect(() => decode(JSON.stringify({ type: 'greeting', version }))).toThrow(coded('version_unsupported'))
    expect(() => decode(JSON.stringify({ type: 'greeting', version: PROTOCOL_VERSION }))).toThrow(coded('bad_message'))
    expect(() => decode('"version"')).toThrow(coded('bad_message'))
  }
})

test('an error says which field is wrong', () => {
  expect(() => decodeClientMessage('{"type":"join","room":"a b","name":"A"}')).toThrow("'room'")
  expect(() => decodeServerMessage('{"type":"ice_servers","iceServers":[{"urls":["x"]}]}')).toThrow(
    "'iceServers.0.urls.0'",
  )
})

test('a file message never has a body', () => {
  const message = { type: 'offer', id, stream: 1, name: 'x', size: 1, mime: '' } as const
  expect(decodeFileMessage(encode(message))).toEqual(message)
  expect(() => decodeFileMessage(`${encode(message)}\nbody`)).toThrow(coded('bad_message'))
})

test('chat is neither empty, nor longer than 8000 code units, nor ill-formed, and the decoder looks', () => {
  const chat = (body: string) => `{"type":"chat","id":"a","seq":1}\n${body}`
  for (const body of ['x', 'x'.repeat(8_000), '🧑'.repeat(4_000), '\n']) {
    expect(isChatText(body)).toBe(true)
    expect(decodePeerMessage(chat(body))).toEqual({ type: 'chat', id: 'a', seq: 1, body })
  }
  for (const body of ['', 'x'.repeat(8_001), '\uDC00', 'x\uD800']) {
    expect(isChatText(body)).toBe(false)
    expect(() => decodePeerMessage(chat(body))).toThrow(coded('bad_message'))
  }
})

test('what a peer passes on need not be chat', () => {
  for (const body of ['', 'x'.repeat(20_000)])
    expect(decodePeerMessage(`{"type":"relayed","from":"${id}"}\n${body}`)).toMatchObject({ body })
})

test('a protocol error is one by name, keeps its code, and can be told from any other', () => {
  const error = new ProtocolError('too_big', 'What.')
  expect(String(error)).toBe('ProtocolError: What.')
  expect(error).toBeInstanceOf(Error)
  expect(error.code).toBe('too_big')
})
