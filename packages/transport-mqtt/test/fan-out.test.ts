import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { type IClientOptions, MqttClient } from 'mqtt'
import { expect, test } from 'vitest'
import { type Dropped, listenMqtt } from '../src/server.ts'

const next = (client: MqttClient, event: 'connect' | 'message') =>
  new Promise<void>((resolve) => client.once(event, () => resolve()))

test('sensors of one address that listen to each other are heard only so often, their wills too, and those of another as ever', async () => {
  const dropped: Dropped[] = []
  const onDropped = (one: Dropped) => dropped.push(one)
  const listener = await listenMqtt({ allowOrigin: () => true, openPrefix: 'sensors', onDropped })
  const sockets: Socket[] = []
  const tcp = createServer((socket) => {
    sockets.push(socket)
    listener.handleSocket(socket)
  })
  await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve))
  const { port } = tcp.address() as AddressInfo
  let heard = 0
  const connectAs = async (clientId: string, localAddress: string, options: IClientOptions = {}) => {
    const client = new MqttClient(() => connect({ port, host: '127.0.0.1', localAddress }), {
      protocolVersion: 4,
      clientId,
      reconnectPeriod: 0,
      ...options,
    })
    await next(client, 'connect')
    return client
  }
  const join = async (clientId: string, localAddress: string) => {
    const client = await connectAs(clientId, localAddress)
    client.on('message', (topic) => {
      if (topic === 'sensors/many') heard += 1
    })
    await client.subscribeAsync('sensors/many')
    return client
  }
  const many = await Promise.all(Array.from({ length: 50 }, (_, i) => join(`many ${i}`, '127.0.0.2')))
  const before = sockets.length
  const will = { topic: 'sensors/many', payload: Buffer.from('gone'), qos: 0 as const, retain: false }
  const dying = await Promise.all(Array.from({ length: 40 }, (_, i) => connectAs(`dying ${i}`, '127.0.0.2', { will })))
  const gone = Promise.all(sockets.slice(before).map((socket) => once(socket, 'close')))
  const [reader, other] = [await join('reader', '127.0.0.3'), await join('other', '127.0.0.3')]
  await reader.subscribeAsync('sensors/other')
  const began = performance.now()
  const told = next(reader, 'message')
  await Promise.all(
    many.map(async (client) => {
      for (let i = 0; i < 15; i += 1) client.publish('sensors/many', 'x')
      // Granted after everything before it has been handed on.
      await client.subscribeAsync('sensors/end')
    }),
  )
  await told
  for (const client of dying) client.stream.destroy()
  await gone
  const last = new Promise<void>((resolve) => {
    reader.on('message', (topic) => topic === 'sensors/other' && resolve())
  })
  other.publish('sensors/other', 'x')
  await last
  expect(heard).toBeGreaterThan(5_000)
  // Without a bound they are 50 × 15 × 52, and 40 × 52 of the wills.
  expect(heard).toBeLessThanOrEqual(10_000 + 2 * (performance.now() - began))
  expect(dropped).toEqual([{ network: '127.0.0.2', messages: 1 }])
  for (const client of [...many, ...dying, reader, other]) client.end(true)
  await listener.close()
  await new Promise((resolve) => tcp.close(resolve))
})
