import { Hub } from '@patchbay/core/hub'
import { dialMemory, MemoryAddress } from '@patchbay/transport-memory/client'
import { listenMemory } from '@patchbay/transport-memory/server'
import { expect, test } from 'vitest'
import { joinRoom } from '../src/index.ts'
import { nodeDataChannel } from '../src/node-datachannel.ts'

test('devices connect though the hub names ICE servers that libdatachannel cannot use', async () => {
  const login = { username: 'ada', credential: 'secret' }
  const iceServers = [
    { urls: ['turn:[2001:db8::1]:3478', 'turns:[2001:db8::1]:5349?transport=tcp'], ...login },
    { urls: ['stuns:127.0.0.1:5349', 'stun:127.0.0.1:9'] },
  ]
  const hub = new Hub({ iceServersFor: () => ({ iceServers }) })
  const address = new MemoryAddress()
  hub.serve(listenMemory(address))
  const rooms = ['Ada', 'Bob'].map((name) =>
    joinRoom({ lines: [dialMemory(address)], room: 'friday', name, rtc: nodeDataChannel }),
  )
  for (const { peers } of rooms)
    await expect.poll(() => peers.getSnapshot()[0]?.link.phase, { timeout: 10_000 }).toBe('connected')
  for (const room of rooms) room.leave()
})
