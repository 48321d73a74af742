import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type mqtt from 'mqtt'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { dialMqtt } from '../src/client.ts'
import { listenMqtt } from '../src/server.ts'

beforeEach(() => {
  vi.stubGlobal('WebSocket', WebSocket)
  // By these the package knows a browser.
  vi.stubGlobal('window', { document: {} })
  vi.stubGlobal('navigator', { userAgent: '' })
})
afterEach(() => vi.unstubAllGlobals())

test('all that a page may have unacknowledged passes the built-in broker when it is said in one turn', async () => {
  // What bundlers take for browsers, which makes one WebSocket message of what is written in one turn.
  const build: string = 'mqtt/dist/mqtt.esm'
  const { default: browser } = (await import(build)) as { readonly default: typeof mqtt }
  const listener = await listenMqtt({ allowOrigin: () => true })
  let heard = 0
  const ends: string[] = []
  listener.listen(() => ({ frame: (text) => (heard += text.length), close: (reason) => ends.push(reason) }))
  const http = createServer().on('upgrade', listener.handleUpgrade).listen(0, '127.0.0.1')
  await once(http, 'listening')
  const line = await dialMqtt({
    url: `ws://127.0.0.1:${(http.address() as AddressInfo).port}/mqtt`,
    connect: browser.connect,
  }).dial({ frame() {}, close: (reason) => ends.push(reason) }, { signal: AbortSignal.timeout(5_000) })
  for (let n = 0; n < 256; n += 1) line.send('ü'.repeat(2_048))
  await expect.poll(() => [heard, ...ends]).toEqual([512 * 1_024])
  line.close()
  await expect.poll(() => ends).toEqual(['local', 'remote'])
  await listener.close()
  http.close()
})
