import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { startFaultProxy } from '@patchbay/fault-proxy'
import { expect, test } from 'vitest'
import { testTransport } from '@patchbay/transport-conformance'
import { dialMqtt } from '../src/client.ts'
import { plug } from '../src/plug.ts'
import { listenMqtt } from '../src/server.ts'
import { Topics } from '../src/wire.ts'
import { intrude } from './support/intruder.ts'
import { WatchedClients } from './support/watched.ts'

const topics = new Topics('patchbay')

for (const scheme of ['mqtt', 'ws'] as const) {
  testTransport({
    name: `mqtt on aedes, ${scheme === 'mqtt' ? 'TCP' : 'WebSocket'}`,
    traits: plug.traits,
    async rig() {
      const listener = await listenMqtt({ allowOrigin: () => true })
      const server = scheme === 'mqtt' ? createTcpServer() : createHttpServer()
      server.on('connection', (socket) => scheme === 'mqtt' && listener.handleSocket(socket))
      server.on('upgrade', listener.handleUpgrade)
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const proxy = await startFaultProxy((server.address() as AddressInfo).port)
      const clients = new WatchedClients()
      const { connect } = clients
      return {
        listener,
        dialer: dialMqtt({ url: `${scheme}://127.0.0.1:${proxy.port}/mqtt`, connect }),
        nobody: dialMqtt({ url: `${scheme}://127.0.0.1:9/mqtt`, connect }),
        breakLine: () => proxy.reset(),
        freezeClient: () => clients.newest.stream.pause(),
        sendOversize(bytes) {
          const id = clients.newest.options.clientId ?? ''
          clients.newest.publish(topics.up(id, 'frame'), `0:${'x'.repeat(bytes)}`)
        },
        intrude: (line, text) =>
          intrude(
            `${scheme}://127.0.0.1:${proxy.port}/mqtt`,
            {},
            { line, clientId: clients.newest.options.clientId ?? '', server: '' },
            text,
          ),
        openHandles: () => clients.open,
        async dispose() {
          await listener.close()
          await proxy.close()
          await new Promise((resolve) => server.close(resolve))
        },
      }
    },
  })
}

test('where connections may send more at once than the default, so may their lines', async () => {
  const rate = { packets: { perSecond: 10, burst: 2_000 }, bytes: { perSecond: 1_000_000, burst: 1_000_000 } }
  const listener = await listenMqtt({ allowOrigin: () => true, rate })
  let count = 0
  const closes: string[] = []
  listener.listen(() => ({ frame: () => void (count += 1), close: (reason) => void closes.push(reason) }))
  const server = createTcpServer((socket) => listener.handleSocket(socket))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const dialer = dialMqtt({ url: `mqtt://127.0.0.1:${port}` })
  const line = await dialer.dial({ frame() {}, close() {} }, { signal: AbortSignal.timeout(5_000) })
  for (let n = 0; n < 1_500; n += 1) line.send('x')
  line.close()
  await expect.poll(() => [count, closes], { timeout: 5_000 }).toEqual([1_500, ['remote']])
  await listener.close()
  await new Promise((resolve) => server.close(resolve))
})
