import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { joinRoom, type Room } from '@patchbay/room'
import { nodeDataChannel } from '@patchbay/room/node-datachannel'
import { createRoomKey } from '@patchbay/core/seal'
import { dialWebSocket } from '@patchbay/transport-websocket/client'
import { afterEach, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { type ServerOptions, startServer } from '../src/index.ts'
import { answerPreview } from '../src/room-previews.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

async function start(options: ServerOptions = { roomPreviews: true }) {
  const server = await startServer({ port: 0, host: '127.0.0.1', drainSpreadMs: 0, ...options })
  cleanups.push(() => server.close())
  const ask = async (path: string, init?: RequestInit) => {
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`, init)
    return { status: response.status, headers: response.headers, body: await response.json() }
  }
  const join = async (
    entry: { readonly room: string; readonly name: string; readonly title?: string },
    key?: string,
  ) => {
    const line = dialWebSocket({ url: `ws://127.0.0.1:${server.port}/ws`, WebSocket })
    const room: Room = joinRoom({ ...entry, lines: [line], rtc: nodeDataChannel, key: key as never })
    cleanups.push(() => room.leave())
    await expect.poll(() => room.membership.getSnapshot().status).toBe('joined')
    return room
  }
  return { ask, join }
}

test('says who is in a room, and nothing any more when they have left', async () => {
  const { ask, join } = await start()
  expect((await ask('/rooms/friday')).body).toEqual({ people: 0, names: [] })
  const ada = await join({ room: 'friday', name: 'Ada', title: 'Friday stand-up' })
  await join({ room: 'friday', name: 'Bob' })
  await join({ room: 'monday', name: 'Cyd' })
  expect((await ask('/rooms/friday')).body).toEqual({ people: 2, names: ['Ada', 'Bob'], title: 'Friday stand-up' })
  ada.leave()
  await expect.poll(async () => (await ask('/rooms/friday')).body).toMatchObject({ people: 1, names: ['Bob'] })
})

test('says how many are in a sealed room, and no name', async () => {
  const { ask, join } = await start()
  await join({ room: 'secret', name: 'Adelheid' }, createRoomKey())
  const { body } = await ask('/rooms/secret')
  expect(body).toMatchObject({ people: 1 })
  expect(JSON.stringify(body)).not.toContain('Adelheid')
})

test('says how many are in a room, and at most 20 names', async () => {
  const names = Array.from({ length: 21 }, (_, n) => `Person ${n + 1}`)
  const http = createServer(
    (request, response) => void answerPreview('friday', request, response, { look: async () => ({ names }) }),
  ).listen(0, '127.0.0.1')
  cleanups.push(() => http.close())
  await once(http, 'listening')
  const response = await fetch(`http://127.0.0.1:${(http.address() as AddressInfo).port}`)
  expect(await response.json()).toEqual({ people: 21, names: names.slice(0, 20) })
})

test('answers nobody unless it is told to', async () => {
  const { ask, join } = await start({})
  await join({ room: 'friday', name: 'Ada' })
  expect((await ask('/rooms/friday')).status).toBe(404)
})

test('refuses other methods, names that are none, and pages of other origins, and bounds how often one address asks', async () => {
  const { ask } = await start({ roomPreviews: true, allowedOrigins: ['https://chat.example'] })
  const posted = await ask('/rooms/friday', { method: 'POST' })
  expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET'])
  expect((await ask('/rooms/a%2Fb')).status).toBe(400)
  expect((await ask(`/rooms/${'a'.repeat(65)}`)).status).toBe(400)
  const from = (origin: string) => ask('/rooms/friday', { headers: { origin } })
  expect((await from('https://evil.example')).status).toBe(403)
  const allowed = await from('https://chat.example')
  expect([allowed.status, allowed.headers.get('access-control-allow-origin')]).toEqual([200, 'https://chat.example'])
  const askAtOnce = () => Promise.all(Array.from({ length: 50 }, async () => (await ask('/rooms/friday')).status))
  let answers: number[] = []
  // Some are given back meanwhile: a slow machine needs more of them.
  for (let i = 0; i < 100 && !answers.includes(429); i += 1) answers = await askAtOnce()
  expect(answers).toContain(429)
})
