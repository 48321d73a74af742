import { type RoomChannel, SignalingClient } from '@patchbay/core/client'
import type { RoomEvent, Signal } from '@patchbay/core/signaling'
import { type Dialer } from '@patchbay/core/transport'
import { type FaultProxy, startFaultProxy } from '@patchbay/fault-proxy'
import { chosenPlugs } from '@patchbay/lines'
import {
  createInstanceId,
  createPeerSecret,
  type HostKey,
  type InstanceId,
  type PeerId,
  type PeerSecret,
} from '@patchbay/protocol'
import type { PatchbayServer } from '@patchbay/server'
import { dialWebSocket } from '@patchbay/transport-websocket/client'
import { type Nginx, type Redis, startNginx, startRedis } from '@patchbay/test-servers'
import { pino } from 'pino'
import { WebSocket } from 'ws'
import { readConfig } from '../../src/config.ts'
import { startFromConfig } from '../../src/start.ts'
import { until } from './until.ts'

/** Counts of a test: small by default, as documented in `pnpm nightly`. */
export function scaled(usual: number, nightly: number): number {
  return process.env.NIGHTLY === undefined ? usual : nightly
}

/** All clients run on one machine, so limits per address and rate limits are raised. */
export const roomyLimits = {
  MAX_LINES_PER_ADDRESS: '20000',
  NEW_LINES_PER_SECOND: '100000',
  MESSAGES_PER_SECOND: '100000',
  TRAFFIC_PER_SECOND: '100000000',
}

export interface ClientIdentity {
  readonly secret?: PeerSecret
  readonly instance?: InstanceId
  /** Lines to the server, best first; by default the line of this run. */
  readonly lines?: readonly string[]
}

/** Every line of a deployment that sets nothing, best first. */
const usualPlugs = chosenPlugs(undefined)
export const lineNames: readonly string[] = usualPlugs.map(({ name }) => name)

function dialerOf(name: string, port: number): Dialer {
  // Node 20 has no WebSocket of its own.
  if (name === 'websocket') return dialWebSocket({ url: `ws://127.0.0.1:${port}/ws`, WebSocket })
  const plug = usualPlugs.find((one) => one.name === name)
  if (plug === undefined) throw new Error(`There is no line ${name}.`)
  const settings = plug.settings({ server: `http://127.0.0.1:${port}`, environment: {} })
  return plug.dialer(settings, () => Promise.reject(new Error('These lines have no credentials.')))
}

/** The line that clients of this run use: the same tests run over each line. */
export const usualLine = lineNames.find((name) => name === process.env.LINE) ?? 'websocket'

/** A client as in an application, over real sockets. */
export function connectClient(
  port: number,
  { lines = [usualLine], ...identity }: ClientIdentity = {},
): SignalingClient {
  return new SignalingClient({
    dialers: lines.map((name) => dialerOf(name, port)),
    secret: createPeerSecret(),
    instance: createInstanceId(),
    ...identity,
  })
}

/** A client in a room, with all events it has received. */
export class Member {
  readonly client: SignalingClient
  readonly channel: RoomChannel
  /** All events except signals. */
  readonly events: RoomEvent[] = []
  readonly #heard: Record<Signal['type'], string[]> = { offer: [], answer: [], ice_candidate: [] }

  constructor(client: SignalingClient, room: string, name: string, hostKey?: HostKey) {
    this.client = client
    this.channel = client.enter({ room, name, ...(hostKey !== undefined && { hostKey }) })
    this.channel.onEvent((event) => {
      if (event.type === 'signal') this.#heard[event.signal.type].push(event.signal.body)
      else this.events.push(event)
    })
  }

  /** This member's own id, once it has been welcomed. */
  get id(): PeerId {
    if (this.client.self === undefined) throw new Error('not yet welcomed')
    return this.client.self
  }

  /** Ids of the other members in this member's roster. */
  get sees(): readonly string[] {
    const roster = this.channel.getSnapshot()
    return roster.status === 'joined' ? roster.peers.map((peer) => peer.id).toSorted() : []
  }

  /** Bodies of the signals of one type, in order of arrival. */
  heard(type: Signal['type']): readonly string[] {
    return this.#heard[type]
  }

  count(type: RoomEvent['type']): number {
    return this.events.filter((event) => event.type === type).length
  }

  /** Resolves with the time at which `predicate` first holds for the member. */
  when(predicate: (roster: ReturnType<RoomChannel['getSnapshot']>) => boolean): Promise<number> {
    return new Promise((resolve) => {
      const check = () => {
        if (!predicate(this.channel.getSnapshot())) return
        stop()
        resolve(performance.now())
      }
      const stop = this.channel.subscribe(check)
      check()
    })
  }
}

/** A server, and clients that reach it through fault proxies. */
export class Rig {
  readonly server: PatchbayServer
  /** Events of the server, oldest first. */
  readonly log: { readonly msg: string; readonly peer?: string; readonly cause?: string }[]
  readonly #closers: (() => unknown)[] = []

  private constructor(server: PatchbayServer, log: Rig['log']) {
    this.server = server
    this.log = log
  }

  /** With `NODES`, so many servers share rooms behind a balancer that gives each connection and request to the next one. */
  static async start(environment: Record<string, string> = {}): Promise<Rig> {
    const lines: Rig['log'] = []
    const count = Number(process.env.NODES ?? 1)
    if (count === 1) return new Rig(await Rig.#startOne(lines, environment), lines)
    const redis = await startRedis()
    const servers: PatchbayServer[] = []
    for (let i = 0; i < count; i += 1)
      servers.push(await Rig.#startOne(lines, { ENGINE_URL: redis.url, ...environment }))
    for (const { port } of servers)
      await until(async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).status === 200)
    const nginx = await startNginx(servers.map(({ port }) => port))
    return new Rig(togetherBehind(nginx, servers, redis), lines)
  }

  static async #startOne(lines: Rig['log'], environment: Record<string, string>): Promise<PatchbayServer> {
    const config = await readConfig({
      PORT: '0',
      HOST: '127.0.0.1',
      DRAIN_SPREAD_MS: '0',
      ...roomyLimits,
      ...environment,
    })
    const log = pino(
      { level: config.logLevel },
      { write: (line: string) => lines.push(JSON.parse(line) as Rig['log'][number]) },
    )
    return startFromConfig(config, log)
  }

  /** A separate network for some clients. */
  async proxy(seed?: number): Promise<FaultProxy> {
    const proxy = await startFaultProxy(this.server.port, seed)
    this.#closers.push(() => proxy.close())
    return proxy
  }

  /** @param port of a proxy; without one the client reaches the server directly. */
  connect(port = this.server.port, identity?: ClientIdentity): SignalingClient {
    const client = connectClient(port, identity)
    this.#closers.push(() => client.close())
    return client
  }

  async enter(name: string, options: ClientIdentity & { readonly port?: number; readonly room?: string } = {}) {
    const { port, room = 'room', ...identity } = options
    const member = new Member(this.connect(port, identity), room, name)
    await member.when(({ status }) => status === 'joined')
    return member
  }

  /** Number of events of a type, for one peer or for all. */
  told(msg: string, peer?: string): number {
    return this.log.filter((line) => line.msg === msg && (peer === undefined || line.peer === peer)).length
  }

  async close(): Promise<void> {
    for (const close of this.#closers.toReversed()) await close()
    await this.server.close()
  }
}

/** Several servers as one. */
function togetherBehind(nginx: Nginx, servers: readonly PatchbayServer[], redis: Redis): PatchbayServer {
  return {
    port: nginx.port,
    paths: servers[0]?.paths ?? [],
    stats() {
      const all = servers.map((server) => server.stats())
      return {
        sessions: all.reduce((sum, { sessions }) => sum + sessions, 0),
        rooms: Math.max(...all.map(({ rooms }) => rooms)),
      }
    },
    async close() {
      await nginx.stop()
      await Promise.all(servers.map((server) => server.close()))
      await redis.stop()
    },
  }
}
