import { connect } from 'node:net'
import type { ClientState, SignalingClient } from '@patchbay/core/client'
import { chosenPlugs } from '@patchbay/lines'
import { pino } from 'pino'
import { afterEach, describe, expect, test } from 'vitest'
import { ConfigError } from '../src/config-error.ts'
import { readConfig } from '../src/config.ts'
import { startFromConfig } from '../src/start.ts'
import { explainFailure } from '../src/start-failure.ts'
import { connectClient as connectTo } from './support/rig.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const clean of cleanups.splice(0).toReversed()) await clean()
})

async function start(environment: Record<string, string> = {}) {
  const lines: string[] = []
  const log = pino({ level: 'trace' }, { write: (line: string) => lines.push(line) })
  const config = await readConfig({ PORT: '0', HOST: '127.0.0.1', DRAIN_SPREAD_MS: '0', ...environment })
  const server = await startFromConfig(config, log)
  cleanups.push(() => server.close())
  return { server, lines, http: `http://127.0.0.1:${server.port}` }
}

function connectClient(port: number): SignalingClient {
  const client = connectTo(port)
  cleanups.push(() => client.close())
  return client
}

/** Sends raw bytes. @returns the first line of the answer, or `closed` when there is none. */
function raw(port: number, request: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {})
    socket.once('close', () => resolve('closed'))
    socket.once('data', (answer) => {
      resolve(answer.toString().split('\r\n')[0] ?? '')
      socket.destroy()
    })
    socket.write(request)
  })
}

const upgrade = (target: string, headers: Record<string, string> = {}) => {
  const all = {
    Host: 'chat.example:4000',
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Protocol': 'patchbay.1',
    ...headers,
  }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return `GET ${target} HTTP/1.1\r\n${lines.join('')}\r\n`
}

describe('configuration', () => {
  test.each([
    ['PORT', 'abc'],
    ['PORT', '70000'],
    ['ALLOWED_ORIGINS', 'chat.example'],
    ['ALLOWED_ORIGINS', 'https://chat.example/path'],
    ['ICE_SERVERS', 'stun:x'],
    ['ICE_SERVERS', '[{"urls":["http://x"]}]'],
    ['TURN_URLS', 'stun:turn.example'],
    ['TURN_SECRET', 'short'],
    ['TURN_LIFETIME_SECONDS', '5'],
    ['MAX_PEERS_PER_ROOM', '1'],
    ['LOG_LEVEL', 'loud'],
    ['TRUST_PROXY', 'yes'],
    ['TRUST_PROXY', '10.0.0.0/99'],
    ['LINES', 'websocket,no-line'],
    ['LINES', 'websocket,websocket'],
    ['MAX_BROKER_LINES', '0'],
    ['ENGINE_URL', 'http://redis.example'],
    ['ENGINE_URL', 'redis://user:word@host:99999'],
    ['ENGINE_PREFIX', 'a b'],
  ])('refuses %s=%s and names the variable', async (name, value) => {
    await expect(readConfig({ [name]: value })).rejects.toThrow(ConfigError)
    await expect(readConfig({ [name]: value })).rejects.toThrow(new RegExp(`^${name}: `, 'm'))
  })

  test('the metrics may be on the port of the server', async () => {
    expect(await readConfig({ PORT: '4100', METRICS_PORT: '4100' })).toMatchObject({ metricsPort: 4100 })
  })

  test.each<[string, number | undefined, string | RegExp | undefined, string?]>([
    ['EADDRINUSE', 4000, 'Port 4000 is in use. Stop the program that uses it, or set PORT to a free port.'],
    ['EADDRINUSE', 1883, 'Port 1883 is in use. Stop the program that uses it, or set MQTT_PORT to a free port.'],
    ['EACCES', 90, /^Port 90 may not be opened by this user.* Set METRICS_PORT to 1024 or higher\.$/],
    ['EACCES', undefined, /^Port 4000 .* Set PORT to/],
    ['ENOTFOUND', undefined, /HOST: "nowhere" is not an address/],
    ['EAI_AGAIN', undefined, /HOST: "nowhere" is not an address/, 'getaddrinfo'],
    ['EINVAL', 4000, /HOST: "nowhere" is not an address/],
    ['EINVAL', undefined, undefined, 'open'],
    ['ENOSPC', undefined, undefined],
  ])('a server that fails with %s on port %s says which variable to set', (code, port, text, syscall = 'listen') => {
    const error = Object.assign(new Error('listen'), { code, syscall, ...(port !== undefined && { port }) })
    const failure = explainFailure(error, { port: 4000, host: 'nowhere' }, { METRICS_PORT: '90', MQTT_PORT: '1883' })
    if (text === undefined) expect(failure).toBeUndefined()
    else expect(failure).toMatch(text)
  })

  test('has a default for everything, and takes what it documents', async () => {
    expect(await readConfig({ HOST: '' })).toMatchObject({ port: 4000, host: undefined, allowedOrigins: 'same-host' })
    const servers = [{ urls: ['turn:turn.example:3478?transport=udp'], username: 'u', credential: 'c' }]
    expect(
      await readConfig({
        ALLOWED_ORIGINS: 'https://a.example, http://localhost:3000',
        ICE_SERVERS: JSON.stringify(servers),
        MAX_SESSIONS: '5',
      }),
    ).toMatchObject({
      allowedOrigins: ['https://a.example', 'http://localhost:3000'],
      iceServers: servers,
      hubLimits: { sessions: 5, messages: { perSecond: 50, burst: 200 } },
    })
  })
})

describe('signaling server', () => {
  test('answers health and readiness, and 404 for other paths', async () => {
    const { http } = await start()
    const health = await fetch(`${http}/healthz?verbose`)
    expect(await health.json()).toMatchObject({ status: 'ok', sessions: 0, rooms: 0, limits: { peersPerRoom: 16 } })
    const proxied = await fetch(`${http}/healthz?verbose`, { headers: { 'x-forwarded-for': '203.0.113.9' } })
    expect(await proxied.json(), 'limits are for this machine only').toEqual({ status: 'ok', sessions: 0, rooms: 0 })
    expect((await fetch(`${http}/readyz`)).status).toBe(200)
    expect((await fetch(`${http}/constructor`)).status).toBe(404)
  })

  test.each([
    ['a page of the same host', upgrade('/ws?line=a', { Origin: 'http://chat.example:3000' }), '101'],
    ['a client without an origin', upgrade('/ws?line=a'), '101'],
    ['a page of another host', upgrade('/ws?line=a', { Origin: 'https://evil.example' }), '403'],
    ['a page that names no origin', upgrade('/ws?line=a', { Origin: 'null' }), '403'],
    ['another path', upgrade('/other?line=a'), '404'],
    ['an absolute-form target', upgrade('http://inside.example/ws?line=a'), '404'],
    ['another subprotocol', upgrade('/ws?line=a', { 'Sec-WebSocket-Protocol': 'chat' }), '400'],
    ['no line id', upgrade('/ws'), '400'],
    ['a line id outside the grammar', upgrade('/ws?line=%00'), '400'],
  ])('gives %s its answer', async (_, request, status) => {
    const { server } = await start()
    expect(await raw(server.port, request)).toContain(` ${status} `)
  })

  test('serves the lines it is asked for, and no others', async () => {
    const usual = await start()
    expect(usual.server.paths).toHaveLength(chosenPlugs(undefined).length)
    const { server, http } = await start({ LINES: 'websocket' })
    expect(server.paths).toEqual(['/ws'])
    expect((await fetch(`${http}/poll`, { method: 'POST' })).status).toBe(404)
    for (const path of usual.server.paths.filter((one) => one !== '/ws'))
      expect(await raw(server.port, upgrade(path))).toContain(' 404 ')
  })

  test('admits only the configured origins', async () => {
    const { server } = await start({ ALLOWED_ORIGINS: 'https://a.example' })
    expect(await raw(server.port, upgrade('/ws?line=a', { Origin: 'https://a.example' }))).toContain(' 101 ')
    expect(await raw(server.port, upgrade('/ws?line=a', { Origin: 'http://chat.example:3000' }))).toContain(' 403 ')
  })

  test('limits the open lines of one address, and counts lines that end', async () => {
    const { server } = await start({ MAX_LINES_PER_ADDRESS: '2', NEW_LINES_PER_SECOND: '1000' })
    const clients = [connectClient(server.port), connectClient(server.port)]
    await expect.poll(() => clients.map((client) => client.getSnapshot().status)).toEqual(['online', 'online'])
    expect(await raw(server.port, upgrade('/ws?line=a'))).toContain(' 503 ')
    clients[0]?.close()
    await expect.poll(() => raw(server.port, upgrade('/ws?line=a'))).toContain(' 101 ')
  })

  test('limits the rate of new lines from one address', async () => {
    const { server } = await start({ NEW_LINES_PER_SECOND: '1' })
    const answers = await Promise.all(Array.from({ length: 20 }, () => raw(server.port, upgrade('/ws?line=a'))))
    expect(answers.filter((answer) => answer.includes(' 503 ')).length).toBeGreaterThan(10)
  })

  test('gives every client its ICE servers and the peer id of its secret', async () => {
    const servers = [{ urls: ['stun:stun.example:3478'] }]
    const { server } = await start({ ICE_SERVERS: JSON.stringify(servers) })
    const client = connectClient(server.port)
    await expect.poll(() => client.getSnapshot().status).toBe('online')
    expect(client.iceServers.getSnapshot()).toEqual(servers)
    expect(client.self).toMatch(/^[A-Za-z0-9_-]{22}$/)
  })

  test('logs no names, titles, relayed bodies or secrets', async () => {
    const { server, lines } = await start()
    const [ada, bob] = [connectClient(server.port), connectClient(server.port)]
    const inAda = ada.enter({ room: 'canary-room', name: 'Canary Ada', title: 'Canary title' })
    const inBob = bob.enter({ room: 'canary-room', name: 'Canary Bob' })
    const heard: string[] = []
    inBob.onEvent((event) => event.type === 'signal' && heard.push(event.signal.body))
    await expect.poll(() => inAda.getSnapshot()).toMatchObject({ status: 'joined', peers: [{ name: 'Canary Bob' }] })
    if (bob.self !== undefined) inAda.send(bob.self, { type: 'offer', body: 'canary-sdp' })
    await expect.poll(() => heard).toEqual(['canary-sdp'])
    ada.close()
    await expect.poll(() => lines.some((line) => line.includes('session_ended'))).toBe(true)
    expect(lines.join('')).not.toMatch(/canary/i)
  })

  test('tells clients to reconnect when it shuts down, and refuses newcomers', async () => {
    const { server } = await start()
    const client = connectClient(server.port)
    await expect.poll(() => client.getSnapshot().status).toBe('online')
    const states: ClientState[] = []
    client.subscribe(() => states.push(client.getSnapshot()))
    await server.close()
    await expect.poll(() => states[0]).toMatchObject({ status: 'reconnecting', cause: 'restarting' })
    expect(await raw(server.port, upgrade('/ws?line=a'))).toBe('closed')
  })

  test('reports which port is in use', async () => {
    const { server } = await start()
    await expect(start({ PORT: String(server.port) })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })
})
