import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import type { LineHost, LineName as OwnLine, LineSource, ServedLine } from '@patchbay/server'
import { listenMqtt, listenMqttBroker } from '@patchbay/transport-mqtt/server'
import type { LineName, MqttConfig } from './config.ts'

/** Every transport there is, by name. One entry here and one in the page's `lines.ts` add another. */
const transports: Readonly<Record<LineName, (mqtt: MqttConfig) => OwnLine | LineSource>> = {
  websocket: () => 'websocket',
  longpoll: () => 'longpoll',
  mqtt: (mqtt) => async (host) => ({
    path: `${host.base}/mqtt`,
    listener: await openMqtt(mqtt, `${host.base}/mqtt`, host),
  }),
  // Loaded only where it is asked for: an example, for those who read docs/write-a-transport.md.
  sse: () => async (host) => {
    const { listenSse } = await import('@patchbay/example-transport-sse/server')
    return { path: `${host.base}/sse`, listener: listenSse(host) }
  },
}

/** The lines of that name, for `startServer`. */
export function linesFor(names: readonly LineName[], mqtt: MqttConfig): (OwnLine | LineSource)[] {
  return names.map((name) => transports[name](mqtt))
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
