import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { createEngine, MemoryStore } from '@patchbay/core/engine'
import type { Logger } from '@patchbay/plug'
import { afterEach, describe, expect, test } from 'vitest'
import { type ServerOptions, startServer } from '../src/index.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

const get = async (port: number, path: string) => {
  const response = await fetch(`http://127.0.0.1:${port}${path}`)
  return `${response.status} ${await response.text()}`
}

const freePort = async () => {
  const spare = createServer().listen(0, '127.0.0.1')
  await once(spare, 'listening')
  const { port } = spare.address() as AddressInfo
  await new Promise((resolve) => spare.close(resolve))
  return port
}

/** A log of errors. */
const noteIn = (logged: string[]): Logger => ({
  info: () => {},
  error: (what, text) => logged.push(`${text}: ${(what as { err: Error }).err.message}`),
})

test('a server that drains says so at /healthz, and waits a second for a client that reads nothing', async () => {
  const server = await startServer({ port: 0, host: '127.0.0.1', drainSpreadMs: 0 })
  const deaf = connect(server.port, '127.0.0.1')
  cleanups.push(() => deaf.destroy())
  deaf.on('error', () => {})
  deaf.write(
    'GET /ws?line=a HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: patchbay.1\r\n\r\n',
  )
  await once(deaf, 'data')
  deaf.pause()
  expect(await get(server.port, '/healthz')).toMatch(/^200 .*"ok"/)
  const from = performance.now()
  const closing = server.close()
  expect(await get(server.port, '/healthz')).toMatch(/^503 .*"draining"/)
  await closing
  expect(performance.now() - from).toBeLessThan(3_000)
})

const broken = () => {
  throw new Error('no broker')
}

const closed: string[] = []
afterEach(() => closed.splice(0))

/** A line whose end is noted. */
const line = (name: string, path = `/${name}`) => ({
  path,
  listener: { name, listen: () => {}, close: async () => void closed.push(name) },
})

/** An engine whose end is noted. */
const engine = () => {
  const own = createEngine({ store: new MemoryStore().connect() })
  const close = own.close.bind(own)
  own.close = () => {
    closed.push('engine')
    return close()
  }
  return own
}

describe('a start that fails', () => {
  const takenPort = async () => {
    const http = createServer().listen(0, '127.0.0.1')
    await once(http, 'listening')
    cleanups.push(() => http.close())
    return (http.address() as AddressInfo).port
  }

  test('says which port is in use, and leaves nothing open', async () => {
    const port = await takenPort()
    const options = { port, host: '127.0.0.1', lines: [() => line('one')], engine: engine() }
    await expect(startServer(options)).rejects.toMatchObject({ code: 'EADDRINUSE', port })
    expect(closed).toEqual(['one', 'engine'])
  })

  test('frees its own port when the one for metrics is in use', async () => {
    const port = await freePort()
    const metricsPort = await takenPort()
    const options = { port, metricsPort, host: '127.0.0.1', lines: [() => line('one')] }
    await expect(startServer(options)).rejects.toMatchObject({ code: 'EADDRINUSE', port: metricsPort })
    expect(closed).toEqual(['one'])
    const server = await startServer({ port, host: '127.0.0.1' })
    await server.close()
  })

  test.each<[string, ServerOptions, RegExp | Error, string[]]>([
    ['when another cannot', { lines: [() => line('one'), broken, () => line('two')] }, /no broker/, ['one', 'two']],
    [
      'of which two have one path',
      { lines: [() => line('one', '/line'), () => line('two', '/line')] },
      new RangeError('`lines`: "one" and "two" have the same path, /line.'),
      ['one', 'two'],
    ],
    ['when one has a name that cannot be', { lines: [() => line('A line', '/line')] }, /name/, ['A line']],
    ['when an option cannot be', { linesPerAddress: 0 }, /linesPerAddress/, []],
    ['when the server cannot be drained so', { drainSpreadMs: -1 }, /drainSpreadMs/, []],
  ])('closes the engine, and the lines that could be opened, %s', async (_, options, error, lines) => {
    const starting = startServer({ port: 0, host: '127.0.0.1', engine: engine(), ...options })
    cleanups.push(() => starting.then((server) => server.close()).catch(() => {}))
    await expect(starting).rejects.toThrow(error)
    expect(closed).toEqual([...lines, 'engine'])
  })
})

test('a server whose line cannot be closed says so, though it has left a socket open, and leaves nothing else open', async () => {
  const listener = {
    ...line('stuck').listener,
    close: () => Promise.reject(new Error('stuck')),
    handleUpgrade: (_: IncomingMessage, socket: Duplex) => {
      cleanups.push(() => socket.destroy())
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
    },
  }
  const stuck = { path: '/stuck', listener }
  const options = { port: 0, host: '127.0.0.1', lines: [() => stuck, () => line('one')], engine: engine() }
  const { port, close } = await startServer({ ...options, drainSpreadMs: 0 })
  const held = connect(port, '127.0.0.1')
  held.on('error', () => {})
  held.write('GET /stuck HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
  const [answer] = (await once(held, 'data')) as [Buffer]
  expect(answer.toString()).toMatch(/^HTTP\/1.1 101 /)
  await expect(close()).rejects.toThrow('stuck')
  expect(closed).toEqual(['one', 'engine'])
  const next = await startServer({ port, host: '127.0.0.1' })
  await next.close()
})

test('the metrics on a port of their own are there for an address that has spent its requests on the other', async () => {
  const metricsPort = await freePort()
  const server = await startServer({ port: 0, metricsPort, host: '127.0.0.1' })
  cleanups.push(() => server.close())
  const ask = () => get(server.port, '/healthz')
  const askAtOnce = () => Promise.all(Array.from({ length: 50 }, ask))
  let answers: string[] = []
  // Some are given back meanwhile: a slow machine needs more of them.
  for (let i = 0; i < 100 && !answers.some((answer) => answer.startsWith('429 ')); i += 1) answers = await askAtOnce()
  expect(answers).toContainEqual(expect.stringMatching(/^429 /))
  expect(await get(metricsPort, '/metrics')).toMatch(/^200 /)
})

test('the port of the metrics is free once the server is closed, though somebody is connected to it', async () => {
  const metricsPort = await freePort()
  const server = await startServer({ port: 0, metricsPort, host: '127.0.0.1', drainSpreadMs: 0 })
  const held = connect(metricsPort, '127.0.0.1')
  cleanups.push(() => held.destroy())
  held.write('GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n')
  await once(held, 'data')
  await server.close()
  const next = await startServer({ port: 0, metricsPort, host: '127.0.0.1' })
  await next.close()
})

test('a line that never can be reached is logged, and the others serve', async () => {
  const logged: string[] = []
  const unhandled: unknown[] = []
  const note = (reason: unknown) => unhandled.push(reason)
  process.on('unhandledRejection', note)
  cleanups.push(() => process.off('unhandledRejection', note))
  const server = await startServer({
    port: 0,
    host: '127.0.0.1',
    log: noteIn(logged),
    lines: [
      'longpoll',
      () => ({
        path: undefined,
        listener: {
          name: 'late',
          ready: Promise.reject(new Error('no exchange')),
          listen: () => {},
          close: () => Promise.resolve(),
        },
      }),
    ],
  })
  cleanups.push(() => server.close())
  expect(await get(server.port, '/readyz')).toMatch(/^503 .*"starting"/)
  expect(await get(server.port, '/healthz')).toMatch(/^200/)
  expect((await fetch(`http://127.0.0.1:${server.port}/poll`, { method: 'OPTIONS' })).status).toBe(204)
  expect([logged, unhandled]).toEqual([['line late cannot be reached: no exchange'], []])
})

test('a route that throws or rejects is answered with 500, and the server goes on', async () => {
  const logged: string[] = []
  const server = await startServer({
    port: 0,
    host: '127.0.0.1',
    log: noteIn(logged),
    routes: {
      '/throws': () => {
        throw new Error('thrown')
      },
      '/rejects': () => Promise.reject(new Error('rejected')),
      '/breaks': (_, response) => {
        response.write('half')
        throw new Error('broken')
      },
    },
  })
  cleanups.push(() => server.close())
  expect(await get(server.port, '/throws')).toMatch(/^500 /)
  expect(await get(server.port, '/rejects')).toMatch(/^500 /)
  await expect(get(server.port, '/breaks')).rejects.toThrow()
  expect(await get(server.port, '/healthz')).toMatch(/^200 /)
  expect(logged).toEqual(['route failed: thrown', 'route failed: rejected', 'route failed: broken'])
})

test('a request for a long-poll line is passed on to the server that has it, though that one lists its lines otherwise', async () => {
  const store = new MemoryStore()
  const start = async (lines: readonly ('websocket' | 'longpoll')[]) => {
    const joined = createEngine({ store: store.connect() })
    const server = await startServer({ port: 0, host: '127.0.0.1', drainSpreadMs: 0, lines, engine: joined })
    cleanups.push(() => server.close())
    return `http://127.0.0.1:${server.port}/poll`
  }
  const [own, other] = [await start(['websocket', 'longpoll']), await start(['longpoll'])]
  const post = (url: string, body: object, headers = {}) =>
    fetch(url, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  const { id, secret } = (await (await post(own, {})).json()) as { readonly id: string; readonly secret: string }
  const headers = { authorization: `Bearer ${id}.${secret}`, 'patchbay-cursor': '0' }
  // Servers know of each other after a beat.
  await expect
    .poll(async () => (await post(other, { frames: [] }, headers)).status, { timeout: 5_000, interval: 100 })
    .toBe(204)
  await post(own, { frames: [], leave: true }, headers)
})
