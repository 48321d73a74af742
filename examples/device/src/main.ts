// A thermometer that joins a room over MQTT: `node dist/main.js mqtt://localhost:1883 <room>`.
import { joinRoom } from '@patchbay/room'
import { nodeDataChannel } from '@patchbay/room/node-datachannel'
import { dialMqtt } from '@patchbay/transport-mqtt/client'

const READ_EVERY_MS = 1_000

const [, , url = '', name = ''] = process.argv
if (!URL.canParse(url) || name === '') {
  console.error('Give a broker URL and a room, for example: pnpm start mqtt://localhost:1883 kitchen')
  process.exit(1)
}

/** A simulated sensor: around 21 °C, one cycle in about ten minutes. */
const temperature = () => Number((21 + 2 * Math.sin(Date.now() / 100_000)).toFixed(1))

// To be the same peer after a restart, a device would keep a `secret` in a file.
const room = joinRoom({ lines: [dialMqtt({ url })], room: name, name: 'Thermometer', rtc: nodeDataChannel })
const readings = room.channel<{ name: string; value: number; unit: string }>('reading', { delivery: 'latest' })
room.onMessage((text) => text.trim() === '/read' && room.send(`It is ${temperature()} °C.`))
room.line.subscribe(() => console.log(room.line.getSnapshot()))
const timer = setInterval(() => {
  readings.send({ name: 'temperature', value: temperature(), unit: '°C' })
}, READ_EVERY_MS)

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    clearInterval(timer)
    room.leave()
  })
}
