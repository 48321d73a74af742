import { createServer, connect } from 'node:net'
import { once } from 'node:events'
import { SignalingClient } from '@patchbay/core/client'
import { Mesh } from '@patchbay/core/mesh'
import { nodeDataChannel } from '@patchbay/room/node-datachannel'
import { createInstanceId, createPeerSecret } from '@patchbay/protocol'
import { dialWebSocket } from '@patchbay/transport-websocket/client'
import { WebSocket } from 'ws'
import { freePort } from '@patchbay/test-servers'
import { startServer } from './server-process.mjs'
import { dialMqtt } from './mqtt-line.mjs'
import { dialers } from './targets/lines.mjs'
import * as patchbay from './targets/patchbay.mjs'

const capabilities = { trickle: true, renegotiate: false, media: false, data: true, files: false, role: 'both' }

/** A proxy that counts the bytes of both directions. */
async function startCounter(targetPort) {
  let bytes = 0
  // Without delay, as browsers and servers have it: else it is the proxy that makes a small packet wait (RFC 896).
  const server = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ port: targetPort, host: '127.0.0.1', noDelay: true })
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ]) {
      from.on('data', (chunk) => (bytes += chunk.length))
      from.on('error', () => to.destroy())
      from.pipe(to)
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { port: server.address().port, take: () => [bytes, (bytes = 0)][0], close: () => server.close() }
}

function enter(dialer, room) {
  const client = new SignalingClient({
    dialers: [dialer],
    secret: createPeerSecret(),
    instance: createInstanceId(),
    capabilities,
  })
  const mesh = new Mesh({
    signaling: client,
    entry: { room, name: 'Bench' },
    createPeerConnection: nodeDataChannel.createPeerConnection,
  })
  const answered = new Promise((resolve) => {
    mesh.membership.onEvent((event) => {
      if (event.type === 'signal' && event.signal.type === 'answer') resolve(performance.now())
    })
  })
  const close = () => {
    mesh.close()
    client.close()
  }
  return { answered, close }
}

/**
 * Time from dialing to an answer from a member of the room, on each line in turn: the part of a join that depends on
 * the line. ICE and DTLS then take the same time on every line.
 * @returns {Promise<{ millis: Map<string, number[]>, bytes: Map<string, number[]> }>} rounds by line.
 */
export async function measureJoinTime({ rounds }) {
  const mqttPort = await freePort()
  const server = await startServer({ ...patchbay.server, env: { ...patchbay.server.env, MQTT_PORT: String(mqttPort) } })
  const counters = { http: await startCounter(server.port), mqtt: await startCounter(mqttPort) }
  const lines = {
    WebSocket: [counters.http, (port) => dialWebSocket({ url: `ws://127.0.0.1:${port}/ws`, WebSocket })],
    'long-poll': [counters.http, dialers['long-poll']],
    ...(dialMqtt && {
      'MQTT, TCP': [counters.mqtt, (port) => dialMqtt(`mqtt://127.0.0.1:${port}`)],
      'MQTT, WebSocket': [counters.http, dialers['MQTT, WebSocket']],
    }),
  }
  const millis = new Map(Object.keys(lines).map((name) => [name, []]))
  const bytes = new Map(Object.keys(lines).map((name) => [name, []]))
  const host = dialWebSocket({ url: `ws://127.0.0.1:${server.port}/ws`, WebSocket })
  for (let round = -1; round < rounds; round += 1) {
    for (const [name, [counter, dialerAt]] of Object.entries(lines)) {
      const room = `${name.replaceAll(/\W/g, '')}-${round + 1}`
      const first = enter(host, room)
      await new Promise((resolve) => setTimeout(resolve, 150))
      counter.take()
      const from = performance.now()
      const second = enter(dialerAt(counter.port), room)
      const at = await second.answered
      await new Promise((resolve) => setTimeout(resolve, 100))
      // The first round warms everything up.
      if (round >= 0) {
        millis.get(name).push(at - from)
        bytes.get(name).push(counter.take())
      }
      second.close()
      first.close()
    }
  }
  for (const counter of Object.values(counters)) counter.close()
  await server.stop()
  return { millis, bytes }
}
