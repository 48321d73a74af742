import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { attach, startServer } from '../src/index.ts'

/** Requests that Node has parsed. */
let parsed = 0
const count = () => {
  parsed += 1
}
beforeEach(() => {
  parsed = 0
  subscribe('http.server.request.start', count)
})
afterEach(() => unsubscribe('http.server.request.start', count))

/** Writes a request many times at once. @returns what was answered until the server ended the socket. */
async function volley(port: number, request: string, times = 1_000): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  let text = ''
  socket.on('data', (chunk) => (text += String(chunk)))
  await once(socket, 'connect')
  socket.write(request.repeat(times))
  await once(socket, 'close')
  return text
}

describe('a socket that sends requests without waiting for answers', () => {
  test.each([
    ['to no path', 'GET /x HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['to a line', 'OPTIONS /poll HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['without a Host', 'GET /x HTTP/1.1\r\n\r\n'],
    ['with an unknown expectation', 'GET /x HTTP/1.1\r\nHost: a\r\nExpect: x\r\n\r\n'],
  ])('is ended, and no more of it is parsed: %s', async (_, request) => {
    const server = await startServer({ port: 0, host: '127.0.0.1' })
    await volley(server.port, request)
    expect(parsed).toBe(17)
    await server.close()
  })

  test('is answered as long as there are few', async () => {
    const server = await startServer({ port: 0, host: '127.0.0.1' })
    const [open, last] = ['GET /healthz HTTP/1.1\r\nHost: a\r\n', 'Connection: close\r\n']
    const text = await volley(server.port, `${`${open}\r\n`.repeat(15)}${open}${last}\r\n`, 1)
    expect(text.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(16)
    await server.close()
  })

  test('is ended for the paths of attached lines only', async () => {
    const http = createServer((_, response) => response.end('app')).listen(0, '127.0.0.1')
    await once(http, 'listening')
    const { port } = http.address() as AddressInfo
    const attached = await attach(http)
    await volley(port, 'OPTIONS /poll HTTP/1.1\r\nHost: a\r\n\r\n')
    expect(parsed).toBe(17)
    const own = 'GET / HTTP/1.1\r\nHost: a\r\n'
    const text = await volley(port, `${`${own}\r\n`.repeat(500)}${own}Connection: close\r\n\r\n`, 1)
    expect(text.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(501)
    await attached.close(0)
    http.close()
  })
})
