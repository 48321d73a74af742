import { createHmac } from 'node:crypto'
import type { PeerId } from '@patchbay/protocol'
import { expect, test } from 'vitest'
import { ConfigError, readConfig } from '../src/config.ts'
import { turnServerFor } from '../src/turn-credentials.ts'

const secret = 'a secret of some length'
const urls = ['turn:turn.example:3478?transport=udp', 'turns:turn.example:5349?transport=tcp']

test('credentials contain the peer and their expiry time, and are signed with the shared secret', () => {
  const { turn } = readConfig({ TURN_URLS: urls.join(', '), TURN_SECRET: secret, TURN_LIFETIME_SECONDS: '60' })
  if (turn === undefined) throw new Error('no TURN server')
  const peer = 'QWRhJ3MgcGVlciBpZCBoZX' as PeerId
  const server = turnServerFor(peer, turn, 1_763_980_740_000)
  expect(server).toEqual({
    urls,
    username: `1763980800:${peer}`,
    credential: createHmac('sha1', secret).update(`1763980800:${peer}`).digest('base64'),
  })
})

test('the server does not start with a TURN server without a secret, or a secret without a TURN server', () => {
  expect(() => readConfig({ TURN_URLS: urls[0] })).toThrow(new ConfigError('TURN_SECRET: must be set with TURN_URLS'))
  expect(() => readConfig({ TURN_SECRET: secret })).toThrow(new ConfigError('TURN_URLS: must be set with TURN_SECRET'))
})
