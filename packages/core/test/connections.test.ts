import type { IceServer } from '@patchbay/protocol'
import { expect, test } from 'vitest'
import { Connections } from '../src/mesh/connections.ts'
import { createStore } from '../src/store.ts'

test('a connection is made with those ICE servers for which the platform does not throw', () => {
  const made: RTCConfiguration[] = []
  let closed = 0
  const createPeerConnection = (configuration: RTCConfiguration) => {
    const urls = configuration.iceServers?.flatMap((server) => server.urls) ?? []
    if (urls.some((url) => url.startsWith('stuns:'))) throw new SyntaxError('Invalid ICE server URL')
    made.push(configuration)
    return { close: () => (closed += 1) } as unknown as RTCPeerConnection
  }
  const turn = { username: 'ada', credential: 'secret' }
  const iceServers = createStore<readonly IceServer[]>([
    { urls: ['stuns:stun.example'] },
    { urls: ['stuns:turn.example', 'turn:turn.example'], ...turn },
  ])
  new Connections({ createPeerConnection, iceServers, relayOnly: true }).take()
  expect(made.at(-1)).toEqual({
    bundlePolicy: 'max-bundle',
    iceServers: [{ urls: 'turn:turn.example', ...turn }],
    iceTransportPolicy: 'relay',
  })
  expect(closed, 'what was only tried').toBe(made.length - 1)
})
