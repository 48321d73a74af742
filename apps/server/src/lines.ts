import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Listener } from '@patchbay/core/transport'
import { listenSse } from '@patchbay/example-transport-sse/server'
import { listenLongPoll } from '@patchbay/transport-longpoll/server'
import { listenMqtt, listenMqttBroker } from '@patchbay/transport-mqtt/server'
import { listenWebSocket } from '@patchbay/transport-websocket/server'
import type { Logger } from 'pino'
import type { MqttConfig } from './config.ts'

/** What the process decides for every transport. */
export interface LineHost {
  /** Whether a page of this origin may open a line; `undefined` when the client is no browser. */
  readonly allowOrigin: (origin: string | undefined, request: IncomingMessage) => boolean
  /** The client's network address, behind proxies too. */
  readonly addressOf: (request: IncomingMessage) => string
  /** Asked before a line is opened. @returns the undo to call when it is gone, or `undefined` to refuse it. */
  readonly admit: (address: string) => (() => void) | undefined
  readonly mqtt: MqttConfig
  readonly log: Logger
}

/** A transport in this process, and the path of the http server that is its, with all below it: one level, like `/ws`. */
export interface ServedLine {
  readonly path: string
  readonly listener: Listener & {
    handleRequest?(request: IncomingMessage, response: ServerResponse): void
    handleUpgrade?(request: IncomingMessage, socket: Duplex, head: Buffer): void
  }
}

/** Every transport there is. One line here and one in the page's `lines.ts` add another. */
const transports: readonly ((host: LineHost) => ServedLine | Promise<ServedLine>)[] = [
  (host) => ({ path: '/ws', listener: listenWebSocket(host) }),
  (host) => ({ path: '/poll', listener: listenLongPoll({ ...host, path: '/poll' }) }),
  async (host) => ({ path: '/mqtt', listener: await openMqtt(host) }),
  (host) => ({ path: '/sse', listener: listenSse(host) }),
]

/** @throws the error of a port that cannot be had, for example `EADDRINUSE`. */
export function openLines(host: LineHost): Promise<ServedLine[]> {
  return Promise.all(transports.map(async (open) => open(host)))
}

/** The broker inside the process, with a TCP port of its own if there is to be one, or a broker somewhere else. */
async function openMqtt({ mqtt, log, ...host }: LineHost): Promise<ServedLine['listener']> {
  const { prefix } = mqtt
  if (mqtt.url !== undefined) {
    const { username, password, caFile } = mqtt
    const broker = {
      ...(username !== undefined && { username }),
      ...(password !== undefined && { password }),
      ...(caFile !== undefined && { ca: readFileSync(caFile) }),
    }
    return listenMqttBroker({ url: mqtt.url, broker, prefix, onError: (err) => log.error({ err }, 'mqtt broker') })
  }
  const listener = await listenMqtt({ ...host, prefix, openPrefix: mqtt.openPrefix })
  if (mqtt.port === 0) return listener
  const tcp = createServer((socket) => listener.handleSocket(socket))
  await listen(tcp, mqtt)
  tcp.on('error', (err) => log.error({ err }, 'mqtt port'))
  return {
    ...listener,
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
