import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Listener } from '@patchbay/core/transport'
import { listenLongPoll } from '@patchbay/transport-longpoll/server'
import { listenMqtt, listenMqttBroker } from '@patchbay/transport-mqtt/server'
import { listenWebSocket } from '@patchbay/transport-websocket/server'
import type { Logger } from 'pino'
import type { LineName, MqttConfig } from './config.ts'

/** The process's policy and settings for all transports. */
export interface LineHost {
  /** Names of the lines to serve. */
  readonly names: readonly LineName[]
  /** Whether a page of this origin may open a line; `undefined` when the client is not a browser. */
  readonly allowOrigin: (origin: string | undefined, request: IncomingMessage) => boolean
  /** The client's network address, also behind a trusted proxy. */
  readonly addressOf: (request: IncomingMessage) => string
  /** Called before a line is opened. @returns the release to call when it has ended, or `undefined` to refuse it. */
  readonly admit: (address: string) => (() => void) | undefined
  /** Like `admit`, for lines of a broker somewhere else, which does not tell where its clients are. */
  readonly admitBrokerLine: () => (() => void) | undefined
  readonly mqtt: MqttConfig
  readonly log: Logger
}

/** A transport in this process. Its path is one level, like `/ws`; it also gets all requests below that path. */
export interface ServedLine {
  readonly path: string
  readonly listener: Listener & {
    handleRequest?(request: IncomingMessage, response: ServerResponse): void
    handleUpgrade?(request: IncomingMessage, socket: Duplex, head: Buffer): void
  }
}

/** Every transport there is, by name. One entry here and one in the page's `lines.ts` add another. */
const transports: Readonly<Record<LineName, (host: LineHost) => ServedLine | Promise<ServedLine>>> = {
  websocket: (host) => ({ path: '/ws', listener: listenWebSocket({ ...host, path: '/ws' }) }),
  longpoll: (host) => ({ path: '/poll', listener: listenLongPoll({ ...host, path: '/poll' }) }),
  mqtt: async (host) => ({ path: '/mqtt', listener: await openMqtt(host) }),
  // Loaded only where it is asked for: an example, for those who read docs/write-a-transport.md.
  sse: async (host) => {
    const { listenSse } = await import('@patchbay/example-transport-sse/server')
    return { path: '/sse', listener: listenSse(host) }
  },
}

/** @throws the error of a port that cannot be opened, for example `EADDRINUSE`. */
export function openLines(host: LineHost): Promise<ServedLine[]> {
  return Promise.all(host.names.map(async (name) => transports[name](host)))
}

/** Opens the external broker if configured, otherwise the built-in one with its optional TCP port. */
async function openMqtt({ mqtt, log, admitBrokerLine, ...host }: LineHost): Promise<ServedLine['listener']> {
  const { prefix } = mqtt
  if (mqtt.url !== undefined) {
    const { username, password, caFile } = mqtt
    const broker = {
      ...(username !== undefined && { username }),
      ...(password !== undefined && { password }),
      ...(caFile !== undefined && { ca: readFileSync(caFile) }),
    }
    const onError = (err: Error) => log.error({ err }, 'mqtt broker')
    return listenMqttBroker({ url: mqtt.url, broker, prefix, admit: admitBrokerLine, onError })
  }
  const listener = await listenMqtt({ ...host, path: '/mqtt', prefix, openPrefix: mqtt.openPrefix, rate: mqtt.rate })
  if (mqtt.port === 0) return listener
  const tcp = createServer((socket) => listener.handleSocket(socket))
  await listen(tcp, mqtt)
  tcp.on('error', (err) => log.error({ err }, 'mqtt port'))
  return {
    name: listener.name,
    listen: (accept) => listener.listen(accept),
    handleUpgrade: (request, socket, head) => listener.handleUpgrade(request, socket, head),
    async close() {
      tcp.close()
      await listener.close()
    },
  }
}

function listen(server: Server, { port, host }: MqttConfig): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port, ...(host !== undefined && { host }) }, () => {
      server.off('error', reject)
      resolve()
    })
  })
}
