import { expect, onTestFinished, test } from 'vitest'
import { dialMqtt } from '../src/client.ts'
import { publishPacket } from '../src/publish-packet.ts'
import { listenMqttBroker } from '../src/server.ts'
import { randomId, Topics } from '../src/wire.ts'
import { connAck, startStubBroker, subAck } from './support/stub-broker.ts'

test('a server whose login the broker refuses once tries again', async () => {
  const broker = await startStubBroker(({ kind, packet, connection }, socket) => {
    if (kind === 'connect') socket.write(connAck(connection === 0 ? 3 : 0))
    if (kind === 'subscribe') socket.write(subAck(packet, 3))
  })
  onTestFinished(() => broker.stop())
  const errors: string[] = []
  const listener = listenMqttBroker({ url: broker.url, onError: ({ message }) => errors.push(message) })
  await listener.ready
  expect(errors).toEqual(['Connection refused: Server unavailable'])
  await listener.close()
})

test('a server whose topics the broker denies once asks for them again', async () => {
  let asked = 0
  const broker = await startStubBroker(({ kind, packet }, socket) => {
    if (kind === 'connect') socket.write(connAck(0))
    if (kind !== 'subscribe') return
    socket.write(subAck(packet, 3, (asked += 1) === 1 ? 0x80 : 0))
  })
  onTestFinished(() => broker.stop())
  const errors: string[] = []
  const listener = listenMqttBroker({ url: broker.url, onError: ({ message }) => errors.push(message) })
  await listener.ready
  expect(asked).toBe(2)
  expect(errors).toEqual([expect.stringContaining('The broker denies "')])
  await listener.close()
})

test.each([
  ['CONNACK', 'connect'],
  ['SUBACK', 'subscribe'],
] as const)('a server is closed soon, and leaves nothing open, though the broker owes it the %s', async (_, owed) => {
  let ask = () => {}
  const asked = new Promise<void>((resolve) => {
    ask = resolve
  })
  const broker = await startStubBroker(({ kind }, socket) => {
    if (kind === owed) ask()
    else if (kind === 'connect') socket.write(connAck(0))
  })
  onTestFinished(() => broker.stop())
  const errors: Error[] = []
  const listener = listenMqttBroker({ url: broker.url, onError: (error) => errors.push(error) })
  await asked
  const from = performance.now()
  await listener.close()
  expect(performance.now() - from).toBeLessThan(4_000)
  await expect.poll(broker.open).toBe(0)
  expect(errors).toEqual([])
})

test('servers share lines by the same secret name, be the password in the URL or in the options', async () => {
  const groups: (string | undefined)[] = []
  const broker = await startStubBroker(({ kind, packet }, socket) => {
    if (kind === 'connect') socket.write(connAck(0))
    if (kind !== 'subscribe') return
    groups.push(/\$share\/(?<group>[\w-]+)\//.exec(packet.toString('latin1'))?.groups?.['group'])
    socket.write(subAck(packet, 3))
  })
  onTestFinished(() => broker.stop())
  const login = { username: 'server', password: 's@cret' }
  for (const options of [
    { url: broker.url.replace('//', '//server:s%40cret@') },
    { url: broker.url, broker: login },
    { url: broker.url.replace('//', '//server:s%40cret@'), broker: { username: 'server' } },
  ]) {
    const listener = listenMqttBroker(options)
    await listener.ready
    await listener.close()
  }
  expect(groups).toHaveLength(3)
  expect(new Set(groups).size).toBe(1)
  expect(groups).not.toContain('servers')
})

test('a dial that one server refuses and another grants at once is rejected, and its line says nothing', async () => {
  const topics = new Topics('patchbay')
  const broker = await startStubBroker(({ kind, packet }, socket) => {
    if (kind === 'connect') socket.write(connAck(0))
    if (kind !== 'subscribe') return
    const line = /down\/(?<line>[\w-]{22})\//.exec(packet.toString('latin1'))?.groups?.['line'] ?? ''
    const answers = [subAck(packet, 2)]
    for (const answer of ['gone', 'open'] as const)
      answers.push(Buffer.from(publishPacket(topics.down(line, answer), randomId()) as string, 'latin1'))
    socket.write(Buffer.concat(answers))
  })
  onTestFinished(() => broker.stop())
  const ends: string[] = []
  const handlers = { frame: () => {}, close: (reason: string) => ends.push(reason) }
  const dialing = dialMqtt({ url: broker.url }).dial(handlers, { signal: AbortSignal.timeout(5_000) })
  await expect(dialing).rejects.toMatchObject({ failure: 'refused' })
  await expect(dialing).rejects.toThrow(/^No MQTT line at 127.0.0.1:\d+: The server does not know this line\.$/)
  await expect.poll(broker.open).toBe(0)
  expect(ends).toEqual([])
})

test.each([
  ['login', 'Not authorized', 'connect', () => connAck(5)],
  ['topics', 'The broker denies the topics of the line.', 'subscribe', (packet: Buffer) => subAck(packet, 2, 0x80)],
] as const)('a dial whose %s the broker refuses says so', async (_, words, refused, refusal) => {
  const broker = await startStubBroker(({ kind, packet }, socket) => {
    if (kind === refused) socket.write(refusal(packet))
    else if (kind === 'connect') socket.write(connAck(0))
  })
  onTestFinished(() => broker.stop())
  const handlers = { frame: () => {}, close: () => {} }
  const dialing = dialMqtt({ url: broker.url }).dial(handlers, { signal: AbortSignal.timeout(5_000) })
  await expect(dialing).rejects.toMatchObject({ name: 'DialError', failure: 'refused' })
  await expect(dialing).rejects.toThrow(words)
})

test('a dial whose settings the package does not take says that it is of no use', async () => {
  const handlers = { frame: () => {}, close: () => {} }
  const dialing = dialMqtt({ url: 'mqtts://127.0.0.1:9', broker: { cert: 'a certificate without its key' } })
  await expect(dialing.dial(handlers, { signal: AbortSignal.timeout(5_000) })).rejects.toMatchObject({
    name: 'DialError',
    failure: 'unusable',
  })
})
