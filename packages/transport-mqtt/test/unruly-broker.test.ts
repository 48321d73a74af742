import { fileURLToPath } from 'node:url'
import type { Connection } from '@patchbay/core/transport'
import { startUnrulyBroker } from '@patchbay/fault-proxy'
import { findProgram, type Mosquitto, startMosquitto } from '@patchbay/test-servers'
import { testTransport } from '@patchbay/transport-conformance'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dialMqtt } from '../src/client.ts'
import { plug } from '../src/plug.ts'
import { listenMqttBroker } from '../src/server.ts'
import { Topics } from '../src/wire.ts'
import { intrude } from './support/intruder.ts'
import { WatchedClients } from './support/watched.ts'

const configuration = fileURLToPath(new URL('../mosquitto/', import.meta.url))
const topics = new Topics('patchbay')
/** As from AWS IoT Core, which may deliver twice, and Azure IoT Hub, which may deliver in another order. */
const unruly = { doubled: 0.3, delayMs: 60, subAckMs: 200 }

// Installed by `pnpm test`; skipped where the package manager does not have it.
describe.skipIf(findProgram('mosquitto') === undefined)('a broker that doubles, swaps and delays', () => {
  let mosquitto: Mosquitto
  beforeAll(async () => {
    mosquitto = await startMosquitto(configuration)
  })
  afterAll(() => mosquitto.stop())

  /** Both the client and the server reach the broker through a proxy that makes it unruly. */
  async function rig(how: Parameters<typeof startUnrulyBroker>[1], seed = 1) {
    const [near, far] = await Promise.all([
      startUnrulyBroker(mosquitto.tcpPort, how, seed),
      startUnrulyBroker(mosquitto.tcpPort, how, seed + 1),
    ])
    const listener = listenMqttBroker({ url: `mqtt://127.0.0.1:${far.port}`, broker: mosquitto.server })
    await listener.ready
    const clients = new WatchedClients()
    const options = { broker: mosquitto.page, connect: clients.connect }
    return {
      listener,
      dialer: dialMqtt({ ...options, url: `mqtt://127.0.0.1:${near.port}` }),
      nobody: dialMqtt({ ...options, url: 'mqtt://127.0.0.1:9' }),
      breakLine: () => near.reset(),
      freezeClient: () => clients.newest.stream.pause(),
      sendOversize(bytes: number) {
        const id = clients.newest.options.clientId ?? ''
        clients.newest.publish(topics.up(id, 'frame', clients.server), `0:${'x'.repeat(bytes)}`)
      },
      intrude: (line: string, text: string) =>
        intrude(
          `mqtt://127.0.0.1:${near.port}`,
          mosquitto.page,
          { line, clientId: clients.newest.options.clientId ?? '', server: clients.server },
          text,
        ),
      openHandles: () => clients.open,
      async dispose() {
        await listener.close()
        await Promise.all([near.close(), far.close()])
      },
    }
  }

  testTransport({ name: 'mqtt on an unruly broker', traits: plug.traits, rig: () => rig(unruly) })

  test.each(['server', 'client'] as const)(
    'a message that is lost for good ends the line within two seconds, at the end that misses it: the %s',
    async (end) => {
      const { listener, dialer, dispose } = await rig({ lost: 0.2, delayMs: 20 }, 7)
      const lost: string[] = []
      const speak = (line: Connection) => {
        for (let n = 0; n < 100; n += 1) line.send(`${n}`)
      }
      listener.listen((line) => {
        if (end === 'client') speak(line)
        return { frame: () => {}, close: (reason) => reason === 'lost' && lost.push('server') }
      })
      const open = async () => {
        const handlers = { frame: () => {}, close: (reason: string) => void (reason === 'lost' && lost.push('client')) }
        return dialer.dial(handlers, { signal: AbortSignal.timeout(10_000) }).catch(() => undefined)
      }
      const lines = await Promise.all(Array.from({ length: 5 }, open))
      const opened = lines.filter((line) => line !== undefined)
      expect(opened.length).toBeGreaterThan(0)
      if (end === 'server') opened.forEach(speak)
      await expect
        .poll(() => lost.filter((one) => one === end).length, { timeout: 2_000 })
        .toBeGreaterThanOrEqual(opened.length)
      await dispose()
    },
  )
})
