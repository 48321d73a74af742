import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import type { LineHost, LineName as OwnLine, LineSource, ServedLine } from '@patchbay/server'
import { listenMqtt, listenMqttBroker } from '@patchbay/transport-mqtt/server'
import { WebSocket } from 'ws'
import type { Config, LineName, MqttConfig } from './config.ts'

/** Every transport there is, by name. One entry here and one in the page's `lines.ts` add another. */
const transports: Readonly<Record<LineName, (config: Pick<Config, 'mqtt' | 'sip'>) => OwnLine | LineSource>> = {
  websocket: () => 'websocket',
  longpoll: () => 'longpoll',
  mqtt:
    ({ mqtt }) =>
    async (host) => ({
      path: `${host.base}/mqtt`,
      listener: await openMqtt(mqtt, `${host.base}/mqtt`, host),
    }),
  // Behind an exchange: requests of its own path there are none. Loaded only where it is asked for.
  sip:
    ({ sip }) =>
    async ({ admitBrokerLine, log }) => {
      const { listenSip } = await import('@patchbay/transport-sip/server')
      if (sip === undefined) throw new Error('There is no account at a SIP exchange.')
      const onError = (err: Error) => log.error({ err }, 'sip exchange')
      return { path: undefined, listener: listenSip({ ...sip, WebSocket, admit: admitBrokerLine, onError }) }
    },
  // Loaded only where it is asked for: an example, for those who read docs/write-a-transport.md.
  sse: () => async (host) => {
    const { listenSse } = await import('@patchbay/example-transport-sse/server')
    return { path: `${host.base}/sse`, listener: listenSse(host) }
  },
}

/** The lines of that name, for `startServer`. */
export function linesFor(config: Pick<Config, 'lines' | 'mqtt' | 'sip'>): (OwnLine | LineSource)[] {
  return config.lines.map((name) => transports[name](config))
}

/** Opens the external broker if configured, otherwise the built-in one with its optional TCP port. */
async function openMqtt(mqtt: MqttConfig, path: string, host: LineHost): Promise<ServedLine['listener']> {
  const { log } = host
  const { prefix } = mqtt
  if (mqtt.url !== undefined) {
    const { username, password, caFile } = mqtt
    const broker = {
      ...(username !== undefined && { username }),
      ...(password !== undefined && { password }),
      ...(caFile !== undefined && { ca: readFileSync(caFile) }),
    }
    const onError = (err: Error) => log.error({ err }, 'mqtt broker')
    return listenMqttBroker({ url: mqtt.url, broker, prefix, admit: host.admitBrokerLine, onError })
  }
  const listener = await listenMqtt({ ...host, path, prefix, openPrefix: mqtt.openPrefix, rate: mqtt.rate })
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
