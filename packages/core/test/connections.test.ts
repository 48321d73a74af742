import type { IceServer } from '@patchbay/protocol'
import { expect, test } from 'vitest'
import { Connections } from '../src/mesh/connections.ts'
import { createStore } from '../src/store.ts'

const turn = { username: 'ada', credential: 'secret' }
const named = (): IceServer[] => [
  { urls: ['stuns:stun.example'] },
  { urls: ['stuns:turn.example', 'turn:turn.example'], ...turn },
]
const usable = {
  bundlePolicy: 'max-bundle',
  iceServers: [{ urls: 'turn:turn.example', ...turn }],
  iceTransportPolicy: 'relay',
}

/** A platform that throws for `stuns:`, and what was made and set on it. */
function platform(canSet = true) {
  const [made, set]: [RTCConfiguration[], RTCConfiguration[]] = [[], []]
  let closed = 0
  const check = (configuration: RTCConfiguration) => {
    const urls = configuration.iceServers?.flatMap((server) => server.urls) ?? []
    if (urls.some((url) => url.startsWith('stuns:'))) throw new SyntaxError('Invalid ICE server URL')
    return configuration
  }
  const createPeerConnection = (configuration: RTCConfiguration) => {
    made.push(check(configuration))
    return {
      close: () => (closed += 1),
      setConfiguration: (next: RTCConfiguration) => {
        if (!canSet) throw new TypeError('Not a function')
        set.push(check(next))
      },
    } as unknown as RTCPeerConnection
  }
  return { made, set, closed: () => closed, createPeerConnection }
}

test('a connection is made with those ICE servers for which the platform does not throw, found out once', () => {
  const { made, closed, createPeerConnection } = platform()
  const iceServers = createStore<readonly IceServer[]>(named())
  const connections = new Connections({ createPeerConnection, iceServers, relayOnly: true })
  connections.take()
  expect(made.at(-1)).toEqual(usable)
  expect(closed(), 'what was only tried').toBe(made.length - 1)
  const before = made.length
  connections.take()
  expect(made.slice(before)).toEqual([usable])
})

test('a connection gets renewed credentials of those servers that the platform can use', () => {
  const { set, createPeerConnection } = platform()
  const iceServers = createStore<readonly IceServer[]>(named())
  const connections = new Connections({ createPeerConnection, iceServers, relayOnly: true })
  const pc = connections.take()
  iceServers.set(named())
  expect(connections.configure(pc)).toBe(true)
  expect(set).toEqual([usable])
})

test('a platform that changes no connection is asked once whether it can use the servers', () => {
  const { made, createPeerConnection } = platform(false)
  const iceServers = createStore<readonly IceServer[]>([
    { urls: ['turn:a.example'], ...turn },
    { urls: ['stun:b.example'] },
  ])
  const connections = new Connections({ createPeerConnection, iceServers, relayOnly: false })
  const pc = connections.take()
  const before = made.length
  expect([connections.configure(pc), connections.configure(pc)]).toEqual([false, false])
  expect(made).toHaveLength(before + 1)
})
