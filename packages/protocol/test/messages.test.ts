import { describe, expect, test } from 'vitest'
import {
  clientMessageSchemas,
  closeCodes,
  decodeCandidate,
  decodeClientMessage,
  decodeDescription,
  decodeFileMessage,
  decodePeerMessage,
  decodeSealedContent,
  decodeServerMessage,
  errorCodes,
  fileMessageSchemas,
  fullCapabilities,
  peerMessageSchemas,
  ProtocolError,
  serverMessageSchemas,
} from '../src/index.ts'
import * as f from './fields.ts'
import { type Fields, spoiled, variants } from './fields.ts'

const counts = { sent: f.count, received: f.count }
const flagUp: f.Field = { good: [true], bad: [false, 1, 'true', null] }
const capabilities = f.structure({
  trickle: f.flag,
  renegotiate: f.flag,
  media: f.flag,
  data: f.flag,
  files: f.flag,
  role: f.oneOf('both', 'offer', 'answer'),
})
const peer = f.structure({
  id: f.id,
  instance: f.id,
  name: f.shownName,
  line: f.line,
  state: f.oneOf('here', 'away'),
  capabilities,
  'host?': flagUp,
})
const url = { good: ['stun:a', 'stuns:a', 'turn:a:3478?transport=udp', 'turns:a', `turn:${'x'.repeat(256)}`] }
const iceServer = f.structure({
  urls: {
    good: [...url.good.map((one) => [one]), Array(8).fill('stun:a')],
    bad: [
      [],
      Array(9).fill('stun:a'),
      'stun:a',
      ...['http:a', 'astun:a', 'stun:', 'stun:a b', ' stun:a', `turn:${'x'.repeat(257)}`, 7].map((one) => [one]),
    ],
  },
  'username?': f.limit(512),
  'credential?': f.limit(512),
})
const listOf = ({ good, bad }: f.Field, length: number): f.Field => ({
  good: [[], ...good.map((one) => [one]), Array(length).fill(good[0])],
  bad: [...bad.map((one) => [one]), Array(length + 1).fill(good[0]), 'text', null],
})
const ice: Fields = { iceServers: listOf(iceServer, 16), 'iceLifetimeMs?': f.duration }
const identity: Fields = {
  version: f.version,
  secret: f.secret,
  instance: f.id,
  capabilities,
  'attempt?': f.count,
  'yields?': flagUp,
  'token?': f.accessToken,
}
const close: Fields = { code: f.oneOf(...Object.keys(closeCodes)), 'retryAfterMs?': f.duration }
const toMember: Fields = { room: f.room, to: f.id }
const fromMember: Fields = { room: f.room, from: f.id }
const control = { ping: counts, pong: counts, ack: counts, close }

const client: Record<string, Fields> = {
  hello: identity,
  resume: { ...identity, session: f.id, received: f.count },
  ...control,
  bye: {},
  renew_ice_servers: {},
  renew_token: { token: f.accessToken },
  join: { room: f.room, name: f.name, 'title?': f.name, 'hostKey?': f.secret },
  leave: { room: f.room },
  lock: { room: f.room, locked: f.flag },
  admit: toMember,
  remove: toMember,
  offer: toMember,
  answer: toMember,
  ice_candidate: toMember,
  message: toMember,
}
const server: Record<string, Fields> = {
  welcome: {
    version: f.version,
    epoch: f.id,
    session: f.id,
    you: f.id,
    recovered: f.flag,
    received: f.count,
    heartbeatMs: f.duration,
    deadMs: f.duration,
    resumeMs: f.duration,
    'tokenLifetimeMs?': f.duration,
    ...ice,
  },
  ice_servers: ice,
  token_renewed: { 'tokenLifetimeMs?': f.duration },
  ...control,
  peers: { room: f.room, 'title?': f.shownName, 'host?': flagUp, 'locked?': flagUp, peers: listOf(peer, 100) },
  new_peer: { room: f.room, peer },
  peer_update: { room: f.room, peer },
  remove_peer: { room: f.room, peer: f.id, reason: f.oneOf('left', 'lost') },
  lock: { room: f.room, locked: f.flag },
  knock: { room: f.room, peer: f.structure({ id: f.id, name: f.shownName }) },
  offer: fromMember,
  answer: fromMember,
  ice_candidate: fromMember,
  message: fromMember,
  error: { code: f.oneOf(...Object.keys(errorCodes)), 'room?': f.room, 'to?': f.id },
}
const peers: Record<string, Fields> = {
  ping: { n: f.count },
  pong: { n: f.count },
  offer: {},
  answer: {},
  ice_candidate: {},
  sync: { stream: f.token, before: f.count },
  chat: { id: f.token, seq: f.count },
  ack: { stream: f.token, heard: f.count },
  safety_commit: { hash: f.secret },
  safety_reveal: { nonce: f.id },
  relay: { to: f.id },
  relayed: { from: f.id },
  media: {
    microphone: f.oneOf('off', 'on', 'muted'),
    camera: f.oneOf('off', 'on'),
    stream: f.streamId,
    screen: f.oneOf('off', 'on'),
    screenStream: f.streamId,
  },
  hand: { up: f.flag },
  view: { camera: f.count, screen: f.count },
  recording: { up: f.flag },
  features: { names: listOf(f.featureName, 64) },
  signaling_back: {},
  bye: {},
}
const files: Record<string, Fields> = {
  offer: { id: f.id, stream: f.stream, name: f.fileName, size: f.bytes, mime: f.mime },
  accept: { id: f.id, from: f.bytes },
  got: { id: f.id, bytes: f.bytes },
  end: { id: f.id, sha256: f.sha256 },
  done: { id: f.id, sha256: f.sha256 },
  stop: { id: f.id, why: f.oneOf('declined', 'cancelled', 'unreadable', 'no_space', 'corrupt') },
}

const withBody = new Set(['offer', 'answer', 'ice_candidate', 'message', 'chat', 'relay', 'relayed'])

describe.each([
  ['client → server', client, clientMessageSchemas, decodeClientMessage, withBody],
  ['server → client', server, serverMessageSchemas, decodeServerMessage, withBody],
  ['peer → peer', peers, peerMessageSchemas, decodePeerMessage, withBody],
  ['files', files, fileMessageSchemas, decodeFileMessage, new Set<string>()],
] as const)('%s', (_, messages, schemas, decode, carriers) => {
  const frame = (message: { type: string }) =>
    `${JSON.stringify(message)}${carriers.has(message.type) ? '\nwhat\nfollows' : ''}`

  test('has these messages and no other', () => {
    expect(Object.keys(messages).toSorted()).toEqual(Object.keys(schemas).toSorted())
  })

  test.each(Object.entries(messages))('%s is read as it was written, whatever its fields may be', (type, fields) => {
    for (const values of variants(fields)) {
      const message = { type, ...values }
      const body = carriers.has(type) ? { body: 'what\nfollows' } : {}
      expect(decode(frame(message))).toEqual({ ...message, ...body })
    }
  })

  test.each(Object.entries(messages))('%s is refused when any of its fields is wrong', (type, fields) => {
    for (const values of spoiled(fields))
      expect(() => decode(frame({ type, ...values })), JSON.stringify(values).slice(0, 200)).toThrow(ProtocolError)
  })

  test.each(Object.entries(messages))(
    'a member that %s does not have is refused of a client, else dropped',
    (type, fields) => {
      const [first = {}] = variants(fields)
      const more = frame({ type, ...first, more: 1 } as { type: string })
      // What both ends send is read alike at both.
      if (decode === decodeClientMessage && !(type in control)) expect(() => decode(more)).toThrow(ProtocolError)
      else expect(decode(more)).toEqual(decode(frame({ type, ...first })))
    },
  )
})

describe.each([
  [
    'a description',
    decodeDescription,
    { connection: f.positive, peerConnection: f.nullOr(f.positive), n: f.count, offers: f.count, sdp: f.sdp },
  ],
  ['a candidate', decodeCandidate, f.candidate],
  ['sealed content', decodeSealedContent, { n: f.positive, name: f.name, body: f.anyText }],
] as const)('the body of %s', (_, decode, fields) => {
  test('is read as it was written, whatever its fields may be', () => {
    for (const values of variants(fields)) expect(decode(JSON.stringify(values))).toEqual(values)
  })

  test('is refused when any of its fields is wrong, and when it is no JSON', () => {
    for (const text of [...[...spoiled(fields)].map((values) => JSON.stringify(values)), 'null', '[]', '', '{'])
      expect(() => decode(text), text.slice(0, 200)).toThrow(expect.objectContaining({ code: 'bad_message' }))
  })
})

test('what a browser of today can do is everything', () => {
  expect(fullCapabilities).toEqual({
    trickle: true,
    renegotiate: true,
    media: true,
    data: true,
    files: true,
    role: 'both',
  })
})
