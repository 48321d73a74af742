import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { type LineHost, readableFile, type ServedLine, type ServerPlug, serverPlug, wholeNumber } from '@patchbay/plug'
import * as v from 'valibot'
import { type Dropped, listenMqtt, listenMqttBroker, type MqttRate } from './server.ts'
import { DEFAULT_PREFIX, MAX_PREFIX, PREFIX } from './wire.ts'

const topicPrefix = v.pipe(
  v.string(),
  v.regex(PREFIX, 'must be topic levels of letters, digits, "_" and "-"'),
  v.maxLength(MAX_PREFIX, `must have ${MAX_PREFIX} characters at most`),
)

const environment = v.pipe(
  v.object({
    /** Address of the TCP port; every interface when unset. The HTTP server has the same. */
    HOST: v.optional(v.pipe(v.string(), v.minLength(1))),
    /** TCP port of the built-in broker, 0 for none. Over WebSocket it is always at `/mqtt`. */
    MQTT_PORT: v.optional(wholeNumber(0, 65_535), '0'),
    /** URL of an external broker, used instead of the built-in one. */
    MQTT_URL: v.optional(
      v.pipe(
        v.string(),
        v.check(
          (url) => /^(mqtts?|wss?):\/\/[^\s]+$/.test(url) && URL.canParse(url),
          'must be an mqtt, mqtts, ws or wss URL',
        ),
      ),
    ),
    MQTT_USERNAME: v.optional(v.string()),
    MQTT_PASSWORD: v.optional(v.string()),
    /** PEM file with the CA certificate for the broker. */
    MQTT_CA_FILE: v.optional(readableFile()),
    /** Topic prefix of lines. */
    MQTT_PREFIX: v.optional(topicPrefix, DEFAULT_PREFIX),
    /** Topics below this prefix are open to clients of the built-in broker that are not lines: sensors, dashboards. */
    MQTT_OPEN_PREFIX: v.optional(topicPrefix),
  }),
  v.forward(
    v.check(
      ({ MQTT_PREFIX: lines, MQTT_OPEN_PREFIX: open }) =>
        open === undefined || !(`${open}/`.startsWith(`${lines}/`) || `${lines}/`.startsWith(`${open}/`)),
      'must not equal, contain or be below MQTT_PREFIX',
    ),
    ['MQTT_OPEN_PREFIX'],
  ),
)
type Values = v.InferOutput<typeof environment>

/** The line for servers: through an external broker if there is one, else through one inside the server, at `/mqtt`. */
export const line: ServerPlug = serverPlug({
  environment,
  async open(values, host) {
    const path = `${host.base}/mqtt`
    return {
      path,
      listener: values.MQTT_URL === undefined ? await openOwn(values, path, host) : openBroker(values, host),
    }
  },
})

function openBroker(values: Values, host: LineHost): ServedLine['listener'] {
  const { admitBrokerLine: admit, log } = host
  const { MQTT_URL: url = '', MQTT_USERNAME: username, MQTT_PASSWORD: password, MQTT_CA_FILE: caFile } = values
  const broker = {
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(caFile !== undefined && { ca: readFileSync(caFile) }),
  }
  const onError = (err: Error) => log.error({ err }, 'mqtt broker')
  const { packets } = rateFor(host)
  // A broker may deliver each message twice.
  const rate = { perSecond: 2 * packets.perSecond, burst: 2 * packets.burst }
  return listenMqttBroker({ url, broker, prefix: values.MQTT_PREFIX, admit, rate, onError })
}

/** The broker inside the server, with its TCP port if one is asked for. */
async function openOwn(values: Values, path: string, host: LineHost): Promise<ServedLine['listener']> {
  const { MQTT_PREFIX: prefix, MQTT_OPEN_PREFIX: openPrefix, MQTT_PORT: port } = values
  const onDropped = (dropped: Dropped) => host.log.info(dropped, 'messages below MQTT_OPEN_PREFIX are dropped')
  const listener = await listenMqtt({ ...host, path, prefix, openPrefix, rate: rateFor(host), onDropped })
  if (port === 0) return listener
  const tcp = createServer((socket) => listener.handleSocket(socket))
  await once(tcp.listen({ port, ...(values.HOST !== undefined && { host: values.HOST }) }), 'listening')
  tcp.on('error', (err) => host.log.error({ err }, 'mqtt port'))
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

/** What a session may say, and as much again for the line's own packets. */
function rateFor({ limits: { messages, traffic } }: LineHost): MqttRate {
  return {
    packets: { perSecond: 2 * messages.perSecond, burst: 2 * messages.burst },
    bytes: { perSecond: 4 * traffic.perSecond, burst: 4 * traffic.burst },
  }
}
