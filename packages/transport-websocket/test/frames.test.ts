import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import type { AcceptedConnection } from '@patchbay/core/transport'
import { afterEach, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { listenWebSocket } from '../src/server.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const clean of cleanups.splice(0).toReversed()) await clean()
})

/** A listener whose lines handle each frame the same way. @returns its port. */
async function serve(onFrame: (line: AcceptedConnection, text: string) => void): Promise<number> {
  const listener = listenWebSocket({ allowOrigin: () => true })
  listener.listen((line) => ({ frame: (text) => onFrame(line, text), close: () => {} }))
  const http = createServer()
  http.on('upgrade', (request, socket, head) => listener.handleUpgrade(request, socket, head))
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  cleanups.push(() => new Promise((resolve) => http.close(resolve)))
  cleanups.push(() => listener.close())
  return (http.address() as AddressInfo).port
}

test('frames texts of every length class of RFC 6455 §5.2, several in one turn', async () => {
  const texts = [0, 1, 125, 126, 127, 65_535, 65_536].flatMap((size) => [
    'a'.repeat(size),
    'a'.repeat(size),
    'b'.repeat(size),
  ])
  texts.push('é'.repeat(63), '😀'.repeat(10_000), 'é'.repeat(63))
  const port = await serve((line) => {
    for (const text of texts) line.send(text)
  })
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws?line=a`, 'patchbay.1')
  cleanups.push(() => socket.terminate())
  const heard: string[] = []
  socket.on('message', (data: Buffer) => heard.push(data.toString()))
  await once(socket, 'open')
  socket.send('go')
  await expect.poll(() => heard.length).toBe(texts.length)
  expect(heard).toEqual(texts)
})

test('takes the largest frame in fragments of 512 bytes, as somebody on the way may have cut it', async () => {
  const heard: string[] = []
  const port = await serve((_, text) => heard.push(text))
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws?line=a`, 'patchbay.1')
  cleanups.push(() => socket.terminate())
  await once(socket, 'open')
  for (let sent = 512; sent <= 65_536; sent += 512) socket.send('a'.repeat(512), { fin: sent === 65_536 })
  await expect.poll(() => heard).toEqual(['a'.repeat(65_536)])
})

/** A masked client frame with a zero mask (RFC 6455 §5.3). */
const masked = (opcode: number, payload: Buffer) =>
  Buffer.concat([Buffer.from([0x80 | opcode, 0x80 | payload.length, 0, 0, 0, 0]), payload])

test('writes nothing after the close frame, even for messages sent in the same turn', async () => {
  const port = await serve((line) => line.send('too late or in time, never after'))
  const socket = connect(port, '127.0.0.1')
  cleanups.push(() => socket.destroy())
  const headers = ['Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13', 'Host: a']
  headers.push('Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Protocol: patchbay.1')
  socket.write(`GET /ws?line=a HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`)
  await once(socket, 'data')
  let heard = Buffer.alloc(0)
  socket.on('data', (chunk: Buffer) => (heard = Buffer.concat([heard, chunk])))
  socket.write(Buffer.concat([masked(1, Buffer.from('go')), masked(8, Buffer.from([0x03, 0xe8]))]))
  await once(socket, 'end')
  expect(heard.subarray(-4)).toEqual(Buffer.from([0x88, 0x02, 0x03, 0xe8]))
})
