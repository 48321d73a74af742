import { createHmac } from 'node:crypto'
import type { PeerId } from '@patchbay/protocol'
import { expect, test } from 'vitest'
import { turnServerFor } from '../src/turn-credentials.ts'

test('credentials contain the peer and their expiry time, and are signed with the shared secret', () => {
  const secret = 'a secret of some length'
  const urls = ['turn:turn.example:3478?transport=udp', 'turns:turn.example:5349?transport=tcp']
  const peer = 'QWRhJ3MgcGVlciBpZCBoZX' as PeerId
  expect(turnServerFor(peer, { urls, secret, lifetimeMs: 60_000 }, 1_763_980_740_000)).toEqual({
    urls,
    username: `1763980800:${peer}`,
    credential: createHmac('sha1', secret).update(`1763980800:${peer}`).digest('base64'),
  })
})
