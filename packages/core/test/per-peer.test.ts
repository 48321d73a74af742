import type { PeerId } from '@patchbay/protocol'
import { expect, test } from 'vitest'
import { PerPeer } from '../src/per-peer.ts'

const id = (n: number) => `peer ${n}` as PeerId

test('what is counted of a peer is kept for the thousand that were met last', () => {
  const counts = new PerPeer(() => ({ count: 0 }))
  for (let n = 0; n < 1_000; n += 1) counts.of(id(n)).count = n + 1
  counts.of(id(0))
  counts.of(id(1_000))
  expect(counts.of(id(0)).count).toBe(1)
  expect(counts.of(id(999)).count).toBe(1_000)
  expect(counts.of(id(1)).count, 'not met for the longest').toBe(0)
})
