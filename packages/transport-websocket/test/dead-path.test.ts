import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { expect, onTestFinished, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { dialWebSocket } from '../src/client.ts'
import { listenWebSocket } from '../src/server.ts'

test('a line that is closed on a dead path lets go of its socket after five seconds', async () => {
  const listener = listenWebSocket({ allowOrigin: () => true })
  listener.listen(() => ({ frame() {}, close() {} }))
  const http = createServer().on('upgrade', listener.handleUpgrade).listen(0, '127.0.0.1')
  await once(http, 'listening')
  const paths: Socket[] = []
  http.on('connection', (path) => paths.push(path))
  const sockets: WebSocket[] = []
  class Tracked extends WebSocket {
    constructor(url: string, protocol: string) {
      super(url, protocol)
      sockets.push(this)
    }
  }
  const url = `ws://127.0.0.1:${(http.address() as AddressInfo).port}/ws`
  const dialer = dialWebSocket({ url, WebSocket: Tracked })
  const line = await dialer.dial({ frame() {}, close() {} }, { signal: new AbortController().signal })
  const time = new AbortController()
  const timeout = vi.spyOn(AbortSignal, 'timeout').mockReturnValue(time.signal)
  onTestFinished(() => timeout.mockRestore())
  for (const path of paths) path.pause()
  line.close()
  expect(timeout.mock.calls).toEqual([[5_000]])
  time.abort()
  await expect.poll(() => sockets.map(({ readyState }) => readyState)).toEqual([WebSocket.CLOSED])
  for (const path of paths) path.destroy()
  await listener.close()
  http.close()
})
