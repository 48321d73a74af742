import { setTimeout as sleep } from 'node:timers/promises'
import { startNginx, startRedis } from '@patchbay/test-servers'
import { expect, test as sequential, vi } from 'vitest'
import { allSeeAll } from '../support/nodes.ts'
import { until } from '../support/until.ts'
import { connectClient, Member, scaled } from '../support/rig.ts'
import { ServerProcess } from '../support/server-process.ts'

vi.setConfig({ testTimeout: 120_000 })
// They mostly wait.
const test = sequential.concurrent

/** Two servers as processes behind a balancer, with rooms of four that are spread over both. */
async function startRooms(count: number) {
  const redis = await startRedis()
  const servers = [new ServerProcess(), new ServerProcess()] as const
  const ports = [
    await servers[0].start(0, { ENGINE_URL: redis.url }),
    await servers[1].start(0, { ENGINE_URL: redis.url }),
  ] as const
  await until(async () => (await fetch(`http://127.0.0.1:${ports[1]}/readyz`)).status === 200)
  const nginx = await startNginx(ports)
  const rooms = Array.from({ length: count }, (_, room) =>
    Array.from({ length: 4 }, (_one, i) => new Member(connectClient(nginx.port), `room-${room}`, `M${room}-${i}`)),
  )
  await until(() => rooms.every(allSeeAll), 30_000)
  // From now on a node that is missing is known to be dead, and the lines are steady.
  await sleep(5_500)
  const close = async () => {
    for (const { client } of rooms.flat()) client.close()
    await nginx.stop()
    for (const server of servers) await server.kill()
    await redis.stop()
  }
  return { servers, ports, rooms, close }
}

const removals = (members: readonly Member[]) => members.reduce((sum, member) => sum + member.count('peer_removed'), 0)

test('a node is killed: its sessions are at the other within 5 s (p95), and everybody is who they were', async () => {
  const { servers, ports, rooms, close } = await startRooms(scaled(20, 125))
  try {
    const before = rooms.flat().map(({ client }) => client.self)
    const { sessions } = (await (await fetch(`http://127.0.0.1:${ports[0]}/healthz`)).json()) as {
      readonly sessions: number
    }
    expect(sessions, 'about half of them').toBeGreaterThan(rooms.length)
    const backAt: number[] = []
    for (const { channel } of rooms.flat())
      channel.onEvent(({ type }) => type === 'discontinuity' && backAt.push(performance.now()))
    const killedAt = performance.now()
    await servers[0].kill()
    await until(() => backAt.length === sessions, 20_000)
    const times = backAt.map((at) => at - killedAt).toSorted((one, other) => one - other)
    const p95 = times[Math.floor(times.length * 0.95)] ?? Infinity
    console.log(
      `[nodes] ${sessions} sessions back after ${times[times.length >> 1]?.toFixed(0)} ms, p95 ${p95.toFixed(0)} ms`,
    )
    expect(p95).toBeLessThanOrEqual(5_000)
    await until(() => rooms.every(allSeeAll), 5_000)
    expect(
      rooms.flat().map(({ client }) => client.self),
      'everybody is who they were',
    ).toEqual(before)
  } finally {
    await close()
  }
})

test('a member whose node is killed and who does not come back is gone within lease + 1 s', async () => {
  const { servers, ports, rooms, close } = await startRooms(1)
  const [ghost, witness] = [0, 1].map(
    (node) => new Member(connectClient(ports[node] as number), 'haunted', `M${node}`),
  ) as [Member, Member]
  try {
    await until(() => allSeeAll([ghost, witness]))
    const killedAt = performance.now()
    await servers[0].kill()
    ghost.client.close()
    await until(() => witness.count('peer_removed') === 1, 10_000)
    const goneMs = performance.now() - killedAt
    console.log(`[nodes] a ghost is gone after ${goneMs.toFixed(0)} ms`)
    expect(goneMs).toBeLessThanOrEqual(4_100)
    expect(rooms.flat()).toHaveLength(4)
  } finally {
    witness.client.close()
    await close()
  }
})

// The shorter time and the second since the last beat are less than a lease.
test.each([1_500, scaled(10_000, 30_000)])(
  'a node stands still for %i ms and goes on: nobody is missing, nobody is there twice',
  async (ms) => {
    const { servers, rooms, close } = await startRooms(10)
    try {
      servers[0].freeze(true)
      await sleep(ms)
      servers[0].freeze(false)
      await until(() => rooms.every(allSeeAll), 15_000)
      // What the node believed when it woke up does no harm later.
      await sleep(5_000)
      expect(rooms.every(allSeeAll)).toBe(true)
      if (ms < 3_000) expect(removals(rooms.flat())).toBe(0)
    } finally {
      await close()
    }
  },
)
