import { type EngineRig, engineRules, World } from '@patchbay/engine-conformance'
import { startFaultProxy } from '@patchbay/fault-proxy'
import { type RedisCluster, startRedisCluster } from '@patchbay/test-servers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { redisEngine } from '../src/index.ts'
import { Keys } from '../src/keys.ts'
import { connectRedis } from '../src/redis-client.ts'

let cluster: RedisCluster
beforeAll(async () => void (cluster = await startRedisCluster()), 60_000)
afterAll(() => cluster.stop())

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
let deployments = 0
/** By then all nodes know the same after slots have moved or a master has died: a read that waits is redirected once a second. */
const EQUAL_MS = 5_000

/** A deployment of its own on the cluster that all tests share, and a fault proxy between each node and each server. */
function createRig(): EngineRig {
  const closers: (() => unknown)[] = []
  const deployment = (deployments += 1)
  const prefix = `deployment-${deployment}:`
  const control = connectRedis({ url: cluster.url, onError: () => {} })
  let users = 0
  return {
    async node() {
      const proxies = await Promise.all(cluster.ports.map((port) => startFaultProxy(port)))
      const places = proxies.map(({ port }) => ({ host: '127.0.0.1', port }))
      // A user of its own, so that its rights can be taken from it alone.
      const user = `node-${deployment}-${(users += 1)}`
      cluster.command('ACL', 'SETUSER', user, 'on', '>word', '~*', '+@all')
      const engine = redisEngine({
        url: `redis+cluster://${user}:word@${places.map(({ host, port }) => `${host}:${port}`).join(',')}`,
        prefix,
        // The cluster tells its own addresses.
        natMap: Object.fromEntries(cluster.ports.map((port, index) => [`127.0.0.1:${port}`, places[index] ?? never()])),
      })
      closers.push(() => engine.close(), ...proxies.map((proxy) => () => proxy.close()))
      const inbox = new Keys(prefix).inbox(engine.node)
      let injected = 0
      return {
        engine,
        cut: (isCut) => proxies.forEach((proxy) => proxy.freeze(isCut)),
        // It may not read its inbox.
        deafen: (isDeaf) => cluster.command('ACL', 'SETUSER', user, isDeaf ? '-xread' : '+xread'),
        async inject(text) {
          await control.ready()
          await control.xadd(inbox, '*', 'f', 'forger', 'n', (injected += 1), 't', text)
        },
      }
    },
    restartEmpty: () => cluster.flush(),
    wait,
    async dispose() {
      for (const close of closers) await close()
      control.disconnect()
    },
  }
}

function never(): never {
  throw new Error('There is a proxy for each server.')
}

/** Rules for which the whole cluster forgets everything. */
const alone: readonly string[] = ['E6', 'E9']

describe('engine on a Redis cluster', () => {
  for (const { id, title, run } of engineRules)
    (alone.includes(id) ? test : test.concurrent)(
      `[${id}] ${title}`,
      async () => {
        const rig = createRig()
        try {
          await run(new World(rig))
        } finally {
          await rig.dispose()
        }
      },
      60_000,
    )

  test('slots move and a master dies: no node is lost, and rooms go on', async () => {
    const rig = createRig()
    const world = new World(rig)
    const [one, two] = await world.start(2)
    if (one === undefined || two === undefined) throw new Error('no nodes')
    try {
      const ada = await world.enter(one, 'Ada')
      await wait(4_500)
      cluster.moveSlots()
      const bob = await world.enter(two, 'Bob')
      await world.until(
        () => one.deltas.some((delta) => delta.type === 'put' && delta.seat.info.name === 'Bob'),
        EQUAL_MS,
      )
      await cluster.killMaster()
      await wait(3_000)
      await world.until(() => [one, two].every(({ health }) => health.at(-1) === 'up'), 15_000)
      one.engine.update(world.room, ada)
      two.engine.update(world.room, bob)
      await world.until(async () => (await one.names(world.room).catch(() => [])).join() === 'Ada,Bob', 10_000)
      for (const { views } of [one, two]) expect(views.at(-1)).toHaveLength(2)
      await world.enter(one, 'Cyd')
      await world.until(
        () => two.deltas.some((delta) => delta.type === 'put' && delta.seat.info.name === 'Cyd'),
        EQUAL_MS,
      )
    } finally {
      await rig.dispose()
    }
  }, 90_000)
})
