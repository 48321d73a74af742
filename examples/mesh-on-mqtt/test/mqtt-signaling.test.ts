import { startFaultProxy } from '@patchbay/fault-proxy'
import { type RigClient, testRoomSignaling } from '@patchbay/signaling-conformance'
import { startMosquitto } from '@patchbay/test-servers'
import { connectAsync } from 'mqtt'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
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

test('letters that are none are passed over', async () => {
  const broker = await startMosquitto(fileURLToPath(new URL('../mosquitto', import.meta.url)))
  const url = `mqtt://127.0.0.1:${broker.tcpPort}`
  const [ada, bob] = [new MqttSignaling(url, broker.page), new MqttSignaling(url, broker.page)]
  const heard: unknown[] = []
  ada.enter({ room: 'friday', name: 'Ada' }).onEvent((event) => event.type === 'signal' && heard.push(event.signal))
  const membership = bob.enter({ room: 'friday', name: 'Bob' })
  const isThere = () => {
    const state = membership.getSnapshot()
    return state.status === 'joined' && state.peers.some(({ id }) => id === ada.self)
  }
  await expect.poll(isThere, { timeout: 5_000 }).toBe(true)
  const signal = { type: 'offer', body: 'from Bob' } as const
  const letters: unknown[] = [null, 5, [], 'x', {}, { n: 1 }, { from: bob.self }, { from: bob.self, n: Number.NaN }]
  for (const odd of [null, 5, {}, { type: 'offer' }, { type: 'dance', body: 'x' }])
    letters.push({ from: bob.self, n: letters.length, signal: odd })
  const forger = await connectAsync(url, broker.page)
  for (const letter of letters)
    await forger.publishAsync(`mesh/friday/to/${ada.self}`, JSON.stringify(letter), { qos: 1 })
  membership.send(ada.self, signal)
  await expect.poll(() => heard, { timeout: 5_000 }).toEqual([signal])
  await forger.endAsync()
  for (const one of [ada, bob]) one.close()
  await broker.stop()
})
