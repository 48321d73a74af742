import { type FaultProxy, startFaultProxy } from '@patchbay/fault-proxy'
import type { HostKey } from '@patchbay/protocol'
import type { PatchbayServer } from '@patchbay/server'
import { type Redis, startRedis } from '@patchbay/test-servers'
import { pino } from 'pino'
import { readConfig } from '../../src/config.ts'
import { startFromConfig } from '../../src/start.ts'
import { connectClient, Member, roomyLimits } from './rig.ts'
import { until } from './until.ts'

/** One server, and its own way to Redis. */
export interface Node {
  readonly server: PatchbayServer
  readonly port: number
  readonly toRedis: FaultProxy
}

/** Several servers in this process, each with a fault proxy between it and one Redis. */
export class Nodes {
  readonly redis: Redis
  readonly nodes: readonly Node[]
  readonly #members: Member[] = []

  private constructor(redis: Redis, nodes: readonly Node[]) {
    this.redis = redis
    this.nodes = nodes
  }

  static async start(
    count: number,
    environmentOf: (node: number) => Record<string, string> = () => ({}),
  ): Promise<Nodes> {
    const redis = await startRedis()
    const nodes: Node[] = []
    for (let i = 0; i < count; i += 1) {
      const toRedis = await startFaultProxy(redis.port)
      const config = await readConfig({
        PORT: '0',
        HOST: '127.0.0.1',
        DRAIN_SPREAD_MS: '0',
        ENGINE_URL: `redis://127.0.0.1:${toRedis.port}`,
        ...roomyLimits,
        ...environmentOf(i),
      })
      const server = await startFromConfig(config, pino({ level: 'silent' }))
      await until(async () => (await fetch(`http://127.0.0.1:${server.port}/readyz`)).status === 200)
      nodes.push({ server, port: server.port, toRedis })
    }
    return new Nodes(redis, nodes)
  }

  /** A member that is at one node. */
  async enter(node: number, name: string, room = 'room'): Promise<Member> {
    const member = this.connect(node, name, room)
    await member.when(({ status }) => status === 'joined')
    return member
  }

  /** A member that is not in yet. */
  connect(node: number, name: string, room = 'room', hostKey?: HostKey): Member {
    const { port } = this.nodes[node] as Node
    const member = new Member(connectClient(port), room, name, hostKey)
    this.#members.push(member)
    return member
  }

  async readiness(node: number): Promise<number> {
    return (await fetch(`http://127.0.0.1:${(this.nodes[node] as Node).port}/readyz`)).status
  }

  async close(): Promise<void> {
    for (const { client } of this.#members) client.close()
    await Promise.all(this.nodes.map(({ server }) => server.close()))
    for (const { toRedis } of this.nodes) await toRedis.close()
    await this.redis.stop()
  }
}

/** Whether each of the members sees all others and nobody else, and all of them as here. */
export function allSeeAll(members: readonly Member[]): boolean {
  return members.every((member) => {
    if (members.some(({ client }) => client.self === undefined)) return false
    const roster = member.channel.getSnapshot()
    const others = members.filter((other) => other !== member).map(({ id }) => id)
    return (
      roster.status === 'joined' &&
      member.sees.join() === others.toSorted().join() &&
      roster.peers.every(({ state }) => state === 'here')
    )
  })
}
