import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { listenLongPoll } from '../src/server.ts'

let url: string
let close: () => Promise<void>

beforeEach(async () => {
  const listener = listenLongPoll({ path: '/poll', allowOrigin: () => true })
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
  ['application/json', 201],
  ['application/json;charset=utf-8', 201],
  ['Application/JSON ; charset=UTF-8', 201],
  ['application/jsonp', 415],
  ['text/plain; application/json', 415],
])('a body of type %s is answered with %i', async (type, status) => {
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': type }, body: '{}' })
  expect(response.status).toBe(status)
})

test('a method that there is not is refused with those that there are', async () => {
  const response = await fetch(url, { method: 'PUT', body: '{}' })
  expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, POST, OPTIONS'])
})
