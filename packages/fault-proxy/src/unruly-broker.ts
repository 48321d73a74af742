import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
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
  /** All packets so far are delivered. */
  #delivered: Promise<unknown> = Promise.resolve()

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
    this.#after(0, () => this.#to.end())
  }

  #deliver(packet: Buffer): void {
    const { doubled, delayMs, subAckMs, lost } = this.#how
    const type = (packet[0] ?? 0) >> 4
    if (type !== PUBLISH) return this.#after(type === SUBACK ? subAckMs : 0, () => this.#to.write(packet))
    if (this.#random.next() < lost) return
    const times = this.#random.next() < doubled ? 2 : 1
    const copies = Array.from({ length: times }, async () => {
      await setTimeout(this.#random.next() * delayMs)
      if (this.#to.writable) this.#to.write(packet)
    })
    this.#delivered = Promise.all([this.#delivered, ...copies])
  }

  /** Acts after every packet before, and no earlier than the delay. */
  #after(delayMs: number, act: () => void): void {
    const before = Promise.all([this.#delivered, delayMs > 0 && setTimeout(delayMs)])
    this.#delivered = before.then(() => {
      if (this.#to.writable) act()
    })
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
