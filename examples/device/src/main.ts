// A thermometer that joins a room over MQTT: `node dist/main.js mqtt://localhost:1883 <room>`.
import { SignalingClient } from '@patchbay/core/client'
import { FileShare } from '@patchbay/core/files'
import { type ChatEntry, Mesh } from '@patchbay/core/mesh'
import { createInstanceId, createPeerSecret, parseRoomId } from '@patchbay/protocol'
import { dialMqtt } from '@patchbay/transport-mqtt/client'
import { createPeerConnection } from './peer-connection.ts'

const READ_EVERY_MS = 1_000

const [, , url = '', roomName = ''] = process.argv
const room = parseRoomId(roomName)
if (!URL.canParse(url) || room === undefined) {
  console.error('Give a broker URL and a room, for example: pnpm start mqtt://localhost:1883 kitchen')
  process.exit(1)
}

/** A simulated sensor: around 21 °C, one cycle in about ten minutes. */
const temperature = () => Number((21 + 2 * Math.sin(Date.now() / 100_000)).toFixed(1))

const client = new SignalingClient({
  dialers: [dialMqtt({ url })],
  // To be the same peer after a restart, a device would keep its secret in a file.
  secret: createPeerSecret(),
  instance: createInstanceId(),
  capabilities: { trickle: true, renegotiate: false, media: false, data: true, files: false, role: 'both' },
})
const mesh = new Mesh({
  signaling: client,
  entry: { room, name: 'Thermometer' },
  createPeerConnection,
  // Without a store, the file share declines every offer.
  features: [new FileShare({ self: () => client.self })],
})
const readings = mesh.channel<{ name: string; value: number; unit: string }>('reading', { delivery: 'latest' })

let answered: ChatEntry | undefined
mesh.chat.subscribe(() => {
  const newest = mesh.chat.getSnapshot().at(-1)
  if (newest === answered || newest?.kind !== 'message' || newest.from === undefined) return
  answered = newest
  if (newest.text.trim() === '/read') mesh.chat.send(`It is ${temperature()} °C.`)
})
client.subscribe(() => console.log(client.getSnapshot()))
const timer = setInterval(() => {
  readings.send({ name: 'temperature', value: temperature(), unit: '°C' })
}, READ_EVERY_MS)

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    clearInterval(timer)
    mesh.close()
    client.close()
  })
}
