import { startFaultProxy } from '@patchbay/fault-proxy'
import { type RigClient, testRoomSignaling } from '@patchbay/signaling-conformance'
import { startMosquitto } from '@patchbay/test-servers'
import { fileURLToPath } from 'node:url'
import { MqttSignaling } from '../src/mqtt-signaling.ts'

for (const transport of ['TCP', 'WebSocket'] as const) {
  testRoomSignaling({
    name: `on the topics of Mosquitto, over ${transport}`,
    lostWithinMs: 3_000,
    async rig() {
      const broker = await startMosquitto(fileURLToPath(new URL('../mosquitto', import.meta.url)))
      const closers: (() => unknown)[] = [() => broker.stop()]
      return {
        async connect(): Promise<RigClient> {
          const network = await startFaultProxy(transport === 'TCP' ? broker.tcpPort : broker.webSocketPort)
          const scheme = transport === 'TCP' ? 'mqtt' : 'ws'
          const signaling = new MqttSignaling(`${scheme}://127.0.0.1:${network.port}`, broker.page)
          closers.unshift(
            () => signaling.close(),
            () => network.close(),
          )
          return {
            signaling,
            cut: () => network.reset(),
            crash() {
              network.refuse(true)
              network.reset()
            },
            close: () => signaling.close(),
          }
        },
        async dispose() {
          for (const close of closers) await close()
        },
      }
    },
  })
}
