import { Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { startFaultProxy } from '@patchbay/fault-proxy'
import { findProgram, type Mosquitto, startMosquitto } from '@patchbay/test-servers'
import { testTransport } from '@patchbay/transport-conformance'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { dialMqtt } from '../src/client.ts'
import { plug } from '../src/plug.ts'
import { listenMqttBroker } from '../src/server.ts'
import { Topics } from '../src/wire.ts'
import { intrude } from './support/intruder.ts'
import { WatchedClients } from './support/watched.ts'

const configuration = fileURLToPath(new URL('../mosquitto/', import.meta.url))
const topics = new Topics('patchbay')

// Installed by `pnpm test`; skipped where the package manager does not have it.
describe.skipIf(findProgram('mosquitto') === undefined)('Mosquitto', () => {
  let mosquitto: Mosquitto
  beforeAll(async () => {
    mosquitto = await startMosquitto(configuration)
  })
  afterAll(() => mosquitto.stop())

  for (const scheme of ['mqtt', 'ws'] as const) {
    testTransport({
      name: `mqtt on Mosquitto, ${scheme === 'mqtt' ? 'TCP' : 'WebSocket'}`,
      traits: plug.traits,
      async rig() {
        const listener = listenMqttBroker({ url: `mqtt://127.0.0.1:${mosquitto.tcpPort}`, broker: mosquitto.server })
        await listener.ready
        const proxy = await startFaultProxy(scheme === 'mqtt' ? mosquitto.tcpPort : mosquitto.webSocketPort)
        const clients = new WatchedClients()
        const options = { broker: mosquitto.page, connect: clients.connect }
        return {
          listener,
          dialer: dialMqtt({ ...options, url: `${scheme}://127.0.0.1:${proxy.port}` }),
          nobody: dialMqtt({ ...options, url: `${scheme}://127.0.0.1:9` }),
          breakLine: () => proxy.reset(),
          freezeClient: () => clients.newest.stream.pause(),
          sendOversize(bytes) {
            const id = clients.newest.options.clientId ?? ''
            clients.newest.publish(topics.up(id, 'frame', clients.server), `0:${'x'.repeat(bytes)}`)
          },
          intrude: (line, text) =>
            intrude(
              `${scheme}://127.0.0.1:${proxy.port}`,
              mosquitto.page,
              { line, clientId: clients.newest.options.clientId ?? '', server: clients.server },
              text,
            ),
          openHandles: () => clients.open,
          async dispose() {
            await listener.close()
            await proxy.close()
          },
        }
      },
    })
  }

  test('has no small packet wait for the other end, on either side of the broker', async () => {
    const setNoDelay = vi.spyOn(Socket.prototype, 'setNoDelay')
    const url = `mqtt://127.0.0.1:${mosquitto.tcpPort}`
    const listener = listenMqttBroker({ url, broker: mosquitto.server })
    listener.listen(() => ({ frame() {}, close() {} }))
    await listener.ready
    const { signal } = new AbortController()
    const line = await dialMqtt({ url, broker: mosquitto.page }).dial({ frame() {}, close() {} }, { signal })
    const ports = setNoDelay.mock.contexts.map((socket) => (socket as Socket).remotePort)
    expect(ports).toEqual([mosquitto.tcpPort, mosquitto.tcpPort])
    line.close()
    await listener.close()
    setNoDelay.mockRestore()
  })
})
