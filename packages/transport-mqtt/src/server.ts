import { type IncomingMessage, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Listener, RemoteEnd } from '@patchbay/core/transport'
import type { Client } from 'aedes'
import { WebSocketServer } from 'ws'
import { createBroker, streamOf } from './embedded-broker.ts'
import type { Dropped } from './fan-out-budget.ts'
import { GuardedStream, rawTcp, rawWebSocket } from './guarded-stream.ts'
import { defaultMqttRate, type MqttRate } from './packet-budget.ts'
import { publishPacket } from './publish-packet.ts'
import { ServerLines } from './server-lines.ts'
import { DEFAULT_PREFIX, NAME, Topics } from './wire.ts'

export type { Dropped } from './fan-out-budget.ts'
export type { MqttRate } from './packet-budget.ts'
export { listenMqttBroker, type MqttBrokerListener, type MqttBrokerOptions } from './external-broker.ts'

/** The process's policy for clients of the built-in broker. */
export interface MqttListenerOptions {
  /** Path of WebSocket upgrades that are for the broker; those of other paths are left alone. By default `/mqtt`. */
  readonly path?: string
  /** Whether a page of this origin may connect; `undefined` when the client is not a browser. */
  readonly allowOrigin: (origin: string | undefined, request: IncomingMessage) => boolean
  /** A WebSocket client's network address; by default the socket's. */
  readonly addressOf?: (request: IncomingMessage) => string
  /** Called before a client is admitted. @returns the release to call when it is gone, or `undefined` to refuse it. */
  readonly admit?: (address: string) => (() => void) | undefined
  /** First levels of this deployment's topics. */
  readonly prefix?: string
  /** Topics below this prefix are open to clients that are not lines: sensors, dashboards. */
  readonly openPrefix?: string | undefined
  /** What one connection may send, of whatever kind; more cuts it off. */
  readonly rate?: MqttRate
  /** Called once a minute at most, when something that clients publish below `openPrefix` is dropped. */
  readonly onDropped?: (dropped: Dropped) => void
}

/** A broker inside this process, with a listener on it. */
export interface MqttListener extends Listener {
  /** Handles the HTTP server's `upgrade` event. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
  /** Handles a TCP server's `connection` event. */
  handleSocket(socket: Socket): void
}

/** How long clients have to disconnect by themselves after their line has ended. */
const LEAVE_MS = 1_000
/** Largest WebSocket message of a client: the packets that it may write in one turn. */
const MAX_MESSAGE_BYTES = 262_144

/** Starts an MQTT 3.1.1 broker (aedes) inside this process, for lines and, below `openPrefix`, for other clients. */
export async function listenMqtt(options: MqttListenerOptions): Promise<MqttListener> {
  const { path = '/mqtt', rate = defaultMqttRate } = options
  const topics = new Topics(options.prefix ?? DEFAULT_PREFIX)
  const clients = new Map<string, Client>()
  /** Clients whose line has ended: a connection is good for one line. */
  const spent = new WeakSet<Client>()
  const remotes = new WeakMap<Duplex, RemoteEnd>()
  const streams = new Set<GuardedStream>()
  let closed = false

  // Streams count what comes on them.
  const lines = new ServerLines(
    (line, kind, payload) => {
      // Written directly to the line's client: routing through the broker would cost more than everything else.
      const client = clients.get(line)
      if (client !== undefined) streamOf(client).send(publishPacket(topics.down(line, kind), payload))
    },
    (line) => {
      const client = clients.get(line)
      if (client === undefined) return
      spent.add(client)
      setTimeout(() => client.close(), LEAVE_MS).unref()
    },
  )
  const remoteOf = (client: Client): RemoteEnd => remotes.get(client.conn) ?? { address: 'unknown', origin: undefined }
  const broker = await createBroker({
    topics,
    openPrefix: options.openPrefix,
    clients,
    addressOf: (client) => remoteOf(client).address,
    take: (client, kind, payload) => {
      if (spent.has(client)) return false
      lines.take(client.id, kind, payload, remoteOf(client))
      return lines.has(client.id)
    },
    lost: (line) => lines.lose(line),
    onDropped: options.onDropped,
  })
  const webSockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
    maxFragments: 64,
    maxBufferedChunks: 1_024,
    handleProtocols: (protocols) => (protocols.has('mqtt') ? 'mqtt' : false),
  })
  const serve = (stream: GuardedStream, remote: RemoteEnd, request?: IncomingMessage) => {
    streams.add(stream)
    stream.once('close', () => streams.delete(stream))
    remotes.set(stream, remote)
    broker.handle(stream, request)
  }

  return {
    name: NAME,
    listen: (accept) => lines.listen(accept),
    handleUpgrade(request, socket, head) {
      if (request.url?.split('?', 1)[0] !== path) return
      const { origin, 'sec-websocket-protocol': protocols = '' } = request.headers
      // First of all: another site's page must not spend what its visitor's address may open.
      if (!options.allowOrigin(origin, request)) return refuse(socket, 403)
      const address = options.addressOf?.(request) ?? request.socket.remoteAddress ?? 'unknown'
      const release = closed ? undefined : admit(options, address)
      if (release === undefined) return refuse(socket, 503)
      socket.once('close', release)
      const offered = protocols.split(',').map((protocol) => protocol.trim())
      if (!offered.includes('mqtt')) return refuse(socket, 400)
      webSockets.handleUpgrade(request, socket, head, (webSocket) => {
        serve(new GuardedStream(rawWebSocket(webSocket), rate), { address, origin }, request)
      })
    },
    handleSocket(socket) {
      const address = socket.remoteAddress ?? 'unknown'
      const release = closed ? undefined : admit(options, address)
      if (release === undefined) return void socket.destroy()
      socket.once('close', release)
      serve(new GuardedStream(rawTcp(socket), rate), { address, origin: undefined })
    },
    async close() {
      closed = true
      lines.close()
      const gone = [...streams].map((stream) => new Promise((resolve) => stream.once('close', resolve)))
      const timer = setTimeout(() => {
        for (const stream of streams) stream.destroy()
      }, LEAVE_MS)
      await Promise.all(gone)
      clearTimeout(timer)
      await new Promise<void>((resolve) => broker.close(resolve))
    },
  }
}

/** @returns the release, or `undefined` when the address is refused. */
function admit(options: MqttListenerOptions, address: string): (() => void) | undefined {
  return options.admit === undefined ? () => {} : options.admit(address)
}

function refuse(socket: Duplex, status: 400 | 403 | 503): void {
  socket.on('error', () => socket.destroy())
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`
  socket.end(head, () => socket.destroy())
}
