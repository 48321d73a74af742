import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { listenLongPoll, type LongPollListener } from '../src/server.ts'
import { CURSOR_HEADER } from '../src/wire.ts'

let url: string
let listener: LongPollListener
let close: () => Promise<void>

beforeEach(async () => {
  listener = listenLongPoll({ path: '/poll', allowOrigin: () => true })
  listener.listen(() => ({ frame() {}, close() {} }))
  const http = createServer((request, response) => listener.handleRequest(request, response))
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/poll`
  close = async () => {
    await listener.close()
    http.closeAllConnections()
    await new Promise((resolve) => http.close(resolve))
  }
})

afterEach(() => close())

test.each([
  ['application/json', 404],
  ['application/json;charset=utf-8', 404],
  ['Application/JSON ; charset=UTF-8', 404],
  ['application/jsonp', 415],
  ['text/plain; application/json', 415],
])('a body of type %s for a line that there is not is answered with %i', async (type, status) => {
  const headers = { 'content-type': type, authorization: 'Bearer none', [CURSOR_HEADER]: '0' }
  const response = await fetch(url, { method: 'POST', headers, body: '{"frames":[]}' })
  expect(response.status).toBe(status)
})

test('a listener that closes does not wait long for clients that ask no more', async () => {
  const headers = { 'content-type': 'application/json' }
  expect((await fetch(url, { method: 'POST', headers, body: '{}' })).status).toBe(201)
  const began = performance.now()
  await listener.close()
  expect(performance.now() - began, 'it has waited for last words').toBeGreaterThan(1_000)
  expect(performance.now() - began, 'and not for the time that a living line has').toBeLessThan(4_000)
})

test('a method that there is not is refused with those that there are', async () => {
  const response = await fetch(url, { method: 'PUT', body: '{}' })
  expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, POST, OPTIONS'])
})
