import { type EngineRig, type EngineRule, engineRules, type Recording, World } from '@patchbay/engine-conformance'
import { type FaultProxy, startFaultProxy } from '@patchbay/fault-proxy'
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

/** A deployment of its own on the cluster that all tests share. */
function createRig(): EngineRig {
  const closers: (() => Promise<void>)[] = []
  const prefix = `deployment-${(deployments += 1)}:`
  return {
    node() {
      const engine = redisEngine({ url: cluster.url, prefix })
      closers.push(() => engine.close())
      const no = () => Promise.reject(new Error('The rules for it run through proxies.'))
      return { engine, cut: no, deafen: no, inject: no }
    },
    restartEmpty: () => cluster.flush(),
    wait,
    async dispose() {
      for (const close of closers) await close()
    },
  }
}

/** The same with a fault proxy between each node and each server. */
function createProxiedRig(): EngineRig {
  const closers: (() => Promise<void>)[] = []
  const deployment = (deployments += 1)
  const prefix = `deployment-${deployment}:`
  const control = connectRedis({ url: cluster.url, onError: () => {} })
  let users = 0
  return {
    async node() {
      const proxies: FaultProxy[] = []
      const natMap: Record<string, { host: string; port: number }> = {}
      for (const port of cluster.ports) {
        const proxy = await startFaultProxy(port)
        proxies.push(proxy)
        // The cluster tells its own addresses.
        natMap[`127.0.0.1:${port}`] = { host: '127.0.0.1', port: proxy.port }
      }
      // A user of its own, so that its rights can be taken from it alone.
      const user = `node-${deployment}-${(users += 1)}`
      cluster.command('ACL', 'SETUSER', user, 'on', '>word', '~*', '+@all')
      const places = proxies.map(({ port }) => `127.0.0.1:${port}`).join(',')
      const engine = redisEngine({ url: `redis+cluster://${user}:word@${places}`, prefix, natMap })
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
    restartEmpty: () => Promise.reject(new Error('Other tests are on the cluster.')),
    wait,
    async dispose() {
      for (const close of closers) await close()
      control.disconnect()
    },
  }
}

async function runOn(rig: EngineRig, { run }: EngineRule): Promise<void> {
  try {
    await run(new World(rig))
  } finally {
    await rig.dispose()
  }
}

/** Rules that disturb one node's way to the servers. */
const disturbing: readonly string[] = ['E4', 'E5', 'E7', 'E8', 'E10', 'E11']

describe('engine on a Redis cluster', () => {
  for (const rule of engineRules) {
    const title = `[${rule.id}] ${rule.title}`
    // They mostly wait, so they run beside each other; others make the whole cluster forget everything.
    if (disturbing.includes(rule.id)) test.concurrent(title, () => runOn(createProxiedRig(), rule), 60_000)
    else test(title, () => runOn(createRig(), rule), 60_000)
  }

  test('a command whose answer is lost is not sent again: whoever gave it learns that it may have been done', async () => {
    const proxies = await Promise.all(cluster.ports.map((port) => startFaultProxy(port)))
    const natMap = Object.fromEntries(
      cluster.ports.map((port, i) => [`127.0.0.1:${port}`, { host: '127.0.0.1', port: proxies[i]?.port ?? 0 }]),
    )
    const url = `redis+cluster://${proxies.map(({ port }) => `127.0.0.1:${port}`).join(',')}`
    const client = connectRedis({ url, natMap, onError: () => {} })
    try {
      await client.ready()
      await client.xadd('answers', '*', 'f', 'x')
      const before = client.losses
      for (const proxy of proxies) proxy.cutAfter(0, 'down')
      await expect(client.del('answers')).rejects.toThrow()
      expect(client.losses).toBeGreaterThan(before)
    } finally {
      client.disconnect()
      for (const proxy of proxies) await proxy.close()
    }
  })

  test('slots move and a master dies: no node is lost, and rooms go on', async () => {
    const rig = createRig()
    const world = new World(rig)
    const [one, two] = await world.start(2)
    if (one === undefined || two === undefined) throw new Error('no nodes')
    /** Has somebody enter by `from`; `to` is told of them, or of a loss, upon which its owner reads the room. */
    const enters = async (name: string, from: Recording, to: Recording) => {
      const { gaps, resets } = to
      const seat = await world.enter(from, name)
      const isTold = () => to.deltas.some((delta) => delta.type === 'put' && delta.seat.info.name === name)
      await world.until(() => isTold() || to.gaps + to.resets > gaps + resets, EQUAL_MS)
      if (!isTold()) expect(await to.names(world.room)).toContain(name)
      return seat
    }
    try {
      const ada = await world.enter(one, 'Ada')
      await wait(4_500)
      cluster.moveSlots()
      const bob = await enters('Bob', two, one)
      await cluster.killMaster()
      await wait(3_000)
      await world.until(() => [one, two].every(({ health }) => health.at(-1) === 'up'), 15_000)
      // What the dead one had acknowledged last may be gone: whoever has written it is to write it again.
      expect([one, two].map(({ resets }) => resets > 0)).toEqual([true, true])
      one.engine.update(world.room, ada)
      two.engine.update(world.room, bob)
      await world.until(async () => (await one.names(world.room).catch(() => [])).join() === 'Ada,Bob', 10_000)
      for (const { views } of [one, two]) expect(views.at(-1)).toHaveLength(2)
      await enters('Cyd', one, two)
    } finally {
      await rig.dispose()
    }
  }, 90_000)
})
