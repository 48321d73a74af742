import { once } from 'node:events'
import { connect as connectTcp, type Socket } from 'node:net'
import { randomBytes } from 'node:crypto'
import { freePort } from '@patchbay/test-servers'
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt'
import { beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { readConfig } from '../src/config.ts'
import { connectRawMqtt } from './support/raw-mqtt.ts'
import { Rig } from './support/rig.ts'
import { serverUnderFire } from './support/under-fire.ts'

let port: number
beforeAll(async () => {
  port = await freePort()
  environment.MQTT_PORT = String(port)
})
const environment: Record<string, string> = { MQTT_OPEN_PREFIX: 'sensors' }
const rig = serverUnderFire(environment)

/** The next event of a client. */
const next = (client: MqttClient, event: 'close' | 'connect' | 'error') =>
  new Promise<unknown>((resolve) => client.once(event, resolve))

const closeOf = (socket: Socket) => new Promise((resolve) => socket.once('close', resolve))

const lineId = () => randomBytes(16).toString('base64url')
const usual: IClientOptions = { protocolVersion: 4, clean: true, keepalive: 5, reconnectPeriod: 0 }

/** A client that the broker has admitted, and everything it receives. */
async function join(options: IClientOptions): Promise<{ client: MqttClient; heard: string[] }> {
  const client = mqtt.connect(`mqtt://127.0.0.1:${port}`, { ...usual, ...options })
  const heard: string[] = []
  client.on('message', (topic, payload) => heard.push(`${topic} ${payload.toString()}`))
  await next(client, 'connect')
  return { client, heard }
}

/** The CONNACK return code of a refused CONNECT. */
async function refusal(options: IClientOptions): Promise<unknown> {
  const client = mqtt.connect(`mqtt://127.0.0.1:${port}`, { ...usual, ...options })
  const error = (await next(client, 'error')) as { code?: unknown }
  client.end(true)
  return error.code
}

const subscribe = (client: MqttClient, topic: string) =>
  new Promise<string>((resolve) => {
    client.subscribe(topic, (error, granted) => resolve(error === null ? `granted ${granted?.[0]?.qos}` : 'denied'))
  })

/** An open line, and what its client receives. */
async function openLine(id = lineId(), answer = 'open') {
  const joined = await join({ clientId: id })
  expect(await subscribe(joined.client, `patchbay/down/${id}/+`)).toBe('granted 0')
  joined.client.publish(`patchbay/up/${id}/open`, '')
  await expect.poll(() => joined.heard).toEqual([`patchbay/down/${id}/${answer} `])
  return { id, ...joined }
}

describe('topics of other clients', () => {
  test('cannot be read', async () => {
    const victim = await openLine()
    const thief = await openLine()
    for (const topic of [
      '#',
      '+/+/+/+',
      'patchbay/#',
      `patchbay/down/${victim.id}/+`,
      `patchbay/up/${victim.id}/frame`,
      'patchbay/up/+/+',
      '$SYS/#',
      'sensors/#',
      '$share/g/patchbay/#',
      `patchbay/down/${thief.id}/#`,
    ])
      // prettier-ignore
      expect([topic, await subscribe(thief.client, topic)]).toEqual([topic, 'denied'])
    victim.client.publish(`patchbay/up/${victim.id}/frame`, '0:{"type":"nonsense"}')
    await expect.poll(() => victim.heard.join()).toContain('bad_message')
    expect(thief.heard).toHaveLength(1)
    for (const { client } of [victim, thief]) client.end()
  })

  test('cannot be written: a client that tries is disconnected, and nobody receives the message', async () => {
    const victim = await openLine()
    for (const topic of [
      `patchbay/up/${victim.id}/bye`,
      `patchbay/up/${victim.id}/frame`,
      `patchbay/down/${victim.id}/bye`,
      'patchbay/down/all/gone',
      'patchbay/up/x/frame',
      '$SYS/x/new/clients',
      'sensors/a',
    ]) {
      // prettier-ignore
      const thief = await openLine()
      const closed = next(thief.client, 'close')
      thief.client.publish(topic, '0:stolen')
      await closed
    }
    expect(victim.heard).toHaveLength(1)
    victim.client.end()
  })

  test('cannot be a last will, nor can a will be retained', async () => {
    const victim = await openLine()
    const id = lineId()
    const will = { payload: Buffer.from('x'), qos: 0 as const, retain: false }
    expect(await refusal({ clientId: id, will: { ...will, topic: `patchbay/up/${victim.id}/gone` } })).toBe(5)
    expect(await refusal({ clientId: id, will: { ...will, topic: `patchbay/down/${victim.id}/bye` } })).toBe(5)
    expect(await refusal({ clientId: id, will: { ...will, topic: `patchbay/up/${id}/gone`, retain: true } })).toBe(5)
    expect(await refusal({ clientId: id, will: { ...will, topic: `patchbay/up/${id}/gone`, qos: 2 } })).toBe(5)
    expect(victim.heard).toHaveLength(1)
    victim.client.end()
  })
})

describe('a forbidden CONNECT is answered with its return code', () => {
  test('a client id that is taken, without disturbing its owner', async () => {
    const owner = await openLine()
    const attempts = await Promise.all(Array.from({ length: 20 }, () => refusal({ clientId: owner.id })))
    expect(new Set(attempts)).toEqual(new Set([2]))
    expect(owner.client.connected).toBe(true)
    owner.client.end()
  })

  test('persistent sessions, no keep-alive, other versions', async () => {
    expect(await refusal({ clientId: lineId(), clean: false })).toBe(5)
    expect(await refusal({ clientId: lineId(), keepalive: 0 })).toBe(5)
    expect(await refusal({ clientId: lineId(), keepalive: 60_000 })).toBe(5)
    expect(await refusal({ clientId: lineId(), protocolVersion: 3, protocolId: 'MQIsdp' })).toBe(5)
    expect(await refusal({ clientId: lineId(), protocolVersion: 5 })).toBe(1)
  })

  test('ids named like members of a prototype are sensors like any other', async () => {
    for (const clientId of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
      const { client } = await join({ clientId })
      expect(await subscribe(client, `patchbay/down/${clientId}/+`)).toBe('denied')
      expect(await subscribe(client, 'sensors/#')).toBe('granted 0')
      client.end()
    }
  })
})

describe('a forbidden packet ends its own connection', () => {
  test.each([
    ['retained', { retain: true }],
    ['QoS 1', { qos: 1 as const }],
    ['QoS 2', { qos: 2 as const }],
  ])('%s', async (_, how) => {
    const line = await openLine()
    const closed = next(line.client, 'close')
    line.client.publish(`patchbay/up/${line.id}/frame`, '0:poison', how)
    await closed
    expect(line.heard, 'the server has heard nothing of it').toHaveLength(1)
    // An id is good for one line, and nothing was kept for the next client of that name.
    const after = await openLine(line.id, 'gone')
    expect(after.heard).toHaveLength(1)
    after.client.end()
  })

  test('a hundred megabytes before CONNECT, ten times at once, are never collected', async () => {
    const before = process.memoryUsage.rss()
    const header = Buffer.from([0x10, 0x80, 0xc2, 0xd7, 0x2f])
    const chunk = Buffer.alloc(65_536)
    await Promise.all(
      Array.from({ length: 10 }, async () => {
        const socket = connectTcp(port, '127.0.0.1')
        socket.on('error', () => {})
        // Byte by byte, so that the length never arrives in one piece.
        for (const byte of header) socket.write(Buffer.from([byte]))
        const pump = () => {
          while (!socket.destroyed && socket.write(chunk));
        }
        socket.on('drain', pump)
        pump()
        await closeOf(socket)
      }),
    )
    expect(process.memoryUsage.rss() - before).toBeLessThan(64 * 1024 * 1024)
  })

  test('a packet over 64 KiB after CONNECT, and a first packet that is not CONNECT', async () => {
    const line = await openLine()
    const closed = next(line.client, 'close')
    line.client.publish(`patchbay/up/${line.id}/frame`, `0:${'x'.repeat(100_000)}`)
    await closed
    const socket = connectTcp(port, '127.0.0.1')
    socket.on('error', () => {})
    socket.resume()
    socket.write(Buffer.from([0x30, 0x02, 0x00, 0x00]))
    await closeOf(socket)
  })

  test('a second line on one connection is not opened, and the connection ends', async () => {
    const line = await openLine()
    const closed = next(line.client, 'close')
    line.client.publish(`patchbay/up/${line.id}/bye`, '')
    for (let i = 0; i < 20; i += 1) line.client.publish(`patchbay/up/${line.id}/open`, '')
    await closed
    expect(line.heard).toEqual([`patchbay/down/${line.id}/open `])
  })

  test('a client that disconnects before it is admitted leaves nothing behind', async () => {
    for (let round = 0; round < 5; round += 1) {
      const id = lineId()
      const head = Buffer.from([0, 4, 77, 81, 84, 84, 4, 2, 0, 5, 0, id.length])
      const connect = Buffer.concat([Buffer.from([0x10, head.length + id.length]), head, Buffer.from(id)])
      const socket = connectTcp(port, '127.0.0.1')
      socket.on('error', () => {})
      socket.resume()
      // More at once than the broker queues for a client before authentication.
      socket.write(Buffer.concat([connect, ...Array.from({ length: 60 }, () => Buffer.from([0xc0, 0]))]))
      await closeOf(socket)
      const after = await openLine(id)
      after.client.end()
    }
  })

  test('of a thousand subscriptions one is kept', async () => {
    const line = await openLine()
    const answers = await Promise.all(
      Array.from({ length: 1_000 }, (_, i) => subscribe(line.client, `patchbay/down/${line.id}/x${i}`)),
    )
    expect(new Set(answers)).toEqual(new Set(['denied']))
    line.client.end()
  })

  test('frames out of order, and a `taken` count that is too high', async () => {
    for (const [kind, payload] of [
      ['frame', '7:x'],
      ['frame', 'x'],
      ['frame', '-1:x'],
      ['taken', '99'],
      ['taken', 'NaN'],
    ]) {
      // prettier-ignore
      const line = await openLine()
      line.client.publish(`patchbay/up/${line.id}/${kind}`, payload ?? '')
      await expect.poll(() => line.heard.at(-1)).toBe(`patchbay/down/${line.id}/gone `)
      line.client.end()
    }
  })
})

describe('sensors beside the lines', () => {
  test('receive each other’s messages and nothing of signaling', async () => {
    const [sensor, dashboard] = [await join({ clientId: 'sensor' }), await join({ clientId: 'dashboard' })]
    expect(await subscribe(dashboard.client, 'sensors/#')).toBe('granted 0')
    for (const topic of ['#', 'patchbay/#', '$SYS/#', 'sensors'])
      expect([topic, await subscribe(dashboard.client, topic)]).toEqual([topic, 'denied'])
    const line = await openLine()
    for (let i = 0; i < 50; i += 1) sensor.client.publish('sensors/kitchen', String(i))
    await expect.poll(() => dashboard.heard).toEqual(Array.from({ length: 50 }, (_, i) => `sensors/kitchen ${i}`))
    const closed = next(sensor.client, 'close')
    sensor.client.publish(`patchbay/up/${line.id}/bye`, '')
    await closed
    expect(line.heard).toHaveLength(1)
    for (const { client } of [dashboard, line]) client.end()
  })

  test('one that reads nothing is cut, and holds up neither the others nor the lines', async () => {
    const [frozen, reader] = await Promise.all(['frozen', 'reader'].map((clientId) => join({ clientId })))
    if (frozen === undefined || reader === undefined) throw new Error('nobody')
    for (const { client } of [frozen, reader]) expect(await subscribe(client, 'sensors/#')).toBe('granted 0')
    frozen.client.stream.pause()
    const text = 'x'.repeat(20_000)
    // As much as one client may send at once, from more and more of them.
    const [clients, each] = [60, 12]
    const total = clients * each
    for (let n = 1; n <= clients; n += 1) {
      const busy = await join({ clientId: `busy ${n}` })
      for (let i = 0; i < each; i += 1) busy.client.publish('sensors/kitchen', text)
      await expect.poll(() => reader.heard.length, { interval: 2 }).toBe(n * each)
      busy.client.end()
    }
    frozen.client.stream.resume()
    await next(frozen.client, 'close')
    expect(reader.heard).toHaveLength(total)
    reader.heard.length = 0
    reader.client.end()
  })

  test('one that publishes faster than it may is cut, and what it sent before arrives', async () => {
    const reader = await join({ clientId: 'reader' })
    expect(await subscribe(reader.client, 'sensors/#')).toBe('granted 0')
    const busy = await join({ clientId: 'busy' })
    const closed = next(busy.client, 'close')
    for (let i = 0; i < 100; i += 1) busy.client.publish('sensors/kitchen', 'x'.repeat(20_000))
    await closed
    expect(reader.heard.length).toBeGreaterThan(5)
    expect(reader.heard.length).toBeLessThan(20)
    reader.client.end()
  })

  test('may not use a topic that ends the connections of those who hear it, also as a will', async () => {
    const reader = await join({ clientId: 'reader' })
    expect(await subscribe(reader.client, 'sensors/#')).toBe('granted 0')
    for (const topic of ['sensors/\0x', 'sensors/\u0001', 'sensors/\uffff', 'sensors/1/2/3/4/5/6/7/8/9']) {
      const evil = await join({ clientId: 'evil' })
      const closed = next(evil.client, 'close')
      evil.client.publish(topic, 'x')
      await closed
    }
    for (const topic of ['sensors/#', 'sensors/+', 'sensors/\0x'])
      expect(
        await refusal({ clientId: 'evil', will: { topic, payload: Buffer.from('x'), qos: 0, retain: false } }),
      ).toBe(5)
    expect(reader.heard).toEqual([])
    reader.client.end()
  })

  test('may listen with three wildcards of a level, and to eight levels', async () => {
    const { client } = await join({ clientId: 'dashboard' })
    for (const topic of ['sensors/+/a/+/b/+/#', 'sensors/1/2/3/4/5/6/7/8'])
      expect([topic, await subscribe(client, topic)]).toEqual([topic, 'granted 0'])
    for (const topic of ['sensors/+/a/+/b/+/+', 'sensors/1/2/3/4/5/6/7/8/9', 'sensors/\u0001'])
      expect([topic, await subscribe(client, topic)]).toEqual([topic, 'denied'])
    client.end()
  })

  test('filters of any length are not kept', async () => {
    const { client } = await join({ clientId: 'long' })
    const closed = next(client, 'close')
    client.subscribe(`sensors/${'x'.repeat(30_000)}`)
    await closed
  })
})

describe('a connection that only costs', () => {
  test.each([
    ['PINGREQ', Buffer.from([0xc0, 0])],
    ['UNSUBSCRIBE', Buffer.from([0xa2, 8, 0, 1, 0, 4, ...Buffer.from('a/bc')])],
    ['PUBLISH before the line is open', Buffer.from([0x30, 6, 0, 3, ...Buffer.from('a/b'), 0x78])],
  ])('a flood of %s is cut', async (_, packet) => {
    const socket = await connectRawMqtt(port, lineId())
    const closed = closeOf(socket)
    for (let round = 0; round < 200 && !socket.destroyed; round += 1) {
      socket.write(Buffer.concat(Array<Buffer>(1_000).fill(packet)))
      await new Promise((resolve) => setImmediate(resolve))
    }
    await closed
  })

  /** The same over a WebSocket. */
  const connectWebSocket = async (id: string) => {
    const webSocket = new WebSocket(`ws://127.0.0.1:${rig().server.port}/mqtt`, 'mqtt')
    webSocket.on('error', () => {})
    await once(webSocket, 'open')
    const body = Buffer.from([0, 4, ...Buffer.from('MQTT'), 4, 2, 0, 120, 0, id.length, ...Buffer.from(id)])
    webSocket.send(Buffer.concat([Buffer.from([0x10, body.length]), body]))
    const [answer] = (await once(webSocket, 'message')) as [Buffer]
    expect([...answer]).toEqual([0x20, 2, 0, 0])
    return webSocket
  }

  test.each([
    ['empty messages', () => Buffer.alloc(0), {}],
    // The head of a PUBLISH of 60 000 bytes, and then its bytes.
    ['messages of one byte', (i: number) => Buffer.from([[0x30, 0xe0, 0xd4, 0x03][i] ?? 0x61]), {}],
    ['empty fragments', () => Buffer.alloc(0), { fin: false }],
  ])('a WebSocket of an open topic with two thousand %s is cut', async (_, message, options) => {
    const webSocket = await connectWebSocket('sensor')
    const closed = once(webSocket, 'close')
    for (let i = 0; i < 2_000; i += 1) webSocket.send(message(i), options)
    // Answered last, if anything is.
    webSocket.ping()
    const answered = once(webSocket, 'pong').then(() => 'answered')
    expect(await Promise.race([closed.then(() => 'cut'), answered])).toBe('cut')
  })

  test('a client whose line is over for good is gone after 5 s', async () => {
    const line = await openLine()
    const closed = next(line.client, 'close')
    line.client.publish(`patchbay/up/${line.id}/bye`, '')
    await closed
    const again = await openLine(line.id, 'gone')
    const began = performance.now()
    await next(again.client, 'close')
    expect(performance.now() - began).toBeLessThan(8_000)
  })
})

test('without an open prefix only lines are admitted', async () => {
  const closed = await Rig.start({ MQTT_PORT: '0' })
  const client = mqtt.connect(`ws://127.0.0.1:${closed.server.port}/mqtt`, { ...usual, clientId: 'sensor' })
  const error = (await next(client, 'error')) as { code?: unknown }
  expect(error.code).toBe(2)
  await closed.close()
})

test.each([
  [{ MQTT_URL: 'mqtt://[' }, 'MQTT_URL: must be an mqtt'],
  [{ PORT: '4100', MQTT_PORT: '4100' }, 'MQTT_PORT: must be another port than PORT, which is 4100 too'],
  [{ METRICS_PORT: '4100', MQTT_PORT: '4100' }, 'MQTT_PORT: must be another port than METRICS_PORT, which is 4100 too'],
])('the server refuses %j, and names what is wrong', async (set, sentence) => {
  await expect(readConfig(set)).rejects.toThrow(sentence)
})
