import type { PeerId, PeerSecret } from '@patchbay/protocol'
import type { Random } from '@patchbay/fault-proxy'
import { createEngine, MemoryStore } from '../../src/engine/index.ts'
import { Hub } from '../../src/hub/index.ts'
import type { AcceptedConnection, Clock, ConnectionHandlers } from '../../src/transport/index.ts'
import { type Trouble, troubled } from '../support/troubled-store.ts'
import { ProcessClock } from './process-clock.ts'

/** A session of a page that crashed is forgotten after this. */
export const RESUME_MS = 15_000
const MAX_SLOW_MS = 700

type Accept = (connection: AcceptedConnection) => ConnectionHandlers

interface Server {
  readonly clock: ProcessClock
  readonly hub: Hub
  readonly accepts: ReadonlyMap<string, Accept>
  readonly trouble: Trouble
  readonly node: string
}

/** What servers need from their simulation. */
interface ServersHost {
  readonly clock: Clock
  readonly random: Random
  readonly lines: readonly string[]
  readonly peerIdOf: (secret: PeerSecret) => PeerId
  problem(text: string): void
}

/** One server, or several that share rooms. */
export class SimServers {
  readonly #host: ServersHost
  readonly #store: MemoryStore
  readonly #servers: Server[]
  readonly #isAlone: boolean

  constructor(host: ServersHost, count: number) {
    this.#host = host
    this.#store = new MemoryStore(host.clock)
    this.#isAlone = count === 1
    this.#servers = Array.from({ length: count }, () => this.#start())
  }

  /** The way into one of the servers, whichever the balancer takes. */
  accept(line: string): Accept | undefined {
    return (this.#host.random.pick(this.#servers) ?? this.#servers[0])?.accepts.get(line)
  }

  get sessions(): number {
    return this.#servers.reduce((sum, { hub }) => sum + hub.stats().sessions, 0)
  }

  /** Rooms that a server has, and seats that the living have in what they share. */
  get rooms(): number {
    const nodes = new Set(this.#servers.map(({ node }) => node))
    const seats = this.#store.seats.filter((seat) => nodes.has(seat.node))
    return this.#servers.reduce((sum, { hub }) => sum + hub.stats().rooms, seats.length)
  }

  /** Kills one, without a word, and starts it again. */
  restart(who: number): void {
    const index = who % this.#servers.length
    const server = this.#servers[index] as Server
    server.clock.kill()
    server.trouble.isCut = true
    this.#servers[index] = this.#start()
  }

  drain(who: number, spreadMs: number): void {
    const { hub } = this.#servers[who % this.#servers.length] as Server
    hub.drain(spreadMs)
    void hub.close()
  }

  /** Cuts the way of one server to what they share, or mends it. */
  sever(who: number, isCut: boolean): void {
    const server = this.#servers[who % this.#servers.length]
    if (server !== undefined) server.trouble.isCut = isCut
  }

  slow(who: number, isSlow: boolean): void {
    const server = this.#servers[who % this.#servers.length]
    if (server !== undefined) server.trouble.delayMs = isSlow ? this.#host.random.next() * MAX_SLOW_MS : 0
  }

  /** What they share is forgotten. */
  forget(): void {
    this.#store.restart()
  }

  mendAll(): void {
    for (const { trouble } of this.#servers) Object.assign(trouble, { isCut: false, delayMs: 0 })
  }

  kill(): void {
    for (const { clock } of this.#servers) clock.kill()
  }

  #start(): Server {
    const { random, lines, peerIdOf } = this.#host
    const clock = new ProcessClock(this.#host.clock)
    const trouble: Trouble = { isCut: false, isDeaf: false, delayMs: 0 }
    const accepts = new Map<string, Accept>()
    const node = Array.from({ length: 6 }, () => 'abcdefghijklmnopqrstuvwxyz'[random.int(0, 25)]).join('')
    const hub = new Hub({
      peerIdOf,
      clock,
      engine: this.#isAlone
        ? undefined
        : createEngine({ store: troubled(this.#store.connect(), trouble, clock), clock, node }),
      random: random.next,
      limits: { messages: { perSecond: 1_000, burst: 1_000 }, resumeMs: RESUME_MS },
      onEvent: (event) => event.type === 'handler_failed' && this.#host.problem(`hub failed: ${String(event.error)}`),
    })
    for (const name of lines)
      hub.serve({ name, listen: (accept) => accepts.set(name, accept), close: () => Promise.resolve() })
    void hub.start()
    return { clock, hub, accepts, trouble, node }
  }
}
