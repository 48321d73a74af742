import type { PeerId } from '@patchbay/protocol'
import { describe, expect, test } from 'vitest'
import { createWorld, signalingRules, testRoomSignaling } from '../src/index.ts'
import { connect, type Defects, MemoryBus } from './memory-signaling.ts'

const rigOf = (defects: Defects) => () => {
  const bus = new MemoryBus(defects)
  return Promise.resolve({ connect: () => connect(bus), dispose: () => Promise.resolve() })
}

testRoomSignaling({ name: 'in memory', rig: rigOf({}), lostWithinMs: 500, waitMs: 1_000 })

/** Each breaks one rule; the kit must say which, and why. */
const broken: readonly [rule: string, why: string, defects: Defects][] = [
  ['G1', 'two clients have different ids', { self: () => 'x'.repeat(22) as PeerId }],
  ['G1', '`self` is known at each event', { lateSelfMs: 5 }],
  [
    'G2',
    'everyone is told of everyone once',
    { event: (event) => (event.type === 'peer_joined' ? [event, event] : [event]) },
  ],
  [
    'G2',
    'exactly one of two is the newcomer',
    { event: (event) => [event.type === 'peer_joined' ? { ...event, newcomer: true } : event] },
  ],
  [
    'G2',
    'who was there is not told of as a newcomer',
    { event: (event) => [event.type === 'peer_joined' ? { ...event, newcomer: !event.newcomer } : event] },
  ],
  [
    'G3',
    'the name is as given',
    {
      event: (event) => [
        event.type === 'peer_joined' ? { ...event, peer: { ...event.peer, name: event.peer.name.slice(0, 3) } } : event,
      ],
    },
  ],
  [
    'G3',
    'the capabilities are as given',
    {
      event: (event) => [
        event.type === 'peer_joined'
          ? { ...event, peer: { ...event.peer, capabilities: { ...event.peer.capabilities, renegotiate: false } } }
          : event,
      ],
    },
  ],
  [
    'G4',
    'each arrives once, whole and in order',
    {
      signal: (signal, to) => [
        [to, signal],
        [to, signal],
      ],
    },
  ],
  [
    'G4',
    'each arrives once, whole and in order',
    { signal: (signal, to) => [[to, { ...signal, body: signal.body.slice(0, 1_000) }]] },
  ],
  ['G4', 'each arrives once, whole and in order', { slowOffers: true }],
  ['G4', 'the type is as sent', { signal: (signal, to) => [[to, { ...signal, type: 'offer' }]] }],
  ['G4', 'nobody else hears them', { signal: (signal, _, all) => all.map((seat) => [seat, signal]) }],
  ['G5', 'nobody', { throws: true }],
  ['G6', 'who has left hears nothing more', { afterLeave: true }],
  ['G6', 'one of two is the newcomer when one enters again', { hearsFormer: true }],
  [
    'G6',
    'the reason is `left`',
    { event: (event) => [event.type === 'peer_removed' ? { ...event, reason: 'lost' } : event] },
  ],
  ['G7', 'who has crashed is removed', { crash: 'never' }],
  ['G7', 'a crash is `lost`', { crash: 'left' }],
  ['G7', 'closed is final', { forgetsToClose: true }],
  ['G8', 'it says that it is not online', { cut: 'silently' }],
  ['G8', 'it is online again', { cut: 'for good' }],
  ['G8', 'it is the same page load', { cut: 'as another' }],
  ['G8', 'it has the same id', { cut: 'renamed' }],
  ['G8', 'it has not left', { cut: 'as one that left' }],
  ['G8', 'everyone is told of everyone', { cut: 'misses newcomers' }],
  ['G8', 'who has left meanwhile is gone', { cut: 'keeps ghosts' }],
  ['G9', 'nobody is told of those in another room', { oneRoom: true }],
]

describe('signaling that breaks', () => {
  test.each(broken)('%s is caught: %s', async (id, why, defects) => {
    const rule = signalingRules.find((one) => one.id === id)
    if (rule === undefined) throw new Error(`no ${id}`)
    const rig = await rigOf(defects)()
    await expect(rule.run(createWorld(rig, 500, 500))).rejects.toThrow(why)
  })
})

test('every rule is broken at least once', () => {
  expect(new Set(broken.map(([id]) => id))).toEqual(new Set(signalingRules.map(({ id }) => id)))
})
