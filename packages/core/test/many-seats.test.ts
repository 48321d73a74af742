import {
  createInstanceId,
  fullCapabilities,
  randomToken,
  type PeerId,
  type RoomId,
  type SessionId,
} from '@patchbay/protocol'
import { expect, test } from 'vitest'
import { createEngine, type EngineStore, MemoryStore, type Seat } from '../src/engine/index.ts'
import { Cluster } from '../src/hub/cluster.ts'
import { LocalMember } from '../src/hub/member.ts'
import type { Clock } from '../src/transport/index.ts'
import { ManualClock } from './support/manual-clock.ts'

/** A store that does one act after another, each of which takes `costMs`, and that may be lost. */
class BusyStore {
  costMs = 0
  losses = 0
  readonly store: EngineStore
  readonly #clock: Clock
  #freeAt = 0

  constructor(of: EngineStore, clock: Clock) {
    this.#clock = clock
    this.store = new Proxy(of, {
      get: (_, name: keyof EngineStore) =>
        name === 'beat'
          ? async (node: string, leaseMs: number) => {
              await this.#queue()
              return { ...(await of.beat(node, leaseMs)), losses: this.losses }
            }
          : async (...args: never[]) => {
              if (name !== 'listen' && name !== 'close') await this.#queue()
              return (of[name] as (...of: never[]) => unknown)(...args)
            },
    })
  }

  #queue(): Promise<void> {
    const now = this.#clock.now()
    this.#freeAt = Math.max(now, this.#freeAt) + this.costMs
    return new Promise((resolve) => void this.#clock.after(this.#freeAt - now, resolve))
  }
}

test('a node with many seats renews its lease while it puts them all again', async () => {
  const clock = new ManualClock(64)
  const shared = new MemoryStore(clock)
  const busy = new BusyStore(shared.connect(), clock)
  const health: string[] = []
  const engine = createEngine({ store: busy.store, clock, onHealth: ({ state }) => health.push(state) })
  const peers: PeerId[] = []
  const gone = new Set<PeerId>()
  let resets = 0
  const cluster = new Cluster({
    clock,
    engine,
    maxPeers: 4,
    moveMs: 1,
    guest: () => undefined,
    isHere: (peer) => !gone.has(peer),
    accept: () => undefined,
    claimAgain() {
      resets += 1
      for (const peer of peers) void cluster.claimAgain(peer)
    },
    dropped: () => undefined,
  })
  void cluster.start()
  await clock.advance(5)
  const nothing = () => undefined
  const owner = {
    takeRelayed: () => true,
    takeNotice: nothing,
    takeKnock: nothing,
    removed: nothing,
    ruled: nothing,
    endStale: nothing,
  }
  const entering = Array.from({ length: 5_000 }, (_, n) => {
    const id = randomToken(22) as PeerId
    peers.push(id)
    const info = {
      id,
      instance: createInstanceId(),
      name: 'Ada',
      line: 'test',
      state: 'here',
      capabilities: fullCapabilities,
    } as const
    const seat: Seat = {
      node: engine.node,
      session: `${engine.node}${randomToken(16)}` as SessionId,
      state: 'in',
      info,
    }
    return cluster.rooms.enter(`room-${Math.floor(n / 4)}` as RoomId, new LocalMember(seat, owner), {})
  })
  await Promise.all([...entering, clock.advance(4_000)])
  expect([cluster.rooms.size, health]).toEqual([1_250, ['up']])
  resets = 0
  busy.costMs = 1
  busy.losses = 1
  // Every seat is put and every peer is claimed: five times as long as a lease.
  await clock.advance(2_000)
  for (const peer of peers.slice(-10)) {
    gone.add(peer)
    cluster.release(peer)
  }
  await clock.advance(18_000)
  expect([resets, health]).toEqual([1, ['up']])
  expect(shared.homes, 'peers with a home').toBe(4_990)
  busy.costMs = 0
  await Promise.all([cluster.close(), clock.advance(3_000)])
})
