import { dialLongPoll } from '@patchbay/transport-longpoll/client'
import { dialMqtt } from '@patchbay/transport-mqtt/client'
import { freePort } from '../server-process.mjs'
import * as patchbay from './patchbay.mjs'

const mqttPort = await freePort()
const server = { ...patchbay.server, env: { ...patchbay.server.env, MQTT_PORT: String(mqttPort) } }

/** A line as the package dials it. */
const dialed = (dialerOf) => (port, handlers) => {
  let line
  const { signal } = new AbortController()
  dialerOf(port)
    .dial({ frame: (text) => handlers.text(Buffer.from(text)), close: () => {} }, { signal })
    .then((opened) => {
      line = opened
      handlers.open()
    }, handlers.failed)
  return { send: (text) => line.send(text), close: () => line.close() }
}

/** Dialers of every line but WebSocket, by name. */
export const dialers = {
  'long-poll': (port) => dialLongPoll({ url: `http://127.0.0.1:${port}/poll` }),
  'MQTT, TCP': () => dialMqtt({ url: `mqtt://127.0.0.1:${mqttPort}` }),
  'MQTT, WebSocket': (port) => dialMqtt({ url: `ws://127.0.0.1:${port}/mqtt` }),
}

/** The same server, reached over each of its lines. */
export const lineTargets = [
  { ...patchbay, name: 'WebSocket' },
  ...Object.entries(dialers).map(([name, dialerOf]) => ({
    ...patchbay,
    name,
    server,
    connect: patchbay.connectOver(dialed(dialerOf)),
  })),
]
