import { startFaultProxy } from '@patchbay/fault-proxy'
import { findProgram } from '@patchbay/test-servers'
import type { Connection } from '@patchbay/core/transport'
import { testTransport } from '@patchbay/transport-conformance'
import { afterAll, beforeAll, describe } from 'vitest'
import { Agent } from '../src/agent.ts'
import { dialSip } from '../src/client.ts'
import { plug } from '../src/plug.ts'
import { listenSip } from '../src/server.ts'
import { randomToken } from '@patchbay/protocol'
import { WebSocket } from 'ws'
import { type Kamailio, startKamailio } from './support/kamailio.ts'
import { WatchedSockets } from './support/watched-sockets.ts'

// Installed by `pnpm test`; skipped where the package manager does not have it.
describe.skipIf(findProgram('kamailio') === undefined)('Kamailio', () => {
  let kamailio: Kamailio
  beforeAll(async () => {
    kamailio = await startKamailio()
  })
  afterAll(() => kamailio.stop())

  testTransport({
    name: 'sip through Kamailio',
    traits: plug.traits,
    async rig() {
      const listener = listenSip({ ...kamailio.server, url: `ws://127.0.0.1:${kamailio.port}`, WebSocket })
      await listener.ready
      const proxy = await startFaultProxy(kamailio.port)
      const sockets = new WatchedSockets()
      const account = { ...kamailio.page, server: kamailio.server.uri, WebSocket: sockets.WebSocket }
      const dialer = dialSip({ ...account, url: `ws://127.0.0.1:${proxy.port}` })
      let newest: Connection | undefined
      return {
        listener,
        dialer: {
          name: dialer.name,
          dial: async (handlers, how) => (newest = await dialer.dial(handlers, how)),
        },
        nobody: dialSip({ ...account, url: 'ws://127.0.0.1:9' }),
        breakLine: () => proxy.reset(),
        freezeClient: () => sockets.newest.pause(),
        sendOversize: (bytes) => newest?.send('x'.repeat(bytes)),
        async intrude(line, text) {
          const handlers = { disconnected: () => {}, arrived: () => {} }
          const url = `ws://127.0.0.1:${kamailio.port}`
          let stranger: Agent | undefined
          await new Promise<void>((resolve, reject) => {
            stranger = new Agent(
              { ...kamailio.page, url, WebSocket },
              { ...handlers, registered: () => resolve(), refused: reject },
            )
          })
          // To the server, and to every client: the account is the same for all.
          for (const uri of [kamailio.server.uri, kamailio.page.uri])
            for (const k of [line, randomToken(43)])
              for (const content of [{ f: [text] }, { b: true }, { g: true }])
                await stranger?.send(uri, JSON.stringify({ k, ...content })).catch(() => {})
          stranger?.stop(true)
        },
        openHandles: () => sockets.open,
        async dispose() {
          await listener.close()
          await proxy.close()
        },
      }
    },
  })
})
