import { Random } from '@patchbay/fault-proxy'
import { createInstanceId, type PeerId, type PeerInfo, randomToken, type RoomId } from '@patchbay/protocol'
import { describe, expect, test } from 'vitest'
import type { Signal } from '../src/signaling/index.ts'
import { createRoomKey, parseRoomKey, type RoomKey, RoomSeal, SignalSeal } from '../src/seal/index.ts'
import { ReplayWindow } from '../src/seal/replay-window.ts'

type Party = Pick<PeerInfo, 'id' | 'instance'>
const room = 'room' as RoomId

/** A member of the room, as one instance. */
function member(key: RoomKey, name: string, id = randomToken(22) as PeerId) {
  const party: Party = { id, instance: createInstanceId() }
  return { party, seal: new SignalSeal(new RoomSeal(key, room), { id: () => id, instance: party.instance, name }) }
}

const offer: Signal = { type: 'offer', body: '{"sdp":"a=fingerprint:sha-256 AD:A0"}' }
const evil: Signal = { type: 'offer', body: '{"sdp":"a=fingerprint:sha-256 E0:11"}' }

test('[R25] a signal that one member seals for another is opened there, with the sender’s name', async () => {
  const key = createRoomKey()
  const [ada, bob] = [member(key, 'Ada'), member(key, 'Bob')]
  const sealed = await ada.seal.wrap(offer, bob.party)
  expect(sealed.type).toBe('offer')
  expect(sealed.body).not.toContain('sdp')
  expect(sealed.body).not.toContain('Ada')
  expect(await bob.seal.unwrap(sealed, ada.party)).toEqual({ signal: offer, name: 'Ada' })
})

test('[R25] whoever has the key cannot use up the numbers of another by way of relayed signals', async () => {
  const key = createRoomKey()
  const [ada, bob] = [member(key, 'Ada'), member(key, 'Bob')]
  const bound = ['offer', ada.party.id, ada.party.instance, bob.party.id, bob.party.instance]
  const content = JSON.stringify({ n: Number.MAX_SAFE_INTEGER, name: 'Carol', body: evil.body })
  const forged = {
    type: 'offer',
    body: `${bob.party.instance}.${await new RoomSeal(key, room).seal(content, bound)}`,
  } as const
  expect(await bob.seal.unwrap(forged, ada.party, true)).toBeDefined()
  expect(await bob.seal.unwrap(await ada.seal.wrap(offer, bob.party), ada.party)).toEqual({
    signal: offer,
    name: 'Ada',
  })
})

describe('[R25] a malicious server', () => {
  /** Attacks on a signal from Ada to Bob: each presents it to a receiver as from some sender. */
  const attacks: Record<string, (sealed: Signal, random: Random, world: World) => Promise<unknown>> = {
    'substitutes its own description': (_, __, { ada, bob }) => bob.seal.unwrap(evil, ada.party),
    'seals its own description with another key': async (_, __, { ada, bob }) => {
      const eve = new RoomSeal(createRoomKey(), room)
      const self = { id: () => ada.party.id, instance: ada.party.instance, name: 'Ada' }
      return bob.seal.unwrap(await new SignalSeal(eve, self).wrap(evil, bob.party), ada.party)
    },
    'changes a bit': (sealed, random, { ada, bob }) => {
      const at = random.int(3, sealed.body.length - 1)
      const other = sealed.body[at] === 'A' ? 'B' : 'A'
      const body = sealed.body.slice(0, at) + other + sealed.body.slice(at + 1)
      // The last character may contain unused bits.
      return at === sealed.body.length - 1 ? Promise.resolve() : bob.seal.unwrap({ ...sealed, body }, ada.party)
    },
    'cuts it short': (sealed, random, { ada, bob }) =>
      bob.seal.unwrap({ ...sealed, body: sealed.body.slice(0, random.int(0, sealed.body.length - 4)) }, ada.party),
    'calls an offer an answer': (sealed, _, { ada, bob }) => bob.seal.unwrap({ ...sealed, type: 'answer' }, ada.party),
    'replays it': async (sealed, _, { ada, bob }) => {
      expect(await bob.seal.unwrap(sealed, ada.party)).toBeDefined()
      return bob.seal.unwrap(sealed, ada.party)
    },
    'sends it back': (sealed, _, { ada, bob }) => ada.seal.unwrap(sealed, bob.party),
    'sends it to someone else': (sealed, _, { ada, eva }) => eva.seal.unwrap(sealed, ada.party),
    'claims another sender': (sealed, _, { bob, eva }) => bob.seal.unwrap(sealed, eva.party),
    'replays it after Bob has reloaded': (sealed, _, { ada, key, bob }) =>
      member(key, 'Bob', bob.party.id).seal.unwrap(sealed, ada.party),
    'replays it after Ada has reloaded': (sealed, _, { ada, key, bob }) =>
      bob.seal.unwrap(sealed, member(key, 'Ada', ada.party.id).party),
    'replays it in another room': (sealed, _, { ada, bob, key }) => {
      const self = { id: () => bob.party.id, instance: bob.party.instance, name: 'Bob' }
      return new SignalSeal(new RoomSeal(key, 'other' as RoomId), self).unwrap(sealed, ada.party)
    },
  }
  type World = Awaited<ReturnType<typeof meeting>>
  async function meeting() {
    const key = createRoomKey()
    return { key, ada: member(key, 'Ada'), bob: member(key, 'Bob'), eva: member(key, 'Eva') }
  }

  test.each(Object.keys(attacks))('that %s is rejected 100 times of 100', async (name) => {
    let taken = 0
    for (let seed = 1; seed <= 100; seed += 1) {
      const world = await meeting()
      const sealed = await world.ada.seal.wrap(offer, world.bob.party)
      if ((await attacks[name]?.(sealed, new Random(seed), world)) !== undefined) taken += 1
    }
    expect(taken).toBe(0)
  })
})

test('a number is accepted once, in any order, and not when it is older than the window', () => {
  const window = new ReplayWindow()
  expect([5, 3, 4, 5, 3, 10_000, 10_000, 9_999, 5, 1].map((n) => window.take(n))).toEqual([
    true,
    true,
    true,
    false,
    false,
    true,
    false,
    true,
    false,
    false,
  ])
})

test('a key is 43 characters of base64url, new each time', () => {
  expect(createRoomKey()).not.toBe(createRoomKey())
  expect(parseRoomKey(createRoomKey())).toBeDefined()
  for (const text of ['', 'a'.repeat(42), `${'a'.repeat(42)}!`, `${'a'.repeat(43)} `])
    expect(parseRoomKey(text)).toBeUndefined()
})
