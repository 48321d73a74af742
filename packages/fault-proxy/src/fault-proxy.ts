import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { Flow, type Shape } from './flow.ts'
import { Random } from './random.ts'

export type { Shape }

/** `up`: from the client to the server. */
export type Direction = 'up' | 'down'

/** A TCP proxy on loopback. Unless stated otherwise, settings apply to open and to future connections. */
export interface FaultProxy {
  readonly port: number
  /** Number of open connections. */
  readonly connections: number
  /** Sets latency and bandwidth, for one direction or both. */
  shape(shape: Shape, direction?: Direction): void
  /** Stops or resumes reading: the sender sees back-pressure, nothing is lost. */
  freeze(frozen: boolean, direction?: Direction): void
  /** Starts or stops discarding bytes. Discarded bytes are never delivered, so the connection is unusable after it. */
  blackHole(swallowing: boolean, direction?: Direction): void
  /** Resets new connections at once, or accepts them again. */
  refuse(refusing: boolean): void
  /** Ends every connection with a TCP RST. */
  reset(): void
  /** Sends a FIN one way; the other way stays open. */
  halfClose(direction: Direction): void
  /** Lets `bytes` more bytes pass on each open connection, then resets it, usually in the middle of a frame. */
  cutAfter(bytes: number, direction: Direction): void
  /**
   * On the next connection, drops the n-th response (counted from 1) and resets the connection. A response is what the
   * server sends after the client has sent something.
   */
  dropResponse(n: number): void
  close(): Promise<void>
}

interface Link {
  readonly client: Socket
  readonly server: Socket
  readonly flows: Readonly<Record<Direction, Flow>>
}

/**
 * Starts a proxy in front of a port of this machine.
 * @param seed of all random choices: where chunks are sliced, how long they are delayed.
 */
export async function startFaultProxy(targetPort: number, seed = 1): Promise<FaultProxy> {
  const random = new Random(seed)
  const links = new Set<Link>()
  const shapes: Record<Direction, Shape> = { up: {}, down: {} }
  const frozen: Record<Direction, boolean> = { up: false, down: false }
  const swallowing: Record<Direction, boolean> = { up: false, down: false }
  let refusing = false
  let droppedResponse: number | undefined

  const both = (direction: Direction | undefined): readonly Direction[] =>
    direction === undefined ? ['up', 'down'] : [direction]
  const flows = (direction: Direction) => [...links].map((link) => link.flows[direction])
  const reset = ({ client, server }: Link) => {
    client.resetAndDestroy()
    server.resetAndDestroy()
  }

  const dropResponse = (link: Link, n: number) => {
    let seen = 0
    let asked = false
    link.flows.up.onChunk = () => {
      asked = true
    }
    link.flows.down.onChunk = () => {
      if (asked) seen += 1
      asked = false
      if (seen !== n) return
      link.flows.down.swallowing = true
      reset(link)
    }
  }

  const listener = createServer({ allowHalfOpen: true }, (client) => {
    client.on('error', () => {})
    if (refusing) return void client.resetAndDestroy()
    const server = connect({ port: targetPort, host: '127.0.0.1', allowHalfOpen: true })
    const link: Link = {
      client,
      server,
      flows: { up: new Flow(client, server, random), down: new Flow(server, client, random) },
    }
    links.add(link)
    for (const socket of [client, server]) socket.setNoDelay(true)
    for (const direction of both(undefined)) {
      const flow = link.flows[direction]
      flow.shape = shapes[direction]
      flow.swallowing = swallowing[direction]
      if (frozen[direction]) flow.freeze(true)
    }
    if (droppedResponse !== undefined) dropResponse(link, droppedResponse)
    droppedResponse = undefined
    server.on('error', () => client.resetAndDestroy())
    client.on('error', () => server.resetAndDestroy())
    for (const socket of [client, server]) {
      socket.on('close', () => {
        links.delete(link)
        for (const direction of both(undefined)) link.flows[direction].stop()
        // An `error` handler has already reset the other socket; after two FINs both are closed.
        if (!client.destroyed) client.end()
        if (!server.destroyed) server.end()
      })
    }
  })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')

  return {
    port: (listener.address() as AddressInfo).port,
    get connections() {
      return links.size
    },
    shape(shape, direction) {
      for (const way of both(direction)) {
        shapes[way] = shape
        for (const flow of flows(way)) flow.shape = shape
      }
    },
    freeze(on, direction) {
      for (const way of both(direction)) {
        frozen[way] = on
        for (const flow of flows(way)) flow.freeze(on)
      }
    },
    blackHole(on, direction) {
      for (const way of both(direction)) {
        swallowing[way] = on
        for (const flow of flows(way)) flow.swallow(on)
      }
    },
    refuse(on) {
      refusing = on
    },
    reset() {
      for (const link of links) reset(link)
    },
    halfClose(direction) {
      for (const { client, server } of links) (direction === 'up' ? server : client).end()
    },
    cutAfter(bytes, direction) {
      for (const link of links) link.flows[direction].limit = { bytes, reached: () => reset(link) }
    },
    dropResponse(n) {
      droppedResponse = n
    },
    async close() {
      for (const link of links) reset(link)
      listener.close()
      await once(listener, 'close')
    },
  }
}
