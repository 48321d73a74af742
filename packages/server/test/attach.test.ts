import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { joinRoom, type Room } from '@patchbay/room'
import { nodeDataChannel } from '@patchbay/room/node-datachannel'
import { dialLongPoll } from '@patchbay/transport-longpoll/client'
import { dialWebSocket } from '@patchbay/transport-websocket/client'
import express from 'express'
import fastify from 'fastify'
import { afterEach, describe, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { attach, type SignalingOptions, startServer } from '../src/index.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

async function listening(http: Server): Promise<number> {
  if (!http.listening) {
    http.listen(0, '127.0.0.1')
    await once(http, 'listening')
  }
  cleanups.push(async () => {
    http.closeAllConnections()
    await new Promise((resolve) => http.close(resolve))
  })
  return (http.address() as AddressInfo).port
}

/** Two that are in a room of a server, one on each line, and have talked to each other. */
async function talk(port: number, base = ''): Promise<void> {
  const lines = {
    websocket: dialWebSocket({ url: `ws://127.0.0.1:${port}${base}/ws`, WebSocket }),
    longpoll: dialLongPoll({ url: `http://127.0.0.1:${port}${base}/poll` }),
  }
  const rooms = Object.entries(lines).map(([name, line]) =>
    joinRoom({ lines: [line], room: 'friday', name, rtc: nodeDataChannel }),
  )
  const [ada, bob] = rooms as [Room, Room]
  cleanups.push(() => rooms.forEach((room) => room.leave()))
  await expect.poll(() => rooms.map(({ line }) => line.getSnapshot().status)).toEqual(['online', 'online'])
  const heard: string[] = []
  bob.onMessage((text) => heard.push(text))
  ada.send('hello')
  await expect.poll(() => heard, { timeout: 10_000 }).toEqual(['hello'])
}

const get = async (port: number, path: string) => {
  const response = await fetch(`http://127.0.0.1:${port}${path}`)
  return `${response.status} ${await response.text()}`
}

describe('attach', () => {
  test('serves rooms beside what a bare HTTP server answers', async () => {
    const http = createServer((request, response) => response.end(`app ${request.url}`))
    const attached = await attach(http, { path: '/rooms' })
    const port = await listening(http)
    expect(attached.paths).toEqual(['/rooms/ws', '/rooms/poll'])
    await talk(port, '/rooms')
    expect(await get(port, '/')).toBe('200 app /')
    expect(await get(port, '/rooms/other')).toBe('200 app /rooms/other')
    expect(attached.stats()).toEqual({ sessions: 2, rooms: 1 })
  })

  test('serves rooms beside Express 5 with a body parser', async () => {
    const app = express()
    app.use(express.json())
    app.post('/echo', (request, response) => void response.json(request.body))
    const http = createServer(app)
    await attach(http)
    const port = await listening(http)
    await talk(port)
    const headers = { 'content-type': 'application/json' }
    const echo = await fetch(`http://127.0.0.1:${port}/echo`, { method: 'POST', headers, body: '{"a":1}' })
    expect(await echo.json()).toEqual({ a: 1 })
  })

  test('serves rooms beside Fastify 5', async () => {
    const app = fastify()
    app.get('/hello', () => ({ hello: 'world' }))
    await app.ready()
    cleanups.push(() => app.close())
    const attached = await attach(app.server)
    cleanups.push(() => attached.close(0))
    await app.listen({ port: 0, host: '127.0.0.1' })
    const { port } = app.server.address() as AddressInfo
    await talk(port)
    expect(await get(port, '/hello')).toBe('200 {"hello":"world"}')
  })

  test('leaves the upgrades of another WebSocket server alone, whichever came first', async () => {
    const http = createServer()
    const first = new WebSocketServer({ noServer: true })
    http.on('upgrade', (request, socket, head) => {
      if (request.url === '/first') first.handleUpgrade(request, socket, head, (ws) => ws.send('first'))
    })
    await attach(http)
    const second = new WebSocketServer({ noServer: true })
    http.on('upgrade', (request, socket, head) => {
      if (request.url === '/second') second.handleUpgrade(request, socket, head, (ws) => ws.send('second'))
    })
    const port = await listening(http)
    for (const name of ['first', 'second']) {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/${name}`)
      const [data] = (await once(socket, 'message')) as [Buffer]
      expect(data.toString()).toBe(name)
      socket.terminate()
    }
    await talk(port)
  })

  test('keeps its lines from upgrade listeners that answer every path, whichever came first', async () => {
    const http = createServer()
    const greedy = () => new WebSocketServer({ server: http, path: '/chat' })
    greedy()
    await attach(http)
    greedy()
    await talk(await listening(http))
  })

  test('leaves an upgrade to a listener that takes itself off', async () => {
    const http = createServer()
    const app = new WebSocketServer({ noServer: true })
    http.once('upgrade', (request, socket, head) => app.handleUpgrade(request, socket, head, (ws) => ws.send('once')))
    await attach(http)
    const port = await listening(http)
    const socket = new WebSocket(`ws://127.0.0.1:${port}/app`)
    const [data] = (await once(socket, 'message')) as [Buffer]
    expect(data.toString()).toBe('once')
    socket.send('still open?')
    const [inside] = app.clients
    expect(String(((await once(inside as WebSocket, 'message')) as [Buffer])[0])).toBe('still open?')
    socket.terminate()
    // Nobody is left for the next.
    const refused = new WebSocket(`ws://127.0.0.1:${port}/app`)
    const [error] = (await once(refused, 'error')) as [Error]
    expect(error.message).toContain('404')
  })

  test('leaves paths that only look like those of credentials to the application', async () => {
    const http = createServer((request, response) => response.end(`app ${request.url}`))
    await attach(http)
    const port = await listening(http)
    for (const path of ['/credentials/list', '/credentials/websocket', '/credentials/', '/rooms/friday'])
      expect(await get(port, path)).toBe(`200 app ${path}`)
  })

  test.each<[string, SignalingOptions]>([
    ['turn.*iceLifetimeMs', { turn: { urls: ['turn:a.example'], secret: 's', lifetimeMs: 172_800_000 } }],
    ['turn.*iceLifetimeMs', { turn: { urls: ['turn:a.example'], secret: 's', lifetimeMs: 0.5 } }],
    ['iceServers.*urls', { iceServers: [{ urls: 'stun:a.example' as never }] }],
    ['iceServers', { iceServers: Array.from({ length: 17 }, () => ({ urls: ['stun:a.example'] })) }],
    ['limits.peersPerRoom', { limits: { peersPerRoom: Number.NaN } }],
    ['newLinesPerSecond', { newLinesPerSecond: Number.NaN }],
    ['linesPerAddress', { linesPerAddress: 0 }],
    ['brokerLines', { brokerLines: -1 }],
    ['allowedOrigins.*https://chat.example/', { allowedOrigins: ['https://chat.example/'] }],
    ['lines.*mqtt', { lines: ['mqtt' as never] }],
    ['lines', { lines: [] }],
    ['lines.*handed in', { lines: [{} as never] }],
    ['authorize', { authorize: 'everyone' as never }],
    ['trustProxy', { trustProxy: ['10.0.0.0/99'] }],
  ])('refuses by name what no client could use: %s', async (name, options) => {
    await expect(attach(createServer(), options)).rejects.toThrow(new RegExp(name))
  })

  test('takes origins of packaged applications as they are', async () => {
    const allowedOrigins = ['capacitor://localhost', 'tauri://localhost', 'null', 'https://chat.example:8443']
    await expect(attach(createServer(), { allowedOrigins })).resolves.toMatchObject({ paths: ['/ws', '/poll'] })
  })

  test('gives the server back as it was, and clients are told to come back', async () => {
    const http = createServer((_, response) => response.end('app'))
    const before = http.listeners('request')
    const attached = await attach(http)
    const port = await listening(http)
    const room = joinRoom({
      lines: [dialWebSocket({ url: `ws://127.0.0.1:${port}/ws`, WebSocket })],
      room: 'friday',
      name: 'Ada',
      rtc: nodeDataChannel,
    })
    cleanups.push(room.leave)
    await expect.poll(() => room.line.getSnapshot().status).toBe('online')
    // As it is called by whoever has it handle a signal.
    await attached.close('SIGTERM' as never)
    await expect.poll(() => room.line.getSnapshot()).toMatchObject({ status: 'reconnecting', cause: 'restarting' })
    expect(http.listeners('request')).toEqual(before)
    expect(http.listeners('upgrade')).toEqual([])
    expect(await get(port, '/ws')).toBe('200 app')
  })

  test('gives the server back though a line cannot be closed', async () => {
    const http = createServer((_, response) => response.end('app'))
    const close = () => Promise.reject(new Error('stuck'))
    const stuck = { path: '/stuck', listener: { name: 'stuck', listen: () => {}, close } }
    const attached = await attach(http, { lines: ['longpoll', () => stuck] })
    const port = await listening(http)
    await expect(attached.close(0)).rejects.toThrow('stuck')
    expect(await get(port, '/poll')).toBe('200 app')
  })

  test('can be attached twice and taken off in any order, and the application hears each request once', async () => {
    const heard: string[] = []
    const http = createServer((request, response) => {
      heard.push(request.url ?? '')
      response.end('app')
    })
    const first = await attach(http, { path: '/a' })
    await attach(http, { path: '/b' })
    const port = await listening(http)
    await first.close(0)
    expect(await get(port, '/')).toBe('200 app')
    expect(await get(port, '/a/poll')).toBe('200 app')
    await talk(port, '/b')
    expect(heard).toEqual(['/', '/a/poll'])
  })

  test('lets a request that asks for HTTP/2 be answered as if it had not', async () => {
    const http = createServer((request, response) => response.end(`app ${request.headers.upgrade}`))
    await attach(http)
    const socket = connect(await listening(http), '127.0.0.1')
    socket.write(
      'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: \r\n\r\n',
    )
    let answer = ''
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString()))
    await once(socket, 'end')
    expect(answer).toMatch(/^HTTP\/1.1 200 OK\r\n[\s\S]*app undefined/)
  })

  test.each(['whole', 'in two parts'])('and its body reaches the application %s', async (how) => {
    const app = express()
    app.use(express.json())
    app.post('/api', ({ body }, response) => void response.json(body))
    const http = createServer(app)
    await attach(http, { path: '/rooms' })
    const socket = connect(await listening(http), '127.0.0.1')
    const upgrade = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: \r\n'
    const type = 'Content-Type: application/json\r\nContent-Length: 7\r\n\r\n'
    socket.write(`POST /api HTTP/1.1\r\nHost: a\r\n${upgrade}${type}${how === 'whole' ? '{"a":1}' : '{"a"'}`)
    if (how !== 'whole') {
      await expect.poll(() => socket.bytesWritten).toBeGreaterThan(100)
      socket.write(':1}')
    }
    let answer = ''
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString()))
    await once(socket, 'end')
    expect(answer).toMatch(/^HTTP\/1.1 200 OK\r\n[\s\S]*{"a":1}/)
  })

  test.each(['rooms', '/rooms/', '/a b', '/rooms?x'])('refuses the path %s', async (path) => {
    await expect(attach(createServer(), { path })).rejects.toThrow('`path` must be like /rooms')
  })
})

describe('startServer', () => {
  test.each([Number.NaN, -1, Infinity])('refuses a drain over %d ms by name', async (drainSpreadMs) => {
    await expect(startServer({ port: 0, drainSpreadMs })).rejects.toThrow('drainSpreadMs')
  })

  test.each([-1, 0.5, 65_536, '9090' as never])('refuses %s as the port of metrics by name', async (metricsPort) => {
    await expect(startServer({ port: 0, metricsPort })).rejects.toThrow('`metricsPort`')
  })

  test.each(['/ws', '/ws/below', '/poll', '/healthz', '/nowhere'])(
    'answers whoever asks %s for another protocol, and does not mind a reset instead of a goodbye',
    async (path) => {
      const server = await startServer({ port: 0, host: '127.0.0.1' })
      cleanups.push(() => server.close())
      const ask = () => {
        const socket = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true })
        socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n`)
        return socket
      }
      const patient = ask()
      const [answer] = (await once(patient, 'data')) as [Buffer]
      expect(answer.toString()).toMatch(/^HTTP\/1.1 [24]\d\d /)
      // The server does not wait for the client to close.
      patient.on('error', () => {})
      await once(patient, 'end')
      patient.destroy()
      for (let i = 0; i < 10; i += 1) {
        const rude = ask()
        await once(rude, 'data')
        rude.resetAndDestroy()
      }
      expect(await get(server.port, '/readyz')).toContain('200')
    },
  )

  test('serves rooms, health, and routes of your own', async () => {
    const events: string[] = []
    const server = await startServer({
      port: 0,
      host: '127.0.0.1',
      routes: { '/about': (_, response) => response.end('about') },
      onEvent: ({ type }) => events.push(type),
    })
    cleanups.push(() => server.close())
    await talk(server.port)
    expect(await get(server.port, '/about')).toBe('200 about')
    expect(await get(server.port, '/healthz')).toMatch(/^200 .*"sessions":2/)
    expect(await get(server.port, '/nothing')).toMatch(/^404 .*\/ws, \/poll/)
    expect(events).toEqual(['session_opened', 'session_opened'])
  })

  test('is ready when every line is, those behind an exchange included', async () => {
    let reach: () => void = () => {}
    const ready = new Promise<void>((resolve) => (reach = resolve))
    const late = () => ({
      path: undefined,
      listener: { name: 'late', ready, listen: () => {}, close: () => Promise.resolve() },
    })
    const server = await startServer({ port: 0, host: '127.0.0.1', lines: ['websocket', late] })
    cleanups.push(() => server.close())
    expect(server.paths).toEqual(['/ws'])
    expect(await get(server.port, '/readyz')).toMatch(/^503 .*"starting"/)
    reach()
    await expect.poll(() => get(server.port, '/readyz')).toMatch(/^200 .*"ready"/)
  })
})
