import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Connection } from '@patchbay/core/transport'
import { startFaultProxy } from '@patchbay/fault-proxy'
import { testTransport } from '@patchbay/transport-conformance'
import { afterEach, expect, test, vi } from 'vitest'
import { dialSse } from '../src/client.ts'
import { plug } from '../src/plug.ts'
import { listenSse } from '../src/server.ts'

testTransport({
  name: 'sse',
  traits: plug.traits,
  async rig() {
    const listener = listenSse({ allowOrigin: () => true })
    const http = createServer(listener.handleRequest)
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
    const proxy = await startFaultProxy((http.address() as AddressInfo).port)
    const url = `http://127.0.0.1:${proxy.port}/sse`
    let underWay = 0
    let newest: Connection | undefined
    // Counts the requests of the platform's `fetch` whose answers have not ended: the stream of a line ends with it.
    const { fetch } = globalThis
    vi.stubGlobal('fetch', async (input: string, init: RequestInit) => {
      underWay += 1
      const over = () => (underWay -= 1)
      const response = await fetch(input, init).catch((error: unknown) => {
        over()
        throw error
      })
      const [body, counted] = response.body?.tee() ?? [null, null]
      void (counted ?? new Blob().stream()).pipeTo(new WritableStream()).then(over, over)
      return new Response(body, response)
    })
    return {
      listener,
      dialer: { name: 'sse', dial: async (...how) => (newest = await dialSse({ url }).dial(...how)) },
      nobody: dialSse({ url: 'http://127.0.0.1:9/sse' }),
      breakLine: () => proxy.reset(),
      freezeClient: () => proxy.freeze(true, 'down'),
      // This client half has no checks to get past.
      sendOversize: (bytes) => newest?.send('x'.repeat(bytes)),
      async intrude(line, text) {
        for (const authorization of [line, `${line}.${line}`])
          for (const body of [{ frame: text }, { bye: true }])
            await fetch(url, {
              method: 'POST',
              headers: { authorization, 'content-type': 'application/json' },
              body: JSON.stringify(body),
            })
      },
      openHandles: () => underWay,
      async dispose() {
        vi.unstubAllGlobals()
        await listener.close()
        await proxy.close()
        http.closeAllConnections()
        await new Promise((resolve) => http.close(resolve))
      },
    }
  },
})

const opening = new TextEncoder().encode('data: {"id":"1","key":"2"}\n\n')

afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

test('a line that is closed while a frame does not get through keeps no connection', async () => {
  const over: string[] = []
  vi.stubGlobal('fetch', async (_: string, { body, signal }: RequestInit) => {
    const what = typeof body === 'string' ? body : 'events'
    signal?.addEventListener('abort', () => over.push(what))
    if (what !== 'events') return new Promise(() => {})
    return new Response(new ReadableStream({ start: (events) => events.enqueue(opening) }))
  })
  const line = await dialSse({ url: 'http://127.0.0.1:9/sse' }).dial({ frame() {}, close() {} }, new AbortController())
  vi.useFakeTimers()
  line.send('a')
  line.close()
  await vi.advanceTimersByTimeAsync(1_999)
  expect(over).toEqual([])
  await vi.advanceTimersByTimeAsync(1)
  expect(over).toEqual(['events', '{"frame":"a"}'])
})

test('what follows a frame that was lost is not sent, also when the line is closed', async () => {
  const asked: string[] = []
  let over = false
  vi.stubGlobal('fetch', async (_: string, { body, signal }: RequestInit) => {
    if (typeof body !== 'string') signal?.addEventListener('abort', () => (over = true))
    signal?.throwIfAborted()
    if (typeof body !== 'string')
      return new Response(new ReadableStream({ start: (events) => events.enqueue(opening) }))
    asked.push(body)
    throw new TypeError('lost')
  })
  const line = await dialSse({ url: 'http://127.0.0.1:9/sse' }).dial({ frame() {}, close() {} }, new AbortController())
  for (const text of ['a', 'b', 'c']) line.send(text)
  line.close()
  await expect.poll(() => over).toBe(true)
  expect(asked).toEqual(['{"frame":"a"}'])
})

test.each([
  ['with its last words', 'data: "last words"\n\ndata: null\n\n', ['last words', 'remote']],
  ['without a word', undefined, ['lost']],
] as const)(
  'a POST to a line that the server has ended leaves it to the stream to end %s',
  async (_, words, expected) => {
    let events: ReadableStreamDefaultController<Uint8Array> | undefined
    let posted = false
    let underWay = false
    vi.stubGlobal('fetch', async (__: string, { body, signal }: RequestInit) => {
      if (typeof body === 'string') {
        posted = true
        return new Response(null, { status: 404 })
      }
      underWay = true
      signal?.addEventListener('abort', () => (underWay = false))
      return new Response(new ReadableStream({ start: (stream) => (events = stream).enqueue(opening) }))
    })
    const heard: string[] = []
    const handlers = { frame: (text: string) => heard.push(text), close: (reason: string) => heard.push(reason) }
    const line = await dialSse({ url: 'http://127.0.0.1:9/sse' }).dial(handlers, new AbortController())
    vi.useFakeTimers()
    line.send('a')
    await vi.advanceTimersByTimeAsync(1_000)
    expect(posted).toBe(true)
    expect(heard).toEqual([])
    if (words !== undefined) {
      events?.enqueue(new TextEncoder().encode(words))
      events?.close()
    }
    await vi.advanceTimersByTimeAsync(1_000)
    expect(heard).toEqual(expected)
    expect(vi.getTimerCount()).toBe(0)
    expect(underWay).toBe(false)
  },
)

test('a dial that something else answers leaves nothing open', async () => {
  let stopped = false
  vi.stubGlobal('fetch', async (_: string, { signal }: RequestInit) => {
    signal?.addEventListener('abort', () => (stopped = true))
    const page = new TextEncoder().encode('<p>Log in.\n\n<p>Please.\n\n')
    return new Response(new ReadableStream({ start: (stream) => stream.enqueue(page) }))
  })
  const dialing = dialSse({ url: 'http://127.0.0.1:9/sse' }).dial({ frame() {}, close() {} }, new AbortController())
  await expect(dialing).rejects.toThrow('No event stream')
  expect(stopped).toBe(true)
})
