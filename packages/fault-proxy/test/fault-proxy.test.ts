import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { type FaultProxy, Random, startFaultProxy } from '../src/index.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const clean of cleanups.splice(0).toReversed()) await clean()
})

/** A client, the proxy, and the server's end of the connection, each with the data it received. */
async function connected() {
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanups.push(() => server.close())
  const proxy = await startFaultProxy((server.address() as AddressInfo).port)
  cleanups.push(() => proxy.close())
  const far = once(server, 'connection')
  const client = listenTo(connect({ port: proxy.port, host: '127.0.0.1', allowHalfOpen: true }))
  const [accepted] = (await far) as [Socket]
  const answering = () =>
    server.on('connection', (socket) => listenTo(socket).socket.on('data', () => socket.write('answer')))
  return { proxy, client, server: listenTo(accepted), answering }
}

function listenTo(socket: Socket) {
  const heard = { socket, text: '', chunks: 0, end: '' }
  socket.on('data', (chunk: Buffer) => {
    heard.text += chunk.toString()
    heard.chunks += 1
  })
  socket.on('end', () => (heard.end ||= 'FIN'))
  socket.on('error', (error: NodeJS.ErrnoException) => (heard.end = error.code ?? 'error'))
  cleanups.push(() => socket.destroy())
  return heard
}

const untouched: [string, (proxy: FaultProxy) => void][] = [
  ['nothing done', () => {}],
  ['latency and jitter', (proxy) => proxy.shape({ latencyMs: 20, jitterMs: 20 })],
  ['slices', (proxy) => proxy.shape({ sliceBytes: 7 })],
  ['little bandwidth', (proxy) => proxy.shape({ bytesPerSecond: 100_000 })],
]

describe('fault proxy', () => {
  test.each(untouched)('passes everything whole and in order: %s', async (_, fault) => {
    const { proxy, client, server } = await connected()
    fault(proxy)
    const text = Array.from({ length: 2_000 }, (_value, i) => `${i};`).join('')
    client.socket.write(text)
    server.socket.write(text)
    await expect.poll(() => [client.text === text, server.text === text]).toEqual([true, true])
    client.socket.end()
    await expect.poll(() => server.end).toBe('FIN')
  })

  test('delays, slices and throttles', async () => {
    const { proxy, client, server } = await connected()
    proxy.shape({ latencyMs: 100 }, 'up')
    const start = performance.now()
    client.socket.write('late')
    await expect.poll(() => server.text).toBe('late')
    expect(performance.now() - start).toBeGreaterThan(95)
    proxy.shape({ bytesPerSecond: 20_000, sliceBytes: 500 }, 'down')
    const slow = performance.now()
    server.socket.write('x'.repeat(4_000))
    await expect.poll(() => client.text.length).toBe(4_000)
    expect(performance.now() - slow).toBeGreaterThan(150)
    expect(client.chunks).toBeGreaterThan(3)
  })

  test('a freeze in one direction loses nothing; a black hole loses what it read', async () => {
    const { proxy, client, server } = await connected()
    proxy.freeze(true, 'up')
    client.socket.write('held')
    server.socket.write('free')
    await expect.poll(() => client.text).toBe('free')
    expect(server.text).toBe('')
    proxy.freeze(false, 'up')
    await expect.poll(() => server.text).toBe('held')
    proxy.blackHole(true, 'down')
    server.socket.write('gone')
    client.socket.write('!')
    await expect.poll(() => server.text).toBe('held!')
    proxy.blackHole(false, 'down')
    server.socket.write('.')
    await expect.poll(() => client.text).toBe('free.')
  })

  test('resets, refuses and half-closes', async () => {
    const { proxy, client, server } = await connected()
    proxy.halfClose('up')
    await expect.poll(() => server.end).toBe('FIN')
    server.socket.write('still open')
    await expect.poll(() => client.text).toBe('still open')
    proxy.reset()
    await expect.poll(() => client.end).toBe('ECONNRESET')
    expect(proxy.connections).toBe(0)
    proxy.refuse(true)
    const refused = listenTo(connect(proxy.port, '127.0.0.1'))
    await expect.poll(() => refused.end).toBe('ECONNRESET')
  })

  test('cuts after a number of bytes', async () => {
    const { proxy, client, server } = await connected()
    proxy.cutAfter(10, 'down')
    server.socket.write('0123456')
    await expect.poll(() => client.text).toBe('0123456')
    server.socket.write('789abcdef')
    // Linux may report a reset right behind data as the end of the stream.
    await expect.poll(() => client.end).not.toBe('')
    expect(client.text).toBe('0123456789')
  })

  test('drops the n-th response', async () => {
    const { proxy, answering } = await connected()
    answering()
    proxy.dropResponse(2)
    const client = listenTo(connect(proxy.port, '127.0.0.1'))
    client.socket.write('one?')
    await expect.poll(() => client.text).toBe('answer')
    client.socket.write('two?')
    await expect.poll(() => client.end).toBe('ECONNRESET')
    expect(client.text).toBe('answer')
  })

  test('makes the same random choices for the same seed', () => {
    const draw = (seed: number) => Array.from({ length: 20 }, new Random(seed).next)
    expect(draw(7)).toEqual(draw(7))
    expect(draw(7)).not.toEqual(draw(8))
  })
})
