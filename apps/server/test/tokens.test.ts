import type { Dialer } from '@patchbay/core/transport'
import { joinRoom } from '@patchbay/room'
import { nodeDataChannel } from '@patchbay/room/node-datachannel'
import { startServer } from '@patchbay/server'
import { dialWebSocket } from '@patchbay/transport-websocket/client'
import { afterEach, expect, test } from 'vitest'
import { WebSocket } from 'ws'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

test('[A13] a token that takes long is asked for once, though the next line is tried meanwhile', async () => {
  const server = await startServer({ port: 0, host: '127.0.0.1', authorize: () => ({}), drainSpreadMs: 0 })
  cleanups.push(() => server.close())
  let asked = 0
  let give: (token: string) => void = () => {}
  const token = () => {
    asked += 1
    return new Promise<string>((resolve) => (give = resolve))
  }
  const first = dialWebSocket({ url: `ws://127.0.0.1:${server.port}/ws`, WebSocket })
  let isNext = false
  const next: Dialer = {
    name: 'next',
    dial: (...how) => {
      isNext = true
      return first.dial(...how)
    },
  }
  const room = joinRoom({ lines: [first, next], room: 'friday', name: 'Ada', rtc: nodeDataChannel, token })
  cleanups.push(room.leave)
  // The first line is given up after 3 s.
  await expect.poll(() => isNext, { timeout: 6_000 }).toBe(true)
  await expect.poll(() => asked).toBe(1)
  give('token')
  await expect.poll(() => room.line.getSnapshot().status, { timeout: 10_000 }).toBe('online')
  expect(asked).toBe(1)
})

test('an authorize that fails while it judges a renewal ends nothing that it has granted', async () => {
  let asked = 0
  const ended: string[] = []
  const server = await startServer({
    port: 0,
    host: '127.0.0.1',
    drainSpreadMs: 0,
    onEvent: (event) => event.type === 'session_ended' && ended.push(event.code),
    authorize() {
      asked += 1
      if (asked === 2) throw new Error('no database')
      return { expiresInMs: asked === 1 ? 3_000 : 60_000 }
    },
  })
  cleanups.push(() => server.close())
  const lines = [dialWebSocket({ url: `ws://127.0.0.1:${server.port}/ws`, WebSocket })]
  const room = joinRoom({ lines, room: 'friday', name: 'Ada', rtc: nodeDataChannel, token: () => 'token' })
  cleanups.push(room.leave)
  await expect.poll(() => asked, { timeout: 5_000 }).toBe(2)
  // Before the token expires and another is asked for.
  expect(room.line.getSnapshot().status).toBe('online')
  await expect.poll(() => ended, { timeout: 5_000 }).toEqual(['token_expired'])
  await expect.poll(() => room.line.getSnapshot().status, { timeout: 5_000 }).toBe('online')
})
