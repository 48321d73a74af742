import type { IceServer } from '@patchbay/protocol'
import { expect, test } from 'vitest'
import { Connections } from '../src/mesh/connections.ts'
import { createStore } from '../src/store.ts'

test('a connection is made without ICE servers where the platform throws for those that are named', () => {
  const made: RTCConfiguration[] = []
  const createPeerConnection = (configuration: RTCConfiguration) => {
    if (configuration.iceServers?.length !== 0) throw new SyntaxError('Invalid ICE server URL')
    made.push(configuration)
    return {} as RTCPeerConnection
  }
  const iceServers = createStore<readonly IceServer[]>([{ urls: ['stuns:stun.example'] }])
  new Connections({ createPeerConnection, iceServers, relayOnly: true }).take()
  expect(made).toEqual([{ bundlePolicy: 'max-bundle', iceServers: [], iceTransportPolicy: 'relay' }])
})
