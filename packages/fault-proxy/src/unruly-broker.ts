import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { Random } from './random.ts'

/** What a broker does that MQTT allows at QoS 0, and real ones do. */
export interface Unruliness {
  /** Share of the messages that are delivered twice, 0 to 1. */
  readonly doubled?: number
  /** Messages are delayed by up to this many milliseconds, each by itself, so that they overtake each other. */
  readonly delayMs?: number
  /** Subscriptions are confirmed this many milliseconds later. */
  readonly subAckMs?: number
  /** Share of the messages that are lost. */
  readonly lost?: number
}

/** A TCP proxy in front of an MQTT broker that delivers like an unruly one. */
export interface UnrulyBroker {
  readonly port: number
  /** Ends every connection with a TCP RST. */
  reset(): void
  close(): Promise<void>
}

const PUBLISH = 3
const SUBACK = 9

/** Starts a proxy in front of a broker on this machine (MQTT 3.1.1 over TCP). @param seed of all random choices. */
export async function startUnrulyBroker(targetPort: number, how: Unruliness, seed = 1): Promise<UnrulyBroker> {
  const random = new Random(seed)
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const broker = connect(targetPort, '127.0.0.1')
    for (const [from, to] of [
      [client, broker],
      [broker, client],
    ] as const) {
      sockets.add(from)
      from.setNoDelay(true)
      from.on('error', () => to.destroy())
      from.on('close', () => sockets.delete(from))
      const way = new Way(to, how, random)
      from.on('data', (chunk: Buffer) => way.take(chunk))
      from.on('end', () => way.end())
      from.on('close', (hadError) => hadError && to.destroy())
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    reset() {
      for (const socket of sockets) socket.resetAndDestroy()
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** One direction of one connection: messages are shuffled among each other, everything else stays where it is. */
class Way {
  readonly #to: Socket
  readonly #how: Required<Unruliness>
  readonly #random: Random
  #waiting: Buffer = Buffer.alloc(0)
  /** When the last packet so far is delivered. */
  #lastAt = 0

  constructor(to: Socket, how: Unruliness, random: Random) {
    this.#to = to
    this.#how = { doubled: 0, delayMs: 0, subAckMs: 0, lost: 0, ...how }
    this.#random = random
  }

  take(chunk: Buffer): void {
    this.#waiting = Buffer.concat([this.#waiting, chunk])
    for (let size = sizeOf(this.#waiting); size !== undefined && size <= this.#waiting.length;) {
      this.#deliver(this.#waiting.subarray(0, size))
      this.#waiting = this.#waiting.subarray(size)
      size = sizeOf(this.#waiting)
    }
  }

  end(): void {
    this.#at(this.#lastAt, () => this.#to.end())
  }

  #deliver(packet: Buffer): void {
    const { doubled, delayMs, subAckMs, lost } = this.#how
    const type = (packet[0] ?? 0) >> 4
    const now = performance.now()
    if (type !== PUBLISH) {
      // After every message before it.
      const at = Math.max(this.#lastAt, now + (type === SUBACK ? subAckMs : 0))
      return this.#at(at, () => this.#to.write(packet))
    }
    if (this.#random.next() < lost) return
    const times = this.#random.next() < doubled ? 2 : 1
    for (let i = 0; i < times; i += 1) this.#at(now + this.#random.next() * delayMs, () => this.#to.write(packet))
  }

  #at(time: number, act: () => void): void {
    this.#lastAt = Math.max(this.#lastAt, time)
    setTimeout(() => {
      if (this.#to.writable) act()
    }, time - performance.now())
  }
}

/** @returns size of the packet that begins the bytes (MQTT 3.1.1 §2.2.3); `undefined` while its header is incomplete. */
function sizeOf(bytes: Buffer): number | undefined {
  let length = 0
  for (let at = 1; at <= 4; at += 1) {
    const byte = bytes[at]
    if (byte === undefined) return undefined
    length += (byte & 127) * 128 ** (at - 1)
    if (byte < 128) return 1 + at + length
  }
  return Infinity
}
