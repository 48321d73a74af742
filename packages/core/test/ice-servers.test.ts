import { createInstanceId, createPeerSecret, type PeerId, type PeerSecret } from '@patchbay/protocol'
import { expect, test } from 'vitest'
import { SignalingClient } from '../src/client/index.ts'
import { Hub } from '../src/hub/index.ts'
import { createLinkedPair, type AcceptedConnection, type ConnectionHandlers } from '../src/transport/index.ts'
import { ManualClock } from './support/manual-clock.ts'

test('credentials are renewed before they expire, until the client is closed', async () => {
  const clock = new ManualClock()
  const grants: PeerId[] = []
  let accept: ((line: AcceptedConnection) => ConnectionHandlers) | undefined
  const hub = new Hub({
    peerIdOf: (secret: PeerSecret) => secret.slice(0, 22) as PeerId,
    clock,
    iceServersFor({ id }) {
      grants.push(id)
      return { iceServers: [{ urls: ['turn:a'], username: `${grants.length}` }], iceLifetimeMs: 60_000 }
    },
  })
  hub.serve({ name: 'test', listen: (onLine) => (accept = onLine), close: () => Promise.resolve() })
  const client = new SignalingClient({
    dialers: [
      {
        name: 'test',
        dial(near) {
          const pair = createLinkedPair('line', ({ far }) => {
            if (accept === undefined) throw new Error('no hub')
            return { near, far: accept({ ...far, remote: { address: 'test', origin: undefined } }) }
          })
          return Promise.resolve(pair.near)
        },
      },
    ],
    secret: createPeerSecret(),
    instance: createInstanceId(),
    clock,
  })
  const told = () => client.iceServers.getSnapshot().map(({ username }) => username)
  await clock.advance(1_000)
  expect(told()).toEqual(['1'])
  await clock.advance(46_000)
  expect(told()).toEqual(['1'])
  await clock.advance(2_000)
  expect(told()).toEqual(['2'])
  await clock.advance(48_000)
  expect(told()).toEqual(['3'])
  expect(new Set(grants)).toEqual(new Set([client.self]))
  client.close()
  await clock.advance(600_000)
  expect(grants).toHaveLength(3)
  expect(clock.pending).toBe(0)
})
