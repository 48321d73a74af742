import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { startFaultProxy } from '@patchbay/fault-proxy'
import { expect, test } from 'vitest'
import { dialLongPoll } from '../src/client.ts'
import { listenLongPoll } from '../src/server.ts'

test('a line that is closed when the server is gone lets go of it within a second or so', async () => {
  const posts: RequestInit[] = []
  const dialer = dialLongPoll({
    url: 'http://localhost/poll',
    times: { graceMs: 60_000 },
    fetch: (_url, init) => {
      if (init.body === '{}') return Promise.resolve(Response.json({ id: 'i', secret: 's' }))
      if (init.method === 'POST') {
        posts.push(init)
        return Promise.reject(new TypeError('fetch failed'))
      }
      return new Promise((_, reject) => init.signal?.addEventListener('abort', () => reject(new Error('aborted'))))
    },
  })
  const line = await dialer.dial({ frame() {}, close() {} }, { signal: new AbortController().signal })
  line.close()
  await expect.poll(() => posts.at(-1)?.signal?.aborted, { timeout: 3_000 }).toBe(true)
  expect(posts.length, 'it was tried again').toBeGreaterThan(2)
})

test('a line that is closed when its path is dead lets go of its requests after the grace period', async () => {
  const signals: (AbortSignal | null | undefined)[] = []
  const dialer = dialLongPoll({
    url: 'http://localhost/poll',
    times: { holdMs: 60_000, graceMs: 200 },
    fetch: (_url, { body, signal }) => {
      if (body === '{}') return Promise.resolve(Response.json({ id: 'i', secret: 's' }))
      signals.push(signal)
      return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new Error('aborted'))))
    },
  })
  const line = await dialer.dial({ frame() {}, close() {} }, { signal: new AbortController().signal })
  await expect.poll(() => signals.length).toBe(1)
  line.close()
  await expect.poll(() => signals.map((signal) => signal?.aborted), { timeout: 3_000 }).toEqual([true, true])
})

test('a line survives an outage that ends well within the grace period', async () => {
  const times = { holdMs: 2_000, graceMs: 3_000 }
  const listener = listenLongPoll({ path: '/poll', allowOrigin: () => true, times })
  const http = createServer((request, response) => listener.handleRequest(request, response))
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const proxy = await startFaultProxy((http.address() as AddressInfo).port)
  const heard: string[] = []
  listener.listen(() => ({ frame: (text) => heard.push(text), close: (reason) => heard.push(reason) }))
  const ends: string[] = []
  const dialer = dialLongPoll({ url: `http://127.0.0.1:${proxy.port}/poll`, times })
  const handlers = { frame() {}, close: (reason: string) => ends.push(reason) }
  const line = await dialer.dial(handlers, { signal: new AbortController().signal })
  proxy.refuse(true)
  proxy.reset()
  line.send('said during the outage')
  await sleep(0.6 * times.graceMs)
  proxy.refuse(false)
  await expect.poll(() => [...heard, ...ends], { timeout: 5_000 }).toEqual(['said during the outage'])
  line.close()
  await listener.close()
  await proxy.close()
  http.closeAllConnections()
  http.close()
})

test('[T10] a line is reported lost when the gateway before it says so late that the server is gone', async () => {
  let isGone = false
  const listener = listenLongPoll({ path: '/poll', allowOrigin: () => true })
  listener.listen(() => ({ frame: () => {}, close: () => {} }))
  const http = createServer((request, response) => {
    // A host that is down: its gateway waits for an answer to its question where that is (ARP), and gives up.
    if (isGone) setTimeout(() => response.writeHead(502).end(), 1_200)
    else listener.handleRequest(request, response)
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const ends: string[] = []
  const dialer = dialLongPoll({ url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/poll` })
  const handlers = { frame() {}, close: (reason: string) => ends.push(reason) }
  await dialer.dial(handlers, { signal: new AbortController().signal })
  isGone = true
  http.closeAllConnections()
  await expect.poll(() => ends, { timeout: 16_000 }).toEqual(['lost'])
  await listener.close()
  http.close()
}, 20_000)

test.each([408, 425, 429, 503])('a request that is answered %d is sent again, and the line goes on', async (status) => {
  const heard: string[] = []
  const listener = listenLongPoll({ path: '/poll', allowOrigin: () => true })
  listener.listen(() => ({ frame: (text) => heard.push(text), close: (reason) => heard.push(reason) }))
  const refused = new Set<string | undefined>()
  const http = createServer((request, response) => {
    const isFirst = request.headers.authorization !== undefined && !refused.has(request.method)
    if (!isFirst) return listener.handleRequest(request, response)
    refused.add(request.method)
    response.writeHead(status).end()
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const dialer = dialLongPoll({ url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/poll` })
  const handlers = { frame() {}, close: (reason: string) => heard.push(reason) }
  const line = await dialer.dial(handlers, { signal: new AbortController().signal })
  line.send('hello')
  await expect.poll(() => heard).toEqual(['hello'])
  expect([...refused].toSorted()).toEqual(['GET', 'POST'])
  line.close()
  await listener.close()
  http.closeAllConnections()
  http.close()
})
