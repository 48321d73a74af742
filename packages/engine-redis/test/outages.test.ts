import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { Recording } from '@patchbay/engine-conformance'
import { startFaultProxy } from '@patchbay/fault-proxy'
import { startRedis, startSentinel } from '@patchbay/test-servers'
import { expect, onTestFinished, test } from 'vitest'
import { redisEngine, type RedisEngineOptions } from '../src/index.ts'

/** Starts something that is stopped after the test, the newest first. */
async function use<T>(starting: Promise<T>, stop: (one: T) => unknown): Promise<T> {
  const one = await starting
  onTestFinished(async () => void (await stop(one)))
  return one
}

const useRedis = () => use(startRedis(), (redis) => redis.stop())
const useProxy = (port: number) => use(startFaultProxy(port), (proxy) => proxy.close())

/** An engine that notes what it tells, and what was said of its connections. */
function useEngine(options: RedisEngineOptions) {
  const errors: string[] = []
  const engine = redisEngine({ ...options, onError: ({ message }) => errors.push(message) })
  onTestFinished(() => engine.close())
  const recording = new Recording({ engine, cut: () => {}, deafen: () => {}, inject: () => {} })
  return { engine, recording, errors, started: engine.start(recording.handlers) }
}

test('a sentinel that accepts and says nothing is passed over: the next one is asked', async () => {
  const redis = await useRedis()
  const sentinel = await use(startSentinel(redis.port), (one) => one.stop())
  const silent = await useProxy(sentinel.port)
  silent.freeze(true)
  const url = `redis+sentinel://127.0.0.1:${silent.port},127.0.0.1:${sentinel.port}/master`
  await useEngine({ url }).started
})

test('sentinels that are away are reported once, however often they are asked', async () => {
  const sentinel = createServer((socket) => socket.on('error', () => {}).destroy()).listen(0, '127.0.0.1')
  onTestFinished(() => void sentinel.close())
  await once(sentinel, 'listening')
  const { errors } = useEngine({ url: `redis+sentinel://127.0.0.1:${(sentinel.address() as AddressInfo).port}/master` })
  // Two connections are opened at a time.
  for (let tries = 0; tries < 8; tries += 1) await once(sentinel, 'connection')
  expect(errors).toEqual([expect.stringContaining('All sentinels are unreachable')])
})

test('after a fail-over behind one address a node goes to the new master', async () => {
  const [before, after] = [await useRedis(), await useRedis()]
  let master = before
  const address = createServer((client) => {
    const server = connect(master.port, '127.0.0.1')
    client.pipe(server).pipe(client)
    for (const socket of [client, server])
      socket.on('error', () => {}).on('close', () => (client.destroy(), server.destroy()))
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void address.close())
  await once(address, 'listening')
  const { recording, started } = useEngine({ url: `redis://127.0.0.1:${(address.address() as AddressInfo).port}` })
  await started
  // Its connections stay open.
  master = after
  before.command('REPLICAOF', '127.0.0.1', String(after.port))
  await expect.poll(() => after.command('ZCARD', 'patchbay:{nodes}').trim()).toBe('1')
  await expect.poll(() => [recording.health.at(-1), recording.resets > 0]).toEqual(['up', true])
})
