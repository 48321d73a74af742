import { derivePeerId } from '@patchbay/core/hub'
import { createPeerSecret, type PeerSecret } from '@patchbay/protocol'
import { expect, test } from 'vitest'
import { peerIdOf } from '../src/peer-id.ts'

test('a peer has the same id here as everywhere', () => {
  for (const secret of ['A'.repeat(43) as PeerSecret, ...Array.from({ length: 20 }, createPeerSecret)])
    expect(peerIdOf(secret)).toBe(derivePeerId(secret))
})
