import { dialLongPoll } from '@patchbay/transport-longpoll/client'
import { dialMqtt } from '../mqtt-line.mjs'
import { openLongPoll } from '../raw-http.mjs'
import { openMqtt } from '../raw-mqtt.mjs'
import { freePort } from '@patchbay/test-servers'
import * as patchbay from './patchbay.mjs'

const mqttPort = await freePort()
const LONG_POLL = 'long-poll'
const MQTT_TCP = 'MQTT, TCP'
const MQTT_WEBSOCKET = 'MQTT, WebSocket'
const withTcp = { ...patchbay.server, env: { ...patchbay.server.env, MQTT_PORT: String(mqttPort) } }

/** Dialers of every line except WebSocket, by name. */
export const dialers = {
  [LONG_POLL]: (port) => dialLongPoll({ url: `http://127.0.0.1:${port}/poll` }),
  ...(dialMqtt && {
    [MQTT_TCP]: () => dialMqtt(`mqtt://127.0.0.1:${mqttPort}`),
    [MQTT_WEBSOCKET]: (port) => dialMqtt(`ws://127.0.0.1:${port}/mqtt`),
  }),
}

/** Minimal lines, so that the load generator is never the bottleneck. */
const raw = {
  [LONG_POLL]: openLongPoll,
  ...(dialMqtt && {
    [MQTT_TCP]: (_, handlers) => openMqtt(mqttPort, undefined, handlers),
    [MQTT_WEBSOCKET]: (port, handlers) => openMqtt(port, '/mqtt', handlers),
  }),
}

/** The same server, reached over each of its lines. */
export const lineTargets = [
  { ...patchbay, name: 'WebSocket' },
  ...Object.entries(raw).map(([name, openLine]) => ({
    ...patchbay,
    name,
    server: name === MQTT_TCP ? withTcp : patchbay.server,
    connect: patchbay.connectOver(openLine),
  })),
]
