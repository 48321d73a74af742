import { once } from 'node:events'
import type { Socket } from 'node:net'
import { createPeerSecret, encode, type RoomId } from '@patchbay/protocol'
import { freePort } from '@patchbay/test-servers'
import { describe, expect, test } from 'vitest'
import { identityOf, RawClient } from './support/raw-client.ts'
import { Rig } from './support/rig.ts'
import { isGone, stalled } from './support/stalled.ts'
import { serverUnderFire } from './support/under-fire.ts'

const rig = serverUnderFire()

const upgrade = (headers: string) =>
  `GET /ws?line=a HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${headers}\r\n`

test.each(['/ws?line=a', '/mqtt'])('a list of subprotocols that is all spaces costs nothing: %s', async (target) => {
  const port = rig().server.port
  const header = `Sec-WebSocket-Protocol: a${' '.repeat(15_000)}b\r\n`
  const request = upgrade(header).replace('/ws?line=a', target)
  const before = process.cpuUsage()
  const sockets = await Promise.all(Array.from({ length: 100 }, () => stalled(port, request)))
  await expect.poll(() => sockets.every(isGone), { timeout: 10_000 }).toBe(true)
  const { user } = process.cpuUsage(before)
  // With a pattern that backtracks, each of them alone takes more than 160 ms.
  expect(user / 1_000, 'processor time in ms').toBeLessThan(3_000)
})

test('members who come and go as fast as they may cannot end the sessions of a room', async () => {
  const port = rig().server.port
  const victims = [await rig().enter('Ada', { room: 'r' }), await rig().enter('Bob', { room: 'r' })]
  const raw = await Promise.all(Array.from({ length: 6 }, () => RawClient.greet(port)))
  for (let round = 0; round < 3; round += 1) {
    for (const client of raw) {
      for (let i = 0; i < 95; i += 1) {
        client.say({ type: 'join', room: 'r' as RoomId, name: 'Raw' })
        client.say({ type: 'leave', room: 'r' as RoomId })
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 4_200))
  }
  for (const client of raw) client.socket.terminate()
  await expect.poll(() => victims.map(({ sees }) => sees.length), { timeout: 15_000 }).toEqual([1, 1])
  for (const { client, events } of victims) {
    expect(client.getSnapshot().status).toBe('online')
    expect(events.filter(({ type }) => type === 'discontinuity')).toEqual([])
  }
  for (const { client } of victims) client.close()
})

test('a flood of `close` frames ends the line at the first', async () => {
  const raw = await RawClient.greet(rig().server.port)
  for (let i = 0; i < 50_000; i += 1) raw.shout(encode({ type: 'close', code: 'silent' }))
  expect(await raw.ended()).toMatch(/^WebSocket 100[05]$/)
  await expect.poll(() => rig().server.stats().sessions, { timeout: 10_000 }).toBe(2)
})

describe('long-poll bodies', () => {
  test('of one line that stall take the place of one another', async () => {
    const port = rig().server.port
    const opened = await fetch(`http://127.0.0.1:${port}/poll`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    })
    const { id, secret } = (await opened.json()) as { id: string; secret: string }
    const head = `POST /poll HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${id}.${secret}\r\nPatchbay-Cursor: 0\r\nContent-Type: application/json\r\nContent-Length: 524288\r\n\r\n`
    const sockets: Socket[] = []
    for (let i = 0; i < 60; i += 1) sockets.push(await stalled(port, head + ' '.repeat(200_000)))
    await expect.poll(() => sockets.filter((socket) => !isGone(socket)).length).toBeLessThanOrEqual(1)
    for (const socket of sockets) socket.destroy()
  })
})

test('long-poll bodies of one IPv6 network count together, however many addresses it has', async () => {
  const own = await Rig.start({ TRUST_PROXY: 'loopback' })
  const url = `http://127.0.0.1:${own.server.port}/poll`
  const post = async (address: string) => {
    const headers = { 'content-type': 'application/json', 'x-forwarded-for': address }
    const opened = await fetch(url, { method: 'POST', headers, body: '{}' })
    const { id, secret } = (await opened.json()) as { id: string; secret: string }
    const head = `POST /poll HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: ${address}\r\nAuthorization: Bearer ${id}.${secret}\r\nPatchbay-Cursor: 0\r\nContent-Type: application/json\r\nContent-Length: 500000\r\n\r\n`
    const socket = await stalled(own.server.port, head + ' '.repeat(499_999))
    const answer = once(socket, 'data').then(([text]) => String(text).slice(9, 12))
    return { socket, answer }
  }
  const posts = []
  for (let i = 0; i < 12; i += 1) posts.push(await post(`2001:db8::${i + 1}`))
  expect(await Promise.any(posts.map(({ answer }) => answer))).toBe('503')
  const elsewhere = await post('2001:db8:0:1::1')
  elsewhere.socket.write(' ')
  // Whole by now, and no JSON.
  expect(await elsewhere.answer).toBe('400')
  for (const { socket } of [...posts, elsewhere]) socket.destroy()
  await own.close()
})

describe('requests that are no line’s', () => {
  test('are not read on when a socket sends thousands of them at once', async () => {
    const requests = 'GET /x HTTP/1.1\r\nHost:a\r\n\r\n'.repeat(2_370)
    const before = process.memoryUsage.rss()
    const sockets = await Promise.all(Array.from({ length: 150 }, () => stalled(rig().server.port, requests)))
    await expect.poll(() => sockets.every(isGone), { timeout: 10_000 }).toBe(true)
    expect(process.memoryUsage.rss() - before).toBeLessThan(200 * 1024 * 1024)
  })

  test.each([
    ['that expect what cannot be met', 'GET /healthz HTTP/1.1\r\nHost: a\r\nExpect: x\r\n\r\n', 417],
    ['of another site’s page', 'GET /rooms/x HTTP/1.1\r\nHost: a\r\nOrigin: https://evil.example\r\n\r\n', 403],
  ])('end their socket with the first answer: those %s', async (_, request, status) => {
    const socket = await stalled(rig().server.port, request.repeat(12))
    let answers = ''
    socket.on('data', (bytes: Buffer) => (answers += bytes.toString()))
    await once(socket, 'close')
    expect(answers.match(/HTTP\/1.1 \d+/g)).toEqual([`HTTP/1.1 ${status}`])
  })

  test('are bounded as much on the port of the metrics', async () => {
    const port = await freePort()
    const own = await Rig.start({ METRICS_PORT: `${port}`, MAX_LINES_PER_ADDRESS: '10' })
    const many = await stalled(port, 'GET /metrics HTTP/1.1\r\nHost:a\r\n\r\n'.repeat(200))
    await expect.poll(() => isGone(many)).toBe(true)
    const statuses = new Set<number>()
    const ask = async () => {
      const response = await fetch(`http://127.0.0.1:${port}/metrics`)
      await response.text()
      statuses.add(response.status)
    }
    for (let i = 0; i < 300; i += 50) await Promise.all(Array.from({ length: 50 }, ask))
    expect([...statuses].toSorted()).toEqual([200, 429])
    const sockets = await Promise.all(Array.from({ length: 200 }, () => stalled(port, 'G')))
    await expect.poll(() => sockets.filter((socket) => !isGone(socket)).length).toBeLessThanOrEqual(3 * 10 + 100)
    for (const socket of sockets) socket.destroy()
    await own.close()
  })

  test('are answered only so fast, and lines are opened all the same', async () => {
    const url = `http://127.0.0.1:${rig().server.port}`
    for (const [path, usual] of [['/poll/', 404] as const, ['/healthz?', 200] as const]) {
      const answers = await Promise.all(Array.from({ length: 300 }, (_, i) => fetch(`${url}${path}${i}`)))
      const statuses = new Set(answers.map(({ status }) => status))
      expect([...statuses].toSorted(), path).toEqual([usual, 429])
    }
    const raw = await RawClient.greet(rig().server.port)
    raw.socket.terminate()
    await expect.poll(async () => (await fetch(`${url}/healthz`)).status, { timeout: 5_000 }).toBe(200)
  })
})

test('a page of another site spends nothing of what its visitor may open', async () => {
  const own = await Rig.start({ NEW_LINES_PER_SECOND: '1' })
  const evil = upgrade('Origin: https://evil.example\r\nSec-WebSocket-Protocol: patchbay.1\r\n')
  for (let i = 0; i < 80; i += 1) {
    const socket = await stalled(own.server.port, evil)
    if (!isGone(socket)) await once(socket, 'close')
  }
  const raw = await RawClient.greet(own.server.port)
  expect(raw.end).toBeUndefined()
  raw.socket.terminate()
  await own.close()
})

test('images in a page of another site spend nothing of what its visitor may open, or ask of rooms', async () => {
  const own = await Rig.start({})
  const url = `http://127.0.0.1:${own.server.port}`
  // What a browser sends for <img>: no `Origin`.
  const headers = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }
  for (const path of ['/poll', '/rooms/x']) {
    const answers = await Promise.all(Array.from({ length: 300 }, (_, i) => fetch(`${url}${path}?${i}`, { headers })))
    expect([...new Set(answers.map(({ status }) => status))], path).toEqual([403])
  }
  const json = { 'content-type': 'application/json' }
  expect((await fetch(`${url}/poll`, { method: 'POST', headers: json, body: '{}' })).status).toBe(201)
  expect((await fetch(`${url}/rooms/x`)).status).toBe(200)
  await own.close()
})

describe('requests of a line that cost an answer each', () => {
  const json = { 'content-type': 'application/json' }

  test.each([
    ['POSTs that are no JSON', { method: 'POST', headers: json, body: 'x' }, false, 500, 400],
    ['preflights', { method: 'OPTIONS', headers: {} }, false, 2_000, 204],
    ['preflights with the secret of a line', { method: 'OPTIONS', headers: {} }, true, 2_000, 204],
  ])('are answered only so fast: %s', async (_, { headers, ...request }, isOwn, count, usual) => {
    const own = await Rig.start({})
    const url = `http://127.0.0.1:${own.server.port}/poll`
    const opened = await fetch(url, { method: 'POST', headers: json, body: '{}' })
    const { id, secret } = (await opened.json()) as { id: string; secret: string }
    const shown = isOwn ? { authorization: `Bearer ${id}.${secret}` } : {}
    const statuses = new Set<number>()
    // Some are given back meanwhile: a slow machine needs more of them.
    for (let i = 0; i < 10 * count && !statuses.has(429); i += 100) {
      const ask = () => fetch(url, { ...request, headers: { ...headers, ...shown } })
      for (const { status } of await Promise.all(Array.from({ length: 100 }, ask))) statuses.add(status)
    }
    expect([...statuses].toSorted()).toEqual([usual, 429])
    await own.close()
  })
})

describe('a long-poll line goes on', () => {
  const post = async (own: Rig, path: string, headers: Record<string, string>, body = '{}') =>
    fetch(`http://127.0.0.1:${own.server.port}${path}`, { method: 'POST', headers, body })
  const json = { 'content-type': 'application/json' }

  test.each([
    ['another site’s page asks who is in a room', '/rooms/x', { origin: 'https://evil.example' }, [403]],
    ['others behind the same address guess lines', '/poll', { authorization: 'Bearer none' }, [404, 429]],
  ])('while %s without end', async (_, path, headers, answers) => {
    const own = await Rig.start({})
    const opened = await post(own, '/poll', json)
    const { id, secret } = (await opened.json()) as { id: string; secret: string }
    const asked = { ...json, 'patchbay-cursor': '0', ...headers }
    const answered = await Promise.all(Array.from({ length: 300 }, () => post(own, path, asked)))
    expect([...new Set(answered.map(({ status }) => status))].toSorted()).toEqual(answers)
    const shown = { ...json, authorization: `Bearer ${id}.${secret}`, 'patchbay-cursor': '0' }
    expect((await post(own, '/poll', shown, '{"frames":["x"]}')).status).toBe(204)
    await own.close()
  })
})

describe('X-Forwarded-For', () => {
  test('is not believed unless there is a proxy', async () => {
    const own = await Rig.start({ MAX_LINES_PER_ADDRESS: '5', NEW_LINES_PER_SECOND: '1000' })
    const open = async (i: number) => {
      const headers = `X-Forwarded-For: 198.51.100.${i}\r\nSec-WebSocket-Protocol: patchbay.1\r\n`
      const socket = await stalled(own.server.port, upgrade(headers))
      const [answer] = (await Promise.race([once(socket, 'data'), once(socket, 'close')])) as [unknown]
      return String(answer).includes(' 101 ')
    }
    const opened = await Promise.all(Array.from({ length: 20 }, (_, i) => open(i)))
    expect(opened.filter(Boolean)).toHaveLength(5)
    await own.close()
  })
})

test('sessions without a line are bounded for one address, and a newcomer still gets in', async () => {
  const own = await Rig.start({ MAX_SESSIONS_PER_ADDRESS: '20' })
  for (let i = 0; i < 60; i += 1) (await RawClient.greet(own.server.port, { room: `r${i}` })).socket.terminate()
  const last = await RawClient.greet(own.server.port, { secret: createPeerSecret(), room: 'r' })
  expect(last.end).toBeUndefined()
  expect(own.server.stats().sessions).toBeLessThanOrEqual(20)
  last.socket.terminate()
  const resumed = await RawClient.open(own.server.port)
  resumed.say({ type: 'hello', ...identityOf(createPeerSecret()) })
  await resumed.hears('welcome')
  resumed.socket.terminate()
  await own.close()
})
