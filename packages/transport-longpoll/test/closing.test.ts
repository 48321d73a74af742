import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { type FaultProxy, startFaultProxy } from '@patchbay/fault-proxy'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Connection } from '@patchbay/core/transport'
import { dialLongPoll } from '../src/client.ts'
import { listenLongPoll } from '../src/server.ts'

/** Two frames of a line do not fit into one POST. */
const FRAME = 'x'.repeat(60_000)

let proxy: FaultProxy
let line: Connection
let far: Connection
let posts: number
/** Answers to GETs that the server has written to the end. */
let answers: number
let heard: string[]
let seen: string[]
/** Responses that are lost: those to whose text this applies, once. */
let isLost: ((text: string) => boolean) | undefined
let close: () => Promise<void>

beforeEach(async () => {
  posts = 0
  answers = 0
  heard = []
  seen = []
  isLost = undefined
  const listener = listenLongPoll({ path: '/poll', allowOrigin: () => true })
  const http = createServer((request, response) => {
    if (request.method === 'POST') posts += 1
    else response.once('finish', () => (answers += 1))
    listener.handleRequest(request, response)
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  proxy = await startFaultProxy((http.address() as AddressInfo).port)
  listener.listen((accepted) => {
    far = accepted
    return { frame: (text) => heard.push(`${text.length}`), close: (reason) => heard.push(reason) }
  })
  const dialer = dialLongPoll({
    url: `http://127.0.0.1:${proxy.port}/poll`,
    async fetch(url, init) {
      const response = await fetch(url, init)
      if (isLost?.(await response.clone().text()) !== true) return response
      isLost = undefined
      throw new TypeError('The response is lost.')
    },
  })
  const handlers = { frame: (text: string) => seen.push(`${text.length}`), close: (why: string) => seen.push(why) }
  line = await dialer.dial(handlers, { signal: new AbortController().signal })
  close = async () => {
    await listener.close()
    await proxy.close()
    http.closeAllConnections()
    await new Promise((resolve) => http.close(resolve))
  }
})
afterEach(() => close())

const many = Array.from({ length: 12 }, () => '60000')

test('[T3] a client that closes with more than one request can carry is heard to the end', async () => {
  for (let i = 0; i < 12; i += 1) line.send(FRAME)
  line.close()
  await expect.poll(() => heard, { timeout: 4_000 }).toEqual([...many, 'remote'])
})

test('[T3] a server that closes with as much is heard to the end', async () => {
  for (let i = 0; i < 12; i += 1) far.send(FRAME)
  far.close()
  await expect.poll(() => seen, { timeout: 4_000 }).toEqual([...many, 'remote'])
})

test('[T3] over a slow uplink a goodbye takes the place of what is under way, once', async () => {
  proxy.shape({ bytesPerSecond: 80_000 }, 'up')
  line.send(FRAME)
  await sleep(100)
  line.send(FRAME)
  posts = 0
  line.close()
  await expect.poll(() => heard, { timeout: 6_000 }).toEqual(['60000', '60000', 'remote'])
  expect(posts).toBeLessThanOrEqual(3)
})

test('[T4] a server that closes is heard to the end by a client that says something at that moment', async () => {
  proxy.shape({ bytesPerSecond: 200_000 }, 'down')
  far.send(FRAME)
  far.close()
  // The server has written all of it, and the client has not read it.
  await expect.poll(() => answers, { interval: 5 }).toBe(1)
  line.send('ping')
  await expect.poll(() => seen, { timeout: 4_000 }).toEqual(['60000', 'remote'])
  expect(heard).toEqual(['local'])
})

test('[T4] a server that closes is heard to the end by a client that loses the response which says so', async () => {
  isLost = (text) => text.includes('"closed":true')
  far.send('bye')
  far.close()
  await expect.poll(() => seen).toEqual(['3', 'remote'])
  expect(isLost, 'the response was lost').toBeUndefined()
  expect(heard).toEqual(['local'])
})
