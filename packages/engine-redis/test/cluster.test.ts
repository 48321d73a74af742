import { type EngineRig, engineRules, World } from '@patchbay/engine-conformance'
import { type RedisCluster, startRedisCluster } from '@patchbay/test-servers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { redisEngine } from '../src/index.ts'

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
      const no = () => Promise.reject(new Error('The rules for it run on a single server.'))
      return { engine, cut: no, deafen: no, inject: no }
    },
    restartEmpty: () => cluster.flush(),
    wait,
    async dispose() {
      for (const close of closers) await close()
    },
  }
}

describe('engine on a Redis cluster', () => {
  // What disturbs one node's connection is tried on a single server: a cluster tells its clients other addresses.
  for (const { id, title, run } of engineRules.filter((rule) =>
    ['E1', 'E2', 'E3', 'E6', 'E9', 'E12'].includes(rule.id),
  ))
    test(`[${id}] ${title}`, async () => {
      const rig = createRig()
      try {
        await run(new World(rig))
      } finally {
        await rig.dispose()
      }
    }, 60_000)

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
