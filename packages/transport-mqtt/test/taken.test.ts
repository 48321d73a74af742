import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import type { AcceptedConnection } from '@patchbay/core/transport'
import mqtt from 'mqtt'
import { expect, test } from 'vitest'
import { listenMqtt } from '../src/server.ts'
import { MAX_WAITING, randomId, Topics } from '../src/wire.ts'

/** A client over TCP that speaks for itself. */
async function connectTo(listener: Awaited<ReturnType<typeof listenMqtt>>) {
  const tcp = createServer(listener.handleSocket)
  tcp.listen(0, '127.0.0.1')
  await once(tcp, 'listening')
  const id = randomId()
  const url = `mqtt://127.0.0.1:${(tcp.address() as AddressInfo).port}`
  const client = mqtt.connect(url, { clientId: id, protocolVersion: 4, keepalive: 5, reconnectPeriod: 0 })
  const end = async () => {
    client.end()
    tcp.close()
    await listener.close()
  }
  return { id, client, end }
}

test('a client that never reports `taken` is cut at 1 Mi unacknowledged code units', async () => {
  const topics = new Topics('patchbay')
  const listener = await listenMqtt({ allowOrigin: () => true })
  const closed: string[] = []
  const accepted = new Promise<AcceptedConnection>((resolve) => {
    listener.listen((connection) => {
      resolve(connection)
      return { frame: () => {}, close: (reason) => closed.push(reason) }
    })
  })
  const { id, client, end } = await connectTo(listener)
  const heard: string[] = []
  client.on('message', (topic) => heard.push(topic))
  await client.subscribeAsync(topics.down(id, '+'))
  await client.publishAsync(topics.up(id, 'open'), '')
  const line = await accepted
  const text = 'z'.repeat(32_768)
  const most = MAX_WAITING / text.length + 1
  // Slowly enough for the client to read everything: it is cut only because it never reports `taken`.
  for (let sent = 0; sent < 2 * most; sent += 1) {
    line.send(text)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  await expect.poll(() => heard.at(-1)).toBe(topics.down(id, 'gone'))
  expect(closed).toEqual(['lost'])
  expect(heard.filter((topic) => topic === topics.down(id, 'frame')).length).toBe(most)
  await end()
})

test('a client that asks for its line once more is granted it once more', async () => {
  const topics = new Topics('patchbay')
  const listener = await listenMqtt({ allowOrigin: () => true })
  const lines: AcceptedConnection[] = []
  listener.listen((connection) => {
    lines.push(connection)
    return { frame: () => {}, close: () => {} }
  })
  const { id, client, end } = await connectTo(listener)
  const granted: string[] = []
  client.on('message', (topic, payload) => topic === topics.down(id, 'open') && granted.push(payload.toString()))
  await client.subscribeAsync(topics.down(id, '+'))
  for (const times of [1, 2, 3]) {
    await client.publishAsync(topics.up(id, 'open'), '')
    await expect.poll(() => granted.length).toBe(times)
  }
  expect(new Set(granted).size, 'always the same').toBe(1)
  expect(lines, 'it is one line').toHaveLength(1)
  await end()
})
