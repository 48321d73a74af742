import { closeCodes, createPeerSecret, encode, fullCapabilities, type PeerId, type RoomId } from '@patchbay/protocol'
import * as fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { HealthyPair } from './support/healthy-pair.ts'
import { retainedBytes } from './support/memory.ts'
import { identityOf, RawClient } from './support/raw-client.ts'
import { Rig, scaled } from './support/rig.ts'

const SEED = Number(process.env.FUZZ_SEED ?? 1)
const AT_ONCE = 40
const MIB = 1024 * 1024

let rig: Rig
let pair: HealthyPair
beforeEach(async () => {
  rig = await Rig.start({ LOG_LEVEL: 'warn', MAX_PEERS_PER_ROOM: '100' })
  pair = await HealthyPair.start(rig.server.port)
})
afterEach(() => rig.close())

const room = 'fuzz' as RoomId
/** Placeholder for the receiver's peer id, of the same length. */
const someone = 'A'.repeat(22) as PeerId
const identity = identityOf(createPeerSecret())

/** Messages of real clients, to be damaged. */
const recorded = [
  encode({ type: 'hello', ...identity }),
  encode({ type: 'join', room, name: 'Ada', title: 'Friday’s room' }),
  encode({ type: 'offer', room, to: someone, body: '{"connection":1,"sdp":"v=0\\r\\n"}' }),
  encode({
    type: 'ice_candidate',
    room,
    to: someone,
    body: '{"candidate":"candidate:1 1 udp 1 192.0.2.7 9 typ host"}',
  }),
  encode({ type: 'ping', sent: 3, received: 4 }),
  encode({ type: 'ack', sent: 3, received: 4 }),
  encode({ type: 'leave', room }),
]

/** Properties of messages, with valid and invalid values. */
const value = fc.oneof(
  fc.constantFrom<unknown>(room, someone, 0, -1, 1e21, null, true, [], {}, '', '__proto__', fullCapabilities),
  fc.jsonValue({ maxDepth: 2 }),
)
const members = ['type', 'room', 'to', 'from', 'name', 'title', 'version', 'secret', 'instance', 'session', 'received']
const grammar = fc
  .record({
    type: fc.constantFrom('hello', 'resume', 'ping', 'pong', 'ack', 'close', 'bye', 'join', 'leave', 'offer', 'x'),
    more: fc.dictionary(fc.constantFrom(...members, 'sent', 'code', 'constructor', '__proto__'), value, { maxKeys: 6 }),
    body: fc.option(fc.string({ unit: 'binary', maxLength: 40 }), { nil: undefined }),
  })
  .map(({ type, more, body }) => JSON.stringify({ type, ...more }) + (body === undefined ? '' : `\n${body}`))

/** A recorded frame with some of its bytes replaced, removed or repeated. */
const mutation = fc
  .record({
    frame: fc.constantFrom(...recorded),
    edits: fc.array(
      fc.record({ at: fc.nat(400), kind: fc.constantFrom('replace', 'remove', 'repeat'), byte: fc.nat(255) }),
      { minLength: 1, maxLength: 6 },
    ),
  })
  .map(({ frame, edits }) => {
    let bytes = Buffer.from(frame)
    for (const { at, kind, byte } of edits) {
      const i = at % (bytes.length + 1)
      const middle = {
        replace: [byte],
        remove: [],
        repeat: [...bytes.subarray(i, i + 20), ...bytes.subarray(i, i + 20)],
      }
      bytes = Buffer.concat([
        bytes.subarray(0, i),
        Buffer.from(middle[kind]),
        bytes.subarray(i + (kind === 'repeat' ? 20 : 1)),
      ])
    }
    return bytes
  })

/** Replaces the placeholder with the id of a present member. */
function addressed(frame: string | Buffer, to: PeerId): string | Buffer {
  if (typeof frame === 'string') return frame.replaceAll(someone, to)
  return Buffer.from(frame.toString('latin1').replaceAll(someone, to), 'latin1')
}

/** Sends a frame on a new line, then a goodbye. @returns how the line ended. */
async function outcome(frame: string | Buffer, greeted: boolean): Promise<string | undefined> {
  const raw = await RawClient.open(rig.server.port)
  if (greeted) {
    raw.say({ type: 'hello', ...identityOf(createPeerSecret()) })
    raw.say({ type: 'join', room, name: 'Fuzz' })
  }
  raw.socket.send(frame, { binary: false })
  raw.shout('{"type":"bye"}')
  return raw.ended()
}

/** A Patchbay close code, or one that RFC 6455 requires: normal closure, or text that is not UTF-8. */
const expected = new Set([...Object.keys(closeCodes), 'WebSocket 1000', 'WebSocket 1007'])

test('a damaged or invented message at most ends its own line, with a code', async () => {
  const total = scaled(12_000, 1_000_000)
  const frames = fc.sample(fc.oneof(grammar, mutation), { numRuns: total, seed: SEED })
  const target = await rig.enter('Target', { room })
  const before = await retainedBytes()
  const ends = new Map<string, number>()
  let next = 0
  const worker = async () => {
    for (let i = (next += 1) - 1; i < total; i = (next += 1) - 1) {
      const frame = addressed(frames[i] ?? '', target.id)
      const end = (await outcome(frame, i % 2 === 0)) ?? 'none'
      ends.set(end, (ends.get(end) ?? 0) + 1)
      if (!expected.has(end)) throw new Error(`seed ${SEED}, frame ${i} (${JSON.stringify(String(frame))}): ${end}`)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  console.log(`fuzz: ${JSON.stringify(Object.fromEntries(ends))}`)
  expect(await pair.finish()).toEqual([])
  expect(target.heard('offer').length).toBeGreaterThan(0)
  expect([target.client.getSnapshot().status, target.count('discontinuity')]).toEqual(['online', 0])
  target.events.length = 0
  expect((await retainedBytes()) - before).toBeLessThan(16 * MIB)
  expect(rig.log.filter(({ msg }) => msg === 'handler_failed')).toEqual([])
  // Every kind of answer occurred, so the messages get past the first check.
  expect([...ends.keys()]).toEqual(expect.arrayContaining(['bad_message', 'hello_expected', 'WebSocket 1000']))
}, 3_600_000)
