import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { Recording, World } from '@patchbay/engine-conformance'
import { startFaultProxy } from '@patchbay/fault-proxy'
import { randomToken, type RoomId } from '@patchbay/protocol'
import { startRedis, startSentinel } from '@patchbay/test-servers'
import { expect, onTestFinished, test } from 'vitest'
import { redisEngine, type RedisEngineOptions } from '../src/index.ts'
import { Keys } from '../src/keys.ts'

const room = randomToken(12) as RoomId

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

/** A room, and ways to enter it. */
function worldOf(): World {
  const wait = (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms))
  return new World({
    node: () => Promise.reject(new Error('not here')),
    restartEmpty: () => {},
    wait,
    dispose: () => {},
  })
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

test('the clock of Redis is set forward: no node is taken for dead', async () => {
  const redis = await useRedis()
  const nodes = [useEngine({ url: redis.url }), useEngine({ url: redis.url })]
  for (const { started } of nodes) await started
  const isCertain = async () => {
    const snapshots = await Promise.all(nodes.map(({ engine }) => engine.read(room)))
    return snapshots.every((snapshot) => snapshot !== 'busy' && snapshot.isComplete)
  }
  await expect.poll(isCertain).toBe(true)
  for (const { recording } of nodes) recording.views.length = 0
  const [one, two] = nodes.map(({ engine }) => engine.node) as [string, string]
  // As if it were 10 s later, for all leases at once.
  const lua = `for _, node in ipairs(ARGV) do redis.call('ZINCRBY', 'patchbay:{nodes}', -10000, node) end`
  redis.command('EVAL', lua, '0', one, two)
  await expect.poll(() => nodes.map(({ recording }) => recording.resets > 0)).toEqual([true, true])
  await expect.poll(isCertain).toBe(true)
  expect(nodes.map(({ recording }) => recording.views)).toEqual([[], []])
})

test('the clock of Redis is set back: a node that dies is gone as soon as usual', async () => {
  const redis = await useRedis()
  const { recording, started } = useEngine({ url: redis.url })
  await started
  redis.command('ZADD', 'patchbay:{nodes}', String(Date.now() + 3_600_000), 'zzzzzz')
  await expect.poll(() => recording.views.at(-1)).toContain('zzzzzz')
  await expect.poll(() => recording.views.at(-1), { timeout: 8_000 }).toEqual([recording.id])
  expect(recording.resets).toBe(0)
})

test('a room is kept for two minutes after the lease of its only node has ended, and is another one after that', async () => {
  const redis = await useRedis()
  const [one, two] = [useEngine({ url: redis.url }), useEngine({ url: redis.url })]
  for (const { started } of [one, two]) await started
  const world = worldOf()
  const enter = async ({ engine, recording }: typeof one, name: string, at: RoomId) => {
    const entered = await engine.enter(at, world.seat(recording, name), 16, { title: name, host: name })
    return typeof entered === 'string' ? entered : [entered.title, entered.rules?.host, entered.seats.length]
  }
  const other = `${room}2` as RoomId
  for (const at of [room, other]) await enter(one, 'Ada', at)
  await expect.poll(() => two.recording.views.at(-1)).toContain(one.engine.node)
  await one.engine.close()
  await expect.poll(async () => (await two.recording.read(room)).isComplete).toBe(true)
  expect(await enter(two, 'Eve', room)).toEqual(['Ada', 'Ada', 1])
  // As if it were later, for that node alone.
  const keys = new Keys('patchbay:')
  redis.command('ZINCRBY', keys.lately, '-123001', one.engine.node)
  const [, about] = keys.room(other)
  redis.command('HINCRBY', about, 'at', '-123001')
  expect(await enter(two, 'Eve', other)).toEqual(['Eve', 'Eve', 1])
})

test('while Redis is full nodes say so, nobody is taken for dead, and what was given up meanwhile is given up after', async () => {
  const redis = await useRedis()
  const world = worldOf()
  const reasons: string[] = []
  const onHealth: RedisEngineOptions['onHealth'] = (health) =>
    void (health.state === 'down' && reasons.push(health.reason.message))
  const nodes = [useEngine({ url: redis.url, onHealth }), useEngine({ url: redis.url, onHealth })]
  for (const { started } of nodes) await started
  const [one, two] = nodes.map(({ recording }) => recording) as [Recording, Recording]
  await expect.poll(() => [one, two].map(({ views }) => views.at(-1)?.length)).toEqual([2, 2])
  const ada = await world.enter(one, 'Ada')
  // Scripts that it has forgotten are sent to it again.
  redis.command('SCRIPT', 'FLUSH')
  await world.enter(two, 'Bob')
  for (const { views } of [one, two]) views.length = 0
  redis.command('CONFIG', 'SET', 'maxmemory', '1')
  await expect.poll(() => [one, two].map(({ health }) => health.at(-1))).toEqual(['down', 'down'])
  one.engine.leave(world.room, ada, 'left')
  expect(await two.engine.enter(world.room, world.seat(two, 'Cyd'), 16)).toBe('busy')
  const lastEnd = () => Number(redis.command('ZRANGE', 'patchbay:{nodes}', '-1', '-1', 'WITHSCORES').split('\n')[1])
  await expect.poll(() => lastEnd() < Date.now(), { message: 'all leases have ended' }).toBe(true)
  redis.command('CONFIG', 'SET', 'maxmemory', '0')
  await expect.poll(() => [one, two].map(({ health }) => health.at(-1))).toEqual(['up', 'up'])
  await expect.poll(() => two.names(world.room)).toEqual(['Bob'])
  expect([one, two].map(({ views }) => views)).toEqual([[], []])
  for (const reason of reasons) expect(reason).toContain('OOM')
})
