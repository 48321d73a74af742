import { once } from 'node:events'
import { connect, createServer, type AddressInfo } from 'node:net'
import { type EngineRig, Recording, testEngine, World } from '@patchbay/engine-conformance'
import { type FaultProxy, startFaultProxy } from '@patchbay/fault-proxy'
import { startRedis } from '@patchbay/test-servers'
import { expect, onTestFinished, test, vi } from 'vitest'
import { connectRedis } from '../src/redis-client.ts'
import { redisEngine } from '../src/index.ts'
import { Keys } from '../src/keys.ts'

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

/** A Redis of its own, and a fault proxy between it and each node. */
async function createRig(): Promise<EngineRig> {
  const redis = await startRedis()
  const control = connectRedis({ url: redis.url, onError: () => {} })
  const closers: (() => Promise<void>)[] = []
  let users = 0
  const allow = (user: string) => redis.command('ACL', 'SETUSER', user, 'on', '>word', '~*', '+@all')
  return {
    async node() {
      const proxy: FaultProxy = await startFaultProxy(redis.port)
      // A user of its own, so that its rights can be taken from it alone.
      const user = `node-${(users += 1)}`
      allow(user)
      const engine = redisEngine({ url: `redis://${user}:word@127.0.0.1:${proxy.port}` })
      closers.push(
        () => engine.close(),
        () => proxy.close(),
      )
      const inbox = new Keys('patchbay:').inbox(engine.node)
      let injected = 0
      return {
        engine,
        cut: (isCut) => proxy.freeze(isCut),
        // It may not read its inbox.
        deafen: (isDeaf) => void redis.command('ACL', 'SETUSER', user, isDeaf ? '-xread' : '+xread'),
        async inject(text) {
          await control.xadd(inbox, '*', 'f', 'forger', 'n', (injected += 1), 't', text)
        },
      }
    },
    async restartEmpty() {
      await redis.restart()
      for (let n = 1; n <= users; n += 1) allow(`node-${n}`)
    },
    wait,
    async dispose() {
      for (const close of closers) await close()
      control.disconnect()
      await redis.stop()
    },
  }
}

testEngine({ name: 'Redis', rig: createRig })

test('the rights that docs/scaling.md asks for are enough, and less is reported', async () => {
  const redis = await startRedis()
  const errors: string[] = []
  const warn = vi.spyOn(console, 'warn')
  onTestFinished(() => warn.mockRestore())
  const rights = ['on', '>word', '~patchbay:*', '+@all', '-@admin', '-@dangerous', '+info']
  redis.command('ACL', 'SETUSER', 'patchbay', ...rights)
  redis.command('ACL', 'SETUSER', 'default', 'off')
  const url = `redis://patchbay:word@127.0.0.1:${redis.port}`
  const rig = {
    node: () => ({
      engine: redisEngine({ url, onError: ({ message }) => errors.push(message) }),
      cut: () => {},
      deafen: () => {},
      inject: () => {},
    }),
    restartEmpty: () => {},
    wait,
    dispose: () => {},
  }
  const world = new World(rig)
  const [one, two] = await world.start(2)
  if (one === undefined || two === undefined) throw new Error('no nodes')
  await world.enter(one, 'Ada')
  await world.enter(two, 'Bob')
  expect(await one.names(world.room)).toEqual(['Ada', 'Bob'])
  one.engine.send(two.id, 'hello')
  await world.until(() => two.frames.includes('hello'), 2_000)
  expect(errors).toEqual([])
  expect(warn, 'a line of ioredis that is none of the log').not.toHaveBeenCalled()
  const refused = redisEngine({
    url: `redis://patchbay:wrong@127.0.0.1:${redis.port}`,
    onError: ({ message }) => errors.push(message),
  })
  void refused.start(one.handlers)
  await world.until(() => errors.some((message) => message.includes('WRONGPASS')), 3_000)
  await Promise.all([one.engine.close(), two.engine.close(), refused.close()])
  await redis.stop()
})

test.each([
  'http://localhost',
  'redis://',
  'localhost:6379',
  'redis://user:hunter2@host:99999',
  'redis://host:abc',
  'redis://u:p%zz@host',
  'redis://a:1,b:2',
  'redis+cluster://a:1,b:2/3',
])('%s is not a URL of Redis, and it is said how one looks', (url) => {
  expect(() => redisEngine({ url })).toThrow(/^The URL of Redis must be like redis:\/\/host(?!.*hunter2)/)
})

test('what a handler throws is reported, and what comes next is taken all the same', async () => {
  const redis = await startRedis()
  const errors: string[] = []
  const heard: string[] = []
  const [one, two] = [
    redisEngine({ url: redis.url }),
    redisEngine({ url: redis.url, onError: ({ message }) => errors.push(message) }),
  ]
  const nothing = () => {}
  const handlers = { frame: nothing, room: nothing, nodes: nothing, health: nothing, reset: nothing, gap: nothing }
  await one.start(handlers)
  await two.start({
    ...handlers,
    frame(_, text) {
      heard.push(text)
      if (text === 'one') throw new Error('no ones here')
    },
  })
  one.send(two.node, 'one')
  await expect.poll(() => heard).toEqual(['one'])
  one.send(two.node, 'two')
  await expect.poll(() => heard).toEqual(['one', 'two'])
  expect(errors).toEqual(['no ones here'])
  await Promise.all([one.close(), two.close()])
  await redis.stop()
})

test('what was written before a connection was lost may be gone: it is written again, whatever the lease says', async () => {
  const redis = await startRedis()
  const engine = redisEngine({ url: redis.url })
  const recording = new Recording({ engine, cut: () => {}, deafen: () => {}, inject: () => {} })
  await engine.start(recording.handlers)
  expect(recording.resets).toBe(0)
  redis.command('CLIENT', 'KILL', 'TYPE', 'normal')
  // Long before a lease of 3 s ends.
  await expect.poll(() => recording.resets, { timeout: 2_500 }).toBe(1)
  await engine.close()
  await redis.stop()
})

/** One node on a Redis, with the keys of its room, and how long each of them lives on. */
async function startAlone() {
  const redis = await startRedis()
  const engine = redisEngine({ url: redis.url })
  onTestFinished(async () => {
    await engine.close()
    await redis.stop()
  })
  const node = { engine, cut: () => {}, deafen: () => {}, inject: () => {} }
  const world = new World({ node: () => node, restartEmpty: () => {}, wait, dispose: () => {} })
  const [one] = await world.start(1)
  if (one === undefined) throw new Error('no node')
  const keys = new Keys('patchbay:').room(world.room)
  return { redis, engine, world, one, keys, lifetimeMs: (key: string) => Number(redis.command('PTTL', key)) }
}

/** Of a room in which everybody is on the way to another node. */
const isMinutes = (ms: number) => ms > 60_000 && ms <= 120_000

test('what a node puts and claims again lives for a week from then on', async () => {
  const { redis, engine, world, one, keys: ofRoom, lifetimeMs } = await startAlone()
  const seat = await world.enter(one, 'Ada')
  await engine.claim(seat.info.id)
  const keys = [...ofRoom, new Keys('patchbay:').home(seat.info.id)]
  for (const key of keys) expect(redis.command('PEXPIRE', key, '60000').trim()).toBe('1')
  engine.update(world.room, seat)
  await engine.claim(seat.info.id)
  const daysLeft = () => keys.map((key) => Math.ceil(lifetimeMs(key) / 86_400_000))
  await expect.poll(daysLeft).toEqual([7, 7, 7])
})

test('a room in which everybody is moving to another node lives for two minutes, until somebody comes', async () => {
  const { engine, world, one, keys, lifetimeMs } = await startAlone()
  const [ada, bob] = [await world.enter(one, 'Ada'), await world.enter(one, 'Bob')]
  engine.update(world.room, { ...ada, state: 'moving' })
  await expect.poll(async () => (await one.read(world.room)).seats.map(({ state }) => state)).toContain('moving')
  expect(keys.map(lifetimeMs).some(isMinutes), 'Bob is there').toBe(false)
  engine.update(world.room, { ...bob, state: 'moving' })
  await expect.poll(() => keys.map(lifetimeMs).every(isMinutes)).toBe(true)
  const cyd = await world.enter(one, 'Cyd')
  expect(keys.map(lifetimeMs).some(isMinutes)).toBe(false)
  engine.leave(world.room, cyd, 'left')
  await expect.poll(() => keys.map(lifetimeMs).every(isMinutes)).toBe(true)
})

test('a key of a room that was dropped alone and is written again does not stay for ever', async () => {
  const { redis, engine, world, one, keys, lifetimeMs } = await startAlone()
  const [ada] = [await world.enter(one, 'Ada'), await world.enter(one, 'Bob')]
  const lives = () => [lifetimeMs(keys[1]) > 0, redis.command('HGET', keys[1], 'o').trim()]
  redis.command('DEL', keys[1])
  await engine.rule(world.room, { type: 'lock', isLocked: true })
  expect(lives()).toEqual([true, '1'])
  redis.command('DEL', keys[1])
  engine.leave(world.room, ada, 'left')
  await expect.poll(lives).toEqual([true, '1'])
})

test('a database that does not exist is no connection: the engine does not use another one, and says why, once', async () => {
  const redis = await startRedis()
  const errors: string[] = []
  const health: string[] = []
  const engine = redisEngine({
    url: `${redis.url}/99`,
    onError: ({ message }) => errors.push(message),
    onHealth: (now) => health.push(now.state === 'up' ? 'up' : now.reason.message),
  })
  void engine.start({ frame() {}, room() {}, nodes() {}, health() {}, reset() {}, gap() {} })
  await expect.poll(() => health.at(-1)).toBe('ERR DB index is out of range')
  // Some tries more.
  await wait(2_000)
  expect(errors).toEqual(['ERR DB index is out of range'])
  expect(health).not.toContain('up')
  expect(redis.command('DBSIZE').trim()).toBe('0')
  await engine.close()
  await redis.stop()
})

test('a Redis that is away is reported once, with its address', async () => {
  const errors: string[] = []
  const health: string[] = []
  const engine = redisEngine({
    url: 'redis://127.0.0.1:9',
    onError: ({ message }) => errors.push(message),
    onHealth: (now) => health.push(now.state === 'up' ? 'up' : now.reason.message),
  })
  void engine.start({ frame() {}, room() {}, nodes() {}, health() {}, reset() {}, gap() {} })
  await expect.poll(() => health.at(-1)).toBe('connect ECONNREFUSED 127.0.0.1:9')
  // Some tries more.
  await wait(2_000)
  const reason = 'connect ECONNREFUSED 127.0.0.1:9'
  expect([errors, health]).toEqual([[reason], [reason]])
  await engine.close()
})

test('a single server that is asked for as a cluster is reported with what it says', async () => {
  const redis = await startRedis()
  const errors: string[] = []
  const engine = redisEngine({
    url: `redis+cluster://127.0.0.1:${redis.port}`,
    onError: ({ message }) => errors.push(message),
  })
  await expect
    .poll(() => errors.at(-1))
    .toBe('Failed to refresh slots cache. ERR This instance has cluster support disabled')
  await engine.close()
  await redis.stop()
})

test('a node with a name that no seat can be stored under is refused, and no connection is opened for it', async () => {
  const open = new Set<number | undefined>()
  const server = createServer((socket) => open.add(socket.remotePort)).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  for (const node of ['server-1', '', 'a b c '])
    expect(() => redisEngine({ url: `redis://127.0.0.1:${port}`, node })).toThrow('`node` must be 6 of')
  // Whatever was opened before is accepted before the second of these.
  for (let count = 1; count <= 2; count += 1) {
    const own = connect(port, '127.0.0.1')
    onTestFinished(() => void own.destroy())
    await once(own, 'connect')
    await expect.poll(() => open).toContain(own.localPort)
    expect(open.size).toBe(count)
  }
})

test('the database comes from the options where the URL has none, and connections are opened at once whatever they say', async () => {
  const redis = await startRedis()
  const nothing = () => {}
  const handlers = { frame: nothing, room: nothing, nodes: nothing, health: nothing, reset: nothing, gap: nothing }
  for (const [path, db] of [
    ['', 3],
    ['/4', 5],
  ] as const) {
    const engine = redisEngine({ url: `${redis.url}${path}`, options: { db, lazyConnect: true } })
    await engine.start(handlers)
    await engine.close()
  }
  expect(redis.command('INFO', 'keyspace').match(/db\d+/g)).toEqual(['db3', 'db4'])
  await redis.stop()
})

test('with TLS, sentinels are spoken to encrypted as well', async () => {
  const first = new Promise<number | undefined>((resolve) => {
    const server = createServer((socket) => {
      socket.on('error', () => {})
      socket.once('data', (data) => {
        resolve(data[0])
        socket.destroy()
        server.close()
      })
    })
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      const client = connectRedis({ url: `rediss+sentinel://user:word@127.0.0.1:${port}/master`, onError: () => {} })
      server.once('close', () => client.disconnect())
    })
  })
  // A handshake (RFC 8446 §5.1); `*` would be a command.
  expect(await first).toBe(0x16)
})
