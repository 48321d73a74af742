import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { expect, test } from 'vitest'
import { listenMqtt } from '../src/server.ts'
import { randomId, Topics } from '../src/wire.ts'

const text = (value: string) => Buffer.from(`\0${String.fromCharCode(value.length)}${value}`, 'latin1')
const packet = (type: number, ...parts: Buffer[]) => {
  const body = Buffer.concat(parts)
  return Buffer.concat([Buffer.from([type, body.length]), body])
}
const publish = (topic: string, payload: string) => packet(0x30, text(topic), Buffer.from(payload))

/** A client with a keep-alive of one second that opens a line with raw packets. */
async function openLine() {
  const topics = new Topics('patchbay')
  const listener = await listenMqtt({ allowOrigin: () => true })
  const heard: string[] = []
  listener.listen(() => ({ frame: (frame) => heard.push(frame), close: (reason) => heard.push(reason) }))
  const tcp = createServer(listener.handleSocket).listen(0, '127.0.0.1')
  await once(tcp, 'listening')
  const id = randomId()
  const socket = connect((tcp.address() as AddressInfo).port, '127.0.0.1')
  socket.write(packet(0x10, text('MQTT'), Buffer.from([4, 2, 0, 1]), text(id)))
  await once(socket, 'data')
  socket.write(publish(topics.up(id, 'open'), ''))
  await once(socket, 'data')
  socket.resume()
  const frame = (n: number) => publish(topics.up(id, 'frame'), `${n}:frame ${n}`)
  const close = async () => {
    socket.destroy()
    tcp.close()
    await listener.close()
  }
  return { socket, heard, frame, close }
}

test('a client that is silent for one and a half times its keep-alive is cut', async () => {
  const { socket, heard, close } = await openLine()
  const from = performance.now()
  await once(socket, 'close')
  expect(performance.now() - from).toBeGreaterThan(1_300)
  expect(performance.now() - from).toBeLessThan(2_500)
  expect(heard).toEqual(['lost'])
  await close()
})

test('a client that sends messages but no pings stays connected', async () => {
  const { socket, heard, frame, close } = await openLine()
  for (let n = 0; n < 6; n += 1) {
    socket.write(frame(n))
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
  expect(heard).toEqual(Array.from({ length: 6 }, (_, n) => `frame ${n}`))
  expect(socket.destroyed).toBe(false)
  await close()
})

test('packets that arrive byte by byte, or several at once, are read correctly', async () => {
  const { socket, heard, frame, close } = await openLine()
  for (const byte of frame(0)) {
    socket.write(Buffer.from([byte]))
    await new Promise(setImmediate)
  }
  socket.write(Buffer.concat([frame(1), frame(2), frame(3).subarray(0, 1)]))
  await expect.poll(() => heard.length).toBe(3)
  socket.write(Buffer.concat([frame(3).subarray(1), frame(4)]))
  await expect.poll(() => heard).toEqual(Array.from({ length: 5 }, (_, n) => `frame ${n}`))
  await close()
})
