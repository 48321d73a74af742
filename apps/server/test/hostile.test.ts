import { once } from 'node:events'
import { connect } from 'node:net'
import { createPeerSecret, encode, type PeerId, type RoomId } from '@patchbay/protocol'
import { describe, expect, test } from 'vitest'
import { identityOf, RawClient } from './support/raw-client.ts'
import { serverUnderFire } from './support/under-fire.ts'

const MIB = 1024 * 1024

const rig = serverUnderFire()

const nested = `${'['.repeat(20_000)}${']'.repeat(20_000)}`
const someone = 'A'.repeat(22) as PeerId

describe('a hostile frame ends its own session with a code', () => {
  test.each([
    ['nothing', '', 'bad_message'],
    ['not JSON', 'hello', 'bad_message'],
    ['null', 'null', 'bad_message'],
    ['a wrong type of value', '{"type":"join","room":7,"name":[]}', 'bad_message'],
    ['deep nesting', `{"type":"leave","room":${nested}}`, 'bad_message'],
    ['an own __proto__', '{"type":"leave","room":"r","__proto__":{"admin":true}}', 'bad_message'],
    ['constructor as type', '{"type":"constructor"}', 'bad_message'],
    ['a lone surrogate in a name', '{"type":"join","room":"r","name":"\\ud800"}', 'bad_message'],
    ['a forged sender', `{"type":"offer","room":"r","to":"${someone}","from":"${someone}"}\nx`, 'bad_message'],
    ['hello twice', encode({ type: 'hello', ...identityOf(createPeerSecret()) }), 'bad_message'],
    ['a count that goes back', '{"type":"ping","sent":0,"received":0}', 'bad_message'],
    ['a count that leaps', '{"type":"ping","sent":5,"received":1}', 'frames_lost'],
    ['an ack never earned', '{"type":"ack","sent":1,"received":99}', 'bad_message'],
    ['a frame of 64 KiB and one byte', 'x'.repeat(65_537), 'WebSocket 1009'],
    ['a frame of 10 MB', 'x'.repeat(10_000_000), 'WebSocket 1009'],
  ])('%s', async (_, frame, why) => {
    const raw = await RawClient.greet(rig().server.port)
    raw.say({ type: 'join', room: 'r' as RoomId, name: 'Raw' })
    await raw.hears('peers')
    raw.shout(frame)
    expect(await raw.ended()).toBe(why)
  })

  test('binary', async () => {
    const raw = await RawClient.greet(rig().server.port)
    raw.socket.send(Buffer.from([1, 2, 3]))
    expect(await raw.ended()).toBe('WebSocket 1003')
  })

  test('a thousand fragments', async () => {
    const raw = await RawClient.greet(rig().server.port)
    for (let i = 0; i < 1_000; i += 1) raw.socket.send('x', { fin: false })
    expect(await raw.ended()).toMatch(/^WebSocket 100\d$/)
  })

  test('a first frame over 12 KiB', async () => {
    const raw = await RawClient.open(rig().server.port)
    raw.shout(`{"type":"hello"${' '.repeat(13_000)}}`)
    expect(await raw.ended()).toBe('too_big')
  })

  test('another version', async () => {
    const raw = await RawClient.open(rig().server.port)
    raw.shout(JSON.stringify({ type: 'hello', ...identityOf(createPeerSecret()), version: 2, more: true }))
    expect(await raw.ended()).toBe('version_unsupported')
  })

  test('resuming the session of another', async () => {
    const victim = await RawClient.greet(rig().server.port)
    const thief = await RawClient.open(rig().server.port)
    thief.say({ type: 'resume', ...identityOf(createPeerSecret()), session: victim.session, received: 0 })
    expect(await thief.ended()).toBe('forbidden')
    expect(victim.end).toBeUndefined()
    victim.socket.terminate()
  })

  test('100 000 frames at once', async () => {
    const raw = await RawClient.greet(rig().server.port, { room: 'r' })
    const frame = encode({ type: 'offer', room: 'r' as RoomId, to: someone, body: 'x' })
    for (let i = 0; i < 100_000; i += 1) {
      raw.shout(frame)
      // The sender shares a process with the server and the healthy pair, so it must yield to them.
      if (i % 500 === 499) await new Promise((resolve) => setImmediate(resolve))
    }
    expect(await raw.ended()).toBe('rate_limited')
  })
})

describe('a forbidden request is refused and nothing else is affected', () => {
  test('a message for someone in another room', async () => {
    const inside = await RawClient.greet(rig().server.port, { room: 'inside' })
    const outside = await RawClient.greet(rig().server.port, { room: 'outside' })
    outside.say({ type: 'offer', room: 'inside' as RoomId, to: inside.id, body: 'psst' })
    expect(await outside.hears('error')).toMatchObject({ code: 'not_in_room', room: 'inside' })
    outside.say({ type: 'offer', room: 'outside' as RoomId, to: inside.id, body: 'psst' })
    await expect.poll(() => outside.heard.filter(({ type }) => type === 'error')).toHaveLength(2)
    expect(inside.heard.map(({ type }) => type)).not.toContain('offer')
    for (const client of [inside, outside]) client.socket.terminate()
  })

  test('rooms and peers named like members of a prototype', async () => {
    for (const room of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
      const raw = await RawClient.greet(rig().server.port, { room })
      expect(raw.heard.at(-1)).toEqual({ type: 'peers', room, peers: [] })
      raw.say({ type: 'offer', room: room as RoomId, to: 'constructor___________' as PeerId, body: 'x' })
      expect(await raw.hears('error')).toMatchObject({ code: 'unknown_peer' })
      raw.socket.terminate()
    }
  })

  test('a hundred resumes of one session at once: one line has it in the end', async () => {
    const secret = createPeerSecret()
    const first = await RawClient.greet(rig().server.port, { secret, room: 'r' })
    const lines = await Promise.all(Array.from({ length: 100 }, () => RawClient.open(rig().server.port)))
    for (const line of lines) line.say({ type: 'resume', ...identityOf(secret), session: first.session, received: 1 })
    await Promise.all(lines.map((line) => line.hears('welcome')))
    await expect.poll(() => lines.filter((line) => line.end === undefined)).toHaveLength(1)
    expect(new Set(lines.map((line) => line.end))).toEqual(new Set(['superseded', undefined]))
    for (const line of lines) line.socket.terminate()
  })

  test('a frozen reader in a busy room does not hold up the others, and little waits for it', async () => {
    const [frozen, ...busy] = await Promise.all(
      Array.from({ length: 4 }, () => RawClient.greet(rig().server.port, { room: 'busy' })),
    )
    if (frozen === undefined) throw new Error('nobody')
    frozen.socket.pause()
    const body = 'x'.repeat(4_000)
    const before = process.memoryUsage().rss
    for (let round = 0; round < 100; round += 1) {
      for (const client of busy) client.say({ type: 'offer', room: 'busy' as RoomId, to: frozen.id, body })
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    for (const client of busy) expect(client.end).toBeUndefined()
    expect(process.memoryUsage().rss - before).toBeLessThan(32 * 1024 * 1024)
    for (const client of [frozen, ...busy]) client.socket.terminate()
  })

  test('an upgrade with two thousand headers, and one that never ends', async () => {
    const flood = `GET /ws?line=a HTTP/1.1\r\n${Array.from({ length: 2_000 }, (_, i) => `X-${i}: 1\r\n`).join('')}\r\n`
    for (const request of [flood, `GET /ws HTTP/1.1\r\nX: ${'x'.repeat(100_000)}`]) {
      const socket = connect(rig().server.port, '127.0.0.1')
      socket.on('error', () => {})
      socket.write(request)
      socket.resume()
      await once(socket, 'close')
    }
    expect((await fetch(`http://127.0.0.1:${rig().server.port}/readyz`)).status).toBe(200)
  })

  test('a flood of pings whose answers are never read', async () => {
    const raw = await RawClient.greet(rig().server.port, { room: 'r' })
    raw.socket.pause()
    const payload = Buffer.alloc(125)
    const before = process.memoryUsage.rss()
    for (let round = 0; round < 2_000 && raw.socket.readyState === raw.socket.OPEN; round += 1) {
      for (let i = 0; i < 100; i += 1) raw.socket.ping(payload)
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(process.memoryUsage.rss() - before).toBeLessThan(64 * MIB)
    raw.socket.resume()
    expect(await raw.ended()).toBe('WebSocket 1006')
  })

  test('a flood of pongs that nobody has asked for', async () => {
    const raw = await RawClient.greet(rig().server.port, { room: 'r' })
    for (let round = 0; round < 200 && raw.socket.readyState === raw.socket.OPEN; round += 1) {
      for (let i = 0; i < 100; i += 1) raw.socket.pong()
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(raw.socket.readyState).not.toBe(raw.socket.OPEN)
    expect(await raw.ended()).toBe('WebSocket 1006')
  })

  test('frames without end after a line has ended: the server reads no more of them', async () => {
    const socket = connect(rig().server.port, '127.0.0.1')
    socket.on('error', () => {}).resume()
    const headers = 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n'
    const own = 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: patchbay.1\r\n'
    socket.write(`GET /ws?line=raw HTTP/1.1\r\nHost: a\r\n${headers}${own}\r\n`)
    await once(socket, 'data')
    // A text frame of 10 000 bytes, masked with zeros (RFC 6455 §5.2). The first is no greeting, and ends the line.
    const frame = Buffer.concat([Buffer.from([0x81, 0xfe, 0x27, 0x10, 0, 0, 0, 0]), Buffer.alloc(10_000, 'x')])
    socket.write(Buffer.concat(Array.from({ length: 3_000 }, () => frame)))
    const first = await new Promise((resolve) => {
      for (const event of ['drain', 'close']) socket.once(event, () => resolve(event))
    })
    expect(first).toBe('close')
  })

  test('a refused upgrade that never closes its end', async () => {
    const socket = connect({ port: rig().server.port, host: '127.0.0.1', allowHalfOpen: true })
    socket.resume()
    socket.write('GET /nowhere HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
    // Writing to a socket that the other end has destroyed is answered with a reset.
    const timer = setInterval(() => socket.write('still here'), 20)
    socket.on('error', () => {})
    await new Promise((resolve) => socket.once('close', resolve))
    clearInterval(timer)
  })
})
