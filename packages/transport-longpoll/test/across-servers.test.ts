import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { NodeLinks } from '@patchbay/plug'
import { testTransport } from '@patchbay/transport-conformance'
import { describe, expect, test, vi } from 'vitest'
import { dialLongPoll } from '../src/client.ts'
import { plug } from '../src/plug.ts'
import { listenLongPoll, type LongPollListener } from '../src/server.ts'
import { CURSOR_HEADER } from '../src/wire.ts'
import { intrude } from './support/intruder.ts'

const times = { holdMs: 400, graceMs: 800 }
const signal = () => AbortSignal.timeout(5_000)

/** Two servers, each of which gets every other request, as behind a balancer that does not look at them. */
async function startTwo() {
  const handlers = new Map<string, (text: string) => Promise<string>>()
  const asked: string[] = []
  const linksOf = (self: string): NodeLinks => ({
    self,
    async ask(node, _line, text) {
      asked.push(text)
      return handlers.get(node)?.(text)
    },
    answer: (_line, handler) => handlers.set(self, handler),
  })
  const start = async (
    self: string,
  ): Promise<{ readonly listener: LongPollListener; readonly http: Server; readonly port: number }> => {
    const listener = listenLongPoll({
      ...{ path: '/poll', allowOrigin: () => true, times, nodes: linksOf(self) },
      addressOf: ({ headers }) => headers.forwarded ?? '192.0.2.1',
    })
    const http = createServer((request, response) => listener.handleRequest(request, response))
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
    return { listener, http, port: (http.address() as AddressInfo).port }
  }
  const servers = [await start('node-a'), await start('node-b')]
  let turn = 0
  const next = () => `http://127.0.0.1:${servers[(turn += 1) % 2]?.port}/poll`
  const dispose = async () => {
    for (const { listener, http } of servers) {
      await listener.close()
      http.closeAllConnections()
      await new Promise((resolve) => http.close(resolve))
    }
  }
  return { handlers, asked, servers, next, dispose }
}

testTransport({
  name: 'longpoll across two servers',
  // With shorter times than those of the plug.
  traits: { ...plug.traits, lostWithinMs: 3_000 },
  async rig() {
    const { servers, next, dispose } = await startTwo()
    let underWay = 0
    let state: 'open' | 'frozen' | 'broken' = 'open'
    let authorization = ''
    const balanced = async (_: string, init?: RequestInit): Promise<Response> => {
      authorization = new Headers(init?.headers).get('authorization') ?? authorization
      if (state === 'broken') throw new TypeError('The network is gone.')
      underWay += 1
      try {
        const response = await fetch(next(), init)
        if (state === 'frozen') await new Promise(() => {})
        if ((state as string) === 'broken') throw new TypeError('The network is gone.')
        return response
      } finally {
        underWay -= 1
      }
    }
    return {
      listener: {
        name: 'longpoll',
        listen(accept) {
          for (const { listener } of servers) listener.listen(accept)
        },
        close: async () => void (await Promise.all(servers.map(({ listener }) => listener.close()))),
      },
      dialer: dialLongPoll({ url: 'http://balancer/poll', times, fetch: balanced }),
      nobody: dialLongPoll({ url: 'http://127.0.0.1:9/poll', times }),
      breakLine: () => void (state = 'broken'),
      freezeClient: () => void (state = 'frozen'),
      sendOversize(bytes) {
        const headers = { authorization, 'content-type': 'application/json', [CURSOR_HEADER]: '0' }
        const body = JSON.stringify({ frames: ['x'.repeat(bytes)] })
        fetch(next(), { method: 'POST', headers, body }).catch(() => {})
      },
      intrude: (line, text) => intrude(next, line, text),
      openHandles: () => underWay,
      dispose,
    }
  },
})

test('a server that is gone: its lines are unknown to the others, and a client opens another', async () => {
  const { handlers, servers, dispose } = await startTwo()
  try {
    for (const { listener } of servers) listener.listen(() => ({ frame: () => undefined, close: () => undefined }))
    const { port } = servers[1] as (typeof servers)[1]
    const answer = await fetch(`http://127.0.0.1:${servers[0]?.port}/poll`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    })
    const { id, secret } = (await answer.json()) as { readonly id: string; readonly secret: string }
    expect(id).toMatch(/^node-a[\w-]{16}$/)
    const ask = (credential: string) =>
      fetch(`http://127.0.0.1:${port}/poll`, {
        headers: { authorization: `Bearer ${credential}`, [CURSOR_HEADER]: '0' },
      })
    expect((await ask(`${id}.${secret}`)).status).toBe(200)
    expect((await ask(`${id}.${secret.replace(/^./, (first) => (first === 'A' ? 'B' : 'A'))}`)).status).toBe(404)
    handlers.delete('node-a')
    expect((await ask(`${id}.${secret}`)).status).toBe(404)
  } finally {
    await dispose()
  }
})

test('while too much waits for the server of a line, the client repeats its requests, and the line goes on', async () => {
  const { handlers, servers, dispose } = await startTwo()
  try {
    const heard: string[] = []
    for (const { listener } of servers) listener.listen(() => ({ frame: (text) => heard.push(text), close: () => {} }))
    const [own, other] = servers
    const statuses: number[] = []
    const dialer = dialLongPoll({
      url: `http://127.0.0.1:${own?.port}/poll`,
      times,
      async fetch(url, init) {
        const isOpening = new Headers(init.headers).get('authorization') === null
        const response = await fetch(isOpening ? url : `http://127.0.0.1:${other?.port}/poll`, init)
        statuses.push(response.status)
        return response
      },
    })
    const answer = handlers.get('node-a')
    handlers.set('node-a', () => Promise.reject(new Error('Too much waits for that node.')))
    const line = await dialer.dial({ frame: () => {}, close: (reason) => heard.push(reason) }, { signal: signal() })
    line.send('hello')
    await vi.waitFor(() => expect(statuses.filter((status) => status === 503).length).toBeGreaterThanOrEqual(2))
    if (answer !== undefined) handlers.set('node-a', answer)
    await vi.waitFor(() => expect(heard).toEqual(['hello']))
    line.close()
  } finally {
    await dispose()
  }
})

test('a line that sends far more than a session may say is over, though another server takes its bodies', async () => {
  const { servers, dispose } = await startTwo()
  try {
    for (const { listener } of servers) listener.listen(() => ({ frame: () => undefined, close: () => undefined }))
    const urls = servers.map(({ port }) => `http://127.0.0.1:${port}/poll`)
    const [own = '', other = ''] = urls
    const json = { 'content-type': 'application/json' }
    const opened = await fetch(own, { method: 'POST', headers: json, body: '{}' })
    const { id, secret } = (await opened.json()) as { readonly id: string; readonly secret: string }
    const shown = (cursor: number) => ({
      ...json,
      authorization: `Bearer ${id}.${secret}`,
      [CURSOR_HEADER]: `${cursor}`,
    })
    const body = JSON.stringify({ frames: ['x'], rest: 'x'.repeat(400_000) })
    let sent = 0
    for (let status = 204; status === 204 && sent < 30; sent += 1) {
      // Without a GET the line would be over for that reason.
      fetch(own, { headers: shown(0) }).catch(() => {})
      status = (await fetch(other, { method: 'POST', headers: shown(sent), body })).status
    }
    // The burst of a line is 4 MiB.
    expect(sent).toBeGreaterThan(5)
    expect(sent).toBeLessThan(20)
  } finally {
    await dispose()
  }
})

test('a server that closes while it has passed a request on: the client is to repeat it, since its line is elsewhere', async () => {
  const { handlers, servers, dispose } = await startTwo()
  try {
    let asked = () => {}
    const isAsked = new Promise<void>((resolve) => (asked = resolve))
    let giveUp = () => {}
    handlers.set('node-a', () => {
      asked()
      // What a server that is asked and does not answer comes to.
      return new Promise<string>((resolve) => (giveUp = resolve as unknown as () => void))
    })
    const [, edge] = servers
    const request = fetch(`http://127.0.0.1:${edge?.port}/poll`, {
      headers: { authorization: `Bearer ${'node-a'.padEnd(22, 'x')}.${'s'.repeat(43)}`, [CURSOR_HEADER]: '0' },
    })
    await isAsked
    await edge?.listener.close()
    giveUp()
    expect((await request).status).toBe(503)
  } finally {
    await dispose()
  }
})

describe('what somebody else sends in the name of a line of the other server', () => {
  const id = 'node-a'.padEnd(22, 'x')
  const stranger = `Bearer ${id}.${'s'.repeat(43)}`

  test.each([
    ['arrays in arrays', `{"frames":${'['.repeat(5_000)}${']'.repeat(5_000)}}`, stranger, 400],
    ['no frames', '[]', stranger, 400],
    ['numbers that grow', `{"frames":[],"x":[${'1e20,'.repeat(50_000)}1]}`, stranger, 404],
    ['a credential that is none', '{"frames":[]}', `Bearer ${id}.${'s'.repeat(9_000)}`, 404],
  ])('%s: it is refused, and nothing else of it is passed on', async (_, body, authorization, status) => {
    const { servers, asked, dispose } = await startTwo()
    for (const { listener } of servers) listener.listen(() => ({ frame: () => undefined, close: () => undefined }))
    const headers = { authorization, 'content-type': 'application/json', [CURSOR_HEADER]: '0' }
    const answer = await fetch(`http://127.0.0.1:${servers[1]?.port}/poll`, { method: 'POST', headers, body })
    expect(answer.status).toBe(status)
    expect(Math.max(0, ...asked.map((text) => text.length))).toBeLessThan(200)
    await dispose()
  })

  test('a server that answers nonsense is reported as one that does not answer', async () => {
    const { servers, handlers, dispose } = await startTwo()
    handlers.set('node-a', () => Promise.resolve('nonsense'))
    const headers = { authorization: stranger, [CURSOR_HEADER]: '0' }
    expect((await fetch(`http://127.0.0.1:${servers[1]?.port}/poll`, { headers })).status).toBe(502)
    await dispose()
  })

  test.each([
    ['address', () => '2001:db8::1'],
    ['network', (i: number) => `2001:db8::${i.toString(16)}`],
  ])('requests of one %s that wait for another server are bounded', async (_, addressOf) => {
    const { servers, handlers, dispose } = await startTwo()
    handlers.set('node-a', () => new Promise(() => undefined))
    const stop = new AbortController()
    const headers = (i: number) => ({ authorization: stranger, [CURSOR_HEADER]: '0', forwarded: addressOf(i) })
    const answers: number[] = []
    for (let i = 0; i < 230; i += 1)
      void fetch(`http://127.0.0.1:${servers[1]?.port}/poll`, { headers: headers(i), signal: stop.signal }).then(
        ({ status }) => answers.push(status),
        () => undefined,
      )
    await vi.waitFor(() => expect(answers).toEqual(Array.from({ length: 30 }, () => 503)), { timeout: 10_000 })
    stop.abort()
    await dispose()
  })
})
