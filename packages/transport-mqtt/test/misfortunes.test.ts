import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { type Connection, DialError } from '@patchbay/core/transport'
import { findProgram, startMosquitto } from '@patchbay/test-servers'
import mqtt from 'mqtt'
import { describe, expect, test } from 'vitest'
import { dialMqtt } from '../src/client.ts'
import { listenMqtt, listenMqttBroker } from '../src/server.ts'
import { MAX_FRAME_BYTES, MAX_PREFIX, randomId, Topics } from '../src/wire.ts'
import { WatchedClients } from './support/watched.ts'

const configuration = fileURLToPath(new URL('../mosquitto/', import.meta.url))
const nobody = { frame: () => {}, close: () => {} }
const signal = () => AbortSignal.timeout(5_000)

/** A Mosquitto, and a server that is ready on it. */
async function serve() {
  const mosquitto = await startMosquitto(configuration)
  const url = `mqtt://127.0.0.1:${mosquitto.tcpPort}`
  const listener = listenMqttBroker({ url, broker: mosquitto.server })
  await listener.ready
  return { mosquitto, url, listener }
}

// Installed by `pnpm test`; skipped where the package manager does not have it.
describe.skipIf(findProgram('mosquitto') === undefined)('a server on Mosquitto', () => {
  test('is closed soon though the broker is frozen', async () => {
    const { mosquitto, listener } = await serve()
    mosquitto.freeze(true)
    const from = performance.now()
    await listener.close()
    expect(performance.now() - from).toBeLessThan(4_000)
    mosquitto.freeze(false)
    await mosquitto.stop()
  })

  test('leaves nothing open at a client that has closed its line though the broker is frozen', async () => {
    const { mosquitto, url, listener } = await serve()
    listener.listen(() => nobody)
    const clients = new WatchedClients()
    const dialer = dialMqtt({ url, broker: mosquitto.page, connect: clients.connect })
    const line = await dialer.dial(nobody, { signal: signal() })
    mosquitto.freeze(true)
    line.close()
    await expect.poll(() => clients.open, { timeout: 4_000 }).toBe(0)
    await listener.close()
    mosquitto.freeze(false)
    await mosquitto.stop()
  })

  test('ends a line that floods it with what is not a frame, and no other', async () => {
    const { mosquitto, url, listener } = await serve()
    const ends: string[] = []
    listener.listen((line) => ({ frame: (text) => line.send(text), close: (reason) => ends.push(reason) }))
    const clients = new WatchedClients()
    const heard: string[] = []
    const dialer = dialMqtt({ url, broker: mosquitto.page })
    const bystander = await dialer.dial({ frame: (text) => heard.push(text), close: () => {} }, { signal: signal() })
    const flooding = dialMqtt({ url, broker: mosquitto.page, connect: clients.connect })
    await flooding.dial(nobody, { signal: signal() })
    const { newest, server } = clients
    const topic = new Topics('patchbay').up(newest.options.clientId ?? '', 'taken', server)
    for (let n = 0; n < 2_000; n += 1) newest.publish(topic, '0')
    await expect.poll(() => ends).toEqual(['lost'])
    bystander.send('still here')
    await expect.poll(() => heard).toEqual(['still here'])
    await listener.close()
    await mosquitto.stop()
  })

  test('tells a thousand strangers at once that it does not know their lines, and a hundred more a second', async () => {
    const { mosquitto, url, listener } = await serve()
    listener.listen(() => nobody)
    const clients = new WatchedClients()
    const from = performance.now()
    await dialMqtt({ url, broker: mosquitto.page, connect: clients.connect }).dial(nobody, { signal: signal() })
    const topics = new Topics('patchbay')
    const clientId = randomId()
    const stranger = await mqtt.connectAsync(url, { ...mosquitto.page, clientId, protocolVersion: 4 })
    const heard: string[] = []
    stranger.on('message', (topic) => heard.push(topic))
    await stranger.subscribeAsync(topics.down(clientId, '+'))
    for (let n = 0; n < 2_000; n += 1) stranger.publish(topics.up(clientId, 'frame', clients.server), `${n}:`)
    // The answer to this one comes after all others.
    stranger.publish(topics.up(clientId, 'open'), '')
    await expect.poll(() => heard.at(-1), { timeout: 5_000 }).toBe(topics.down(clientId, 'open'))
    const told = heard.filter((topic) => topic === topics.down(clientId, 'gone')).length
    expect(told).toBeGreaterThanOrEqual(1_000)
    expect(told).toBeLessThanOrEqual(1_000 + 0.1 * (performance.now() - from))
    await stranger.endAsync(true)
    await listener.close()
    await mosquitto.stop()
  })
})

test('the largest frame passes under the longest prefix, both ways; a longer one is refused', async () => {
  const prefix = 'p'.repeat(MAX_PREFIX)
  const listener = await listenMqtt({ prefix, allowOrigin: () => true })
  const heard: string[] = []
  let far: Connection | undefined
  listener.listen((line) => {
    far = line
    return { frame: (text) => heard.push(`up ${text.length}`), close: (reason) => heard.push(reason) }
  })
  const tcp = createServer(listener.handleSocket).listen(0, '127.0.0.1')
  await once(tcp, 'listening')
  const url = `mqtt://127.0.0.1:${(tcp.address() as AddressInfo).port}`
  const handlers = { frame: (text: string) => heard.push(`down ${text.length}`), close: () => {} }
  const line = await dialMqtt({ url, prefix }).dial(handlers, { signal: signal() })
  line.send('x'.repeat(MAX_FRAME_BYTES))
  await expect.poll(() => heard).toEqual([`up ${MAX_FRAME_BYTES}`])
  far?.send('x'.repeat(MAX_FRAME_BYTES))
  await expect.poll(() => heard).toEqual([`up ${MAX_FRAME_BYTES}`, `down ${MAX_FRAME_BYTES}`])
  line.close()
  tcp.close()
  await listener.close()
  await expect(listenMqtt({ prefix: `${prefix}p`, allowOrigin: () => true })).rejects.toThrow(RangeError)
  expect(() => new Topics('störung')).toThrow('The topic prefix must be')
})

test.each(['nonsense', 'mqtt://['])('a dial of %s says that it is no URL', async (url) => {
  const dialing = dialMqtt({ url, connect: mqtt.connect }).dial(nobody, { signal: signal() })
  await expect(dialing).rejects.toMatchObject({ failure: 'unusable', message: `"${url}" is not a URL.` })
  await expect(dialing).rejects.toBeInstanceOf(DialError)
})
