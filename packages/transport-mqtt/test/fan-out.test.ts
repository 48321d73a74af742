import { type AddressInfo, connect, createServer } from 'node:net'
import { MqttClient } from 'mqtt'
import { expect, test } from 'vitest'
import { listenMqtt } from '../src/server.ts'

const next = (client: MqttClient, event: 'connect' | 'message') =>
  new Promise<void>((resolve) => client.once(event, () => resolve()))

test('sensors of one address that listen to each other are heard only so often, and those of another as ever', async () => {
  const listener = await listenMqtt({ allowOrigin: () => true, openPrefix: 'sensors' })
  const tcp = createServer((socket) => listener.handleSocket(socket))
  await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve))
  const { port } = tcp.address() as AddressInfo
  let heard = 0
  const join = async (clientId: string, localAddress: string) => {
    const client = new MqttClient(() => connect({ port, host: '127.0.0.1', localAddress }), {
      protocolVersion: 4,
      clientId,
      reconnectPeriod: 0,
    })
    client.on('message', (topic) => {
      if (topic === 'sensors/many') heard += 1
    })
    await next(client, 'connect')
    await client.subscribeAsync('sensors/many')
    return client
  }
  const many = await Promise.all(Array.from({ length: 50 }, (_, i) => join(`many ${i}`, '127.0.0.2')))
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
  const last = new Promise<void>((resolve) => {
    reader.on('message', (topic) => topic === 'sensors/other' && resolve())
  })
  other.publish('sensors/other', 'x')
  await last
  expect(heard).toBeGreaterThan(5_000)
  // Without a bound they are 50 × 15 × 52.
  expect(heard).toBeLessThanOrEqual(10_000 + 2 * (performance.now() - began))
  for (const client of [...many, reader, other]) client.end(true)
  await listener.close()
  await new Promise((resolve) => tcp.close(resolve))
})
