import { once } from 'node:events'
import { randomBytes } from 'node:crypto'
import { plugs } from '@patchbay/lines'
import { freePort } from '@patchbay/test-servers'
import { beforeAll, describe, test } from 'vitest'
import { RawClient } from './support/raw-client.ts'
import { connectRawMqtt } from './support/raw-mqtt.ts'
import { Rig } from './support/rig.ts'
import { isGone, stalled } from './support/stalled.ts'
import { serverUnderFire } from './support/under-fire.ts'

const environment: Record<string, string> = { MQTT_OPEN_PREFIX: 'sensors' }
beforeAll(async () => {
  environment.MQTT_PORT = String(await freePort())
})
/** A deployment may be without this line. */
const hasMqtt = plugs.some(({ name }) => name === 'mqtt')
const rig = serverUnderFire(hasMqtt ? environment : {}, { shared: true })
const mqttPort = () => Number(environment.MQTT_PORT)

// All at once, because each of them mostly waits.
describe.concurrent('what never comes is not waited for without end:', { timeout: 30_000 }, () => {
  test('hello', async ({ expect }) => {
    const raw = await RawClient.open(rig().server.port)
    expect(await raw.ended()).toBe('hello_timeout')
  })

  test('the rest of a request, header or body', async ({ expect }) => {
    const port = rig().server.port
    const sockets = await Promise.all([
      stalled(port, 'GET /ws HTTP/1.1\r\nX'),
      stalled(port, 'POST /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n'),
    ])
    await expect.poll(() => sockets.every(isGone), { timeout: 12_000 }).toBe(true)
  })

  test('the end of a POST of a line that goes on, byte by byte', async () => {
    const url = `http://127.0.0.1:${rig().server.port}/poll`
    const headers = { 'content-type': 'application/json' }
    const opened = await fetch(url, { method: 'POST', headers, body: '{}' })
    const { id, secret } = (await opened.json()) as { id: string; secret: string }
    const head = `POST /poll HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${id}.${secret}\r\nPatchbay-Cursor: 0\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n`
    const socket = await stalled(rig().server.port, `${head}{"frames":[`)
    const timer = setInterval(() => socket.write(' '), 100)
    await once(socket, 'close')
    clearInterval(timer)
  })

  test.skipIf(!hasMqtt)('a line of an MQTT client that has the id of one: it is gone after 5 s', async ({ expect }) => {
    const socket = await connectRawMqtt(mqttPort(), randomBytes(16).toString('base64url'))
    const began = performance.now()
    await once(socket, 'close')
    expect(performance.now() - began).toBeLessThan(8_000)
  })

  test.skipIf(!hasMqtt)('an MQTT packet that is announced, whatever the keep-alive', async () => {
    const socket = await connectRawMqtt(mqttPort(), 'sensor')
    socket.write(Buffer.from([0x30, 0xe0, 0xd4, 0x03]))
    await once(socket, 'close')
  })

  test('anything on a socket; and those of one address are bounded', async ({ expect }) => {
    const own = await Rig.start({ MAX_LINES_PER_ADDRESS: '10' })
    const sockets = await Promise.all(Array.from({ length: 400 }, () => stalled(own.server.port, '')))
    await expect.poll(() => sockets.filter((socket) => !isGone(socket)).length).toBe(3 * 10 + 100)
    sockets.find((socket) => !isGone(socket))?.destroy()
    // A socket that is one too many is ended a moment after it was opened.
    const isTaken = async () => {
      const socket = await stalled(own.server.port, '')
      await new Promise((resolve) => setTimeout(resolve, 100))
      return !isGone(socket)
    }
    await expect.poll(isTaken, { timeout: 5_000 }).toBe(true)
    await expect.poll(() => sockets.every(isGone), { timeout: 14_000 }).toBe(true)
    await own.close()
  })
})
