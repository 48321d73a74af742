import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { RawWebSocket } from './raw-web-socket.mjs'

const TAKEN_EVERY = 131_072

/** @param {number} type first byte @param {Buffer[]} parts */
function packet(type, ...parts) {
  const body = Buffer.concat(parts)
  const head = [type]
  let rest = body.length
  do {
    const group = rest & 0x7f
    rest >>>= 7
    head.push(rest > 0 ? group | 0x80 : group)
  } while (rest > 0)
  return Buffer.concat([Buffer.from(head), body])
}

function text(value) {
  const bytes = Buffer.from(value)
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes])
}

/** A minimal MQTT line over TCP or, with a path, over WebSocket. */
export function openMqtt(port, path, { open, text: hear, failed }) {
  const id = randomBytes(16).toString('base64url')
  const up = (kind, payload) => raw.write(packet(0x30, text(`patchbay/up/${id}/${kind}`), Buffer.from(payload)))
  let rest = Buffer.alloc(0)
  let [sent, taken, told] = [0, 0, 0]

  const publish = (bytes) => {
    const topicSize = bytes.readUInt16BE(0)
    const kind = bytes.toString('latin1', 2 + topicSize - 5, 2 + topicSize)
    if (kind === '/open') return open()
    if (kind !== 'frame') return
    const payload = bytes.subarray(2 + topicSize)
    const frame = payload.subarray(payload.indexOf(':') + 1)
    taken += frame.length
    if (taken - told >= TAKEN_EVERY) {
      told = taken
      up('taken', String(taken))
    }
    hear(frame)
  }
  const take = (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    while (rest.length >= 2) {
      let [size, at] = [0, 1]
      for (let shift = 0; ; shift += 7) {
        size |= (rest[at] & 0x7f) << shift
        if (rest[at++] < 0x80) break
        if (at >= rest.length) return
      }
      if (rest.length < at + size) return
      const type = rest[0] >> 4
      const body = rest.subarray(at, at + size)
      rest = rest.subarray(at + size)
      if (type === 2) {
        raw.write(packet(0x82, Buffer.from([0, 1]), text(`patchbay/down/${id}/+`), Buffer.from([0])))
      } else if (type === 9) up('open', '')
      else if (type === 3) publish(body)
    }
  }
  const greet = () => {
    raw.write(packet(0x10, text('MQTT'), Buffer.from([4, 2, 0, 120]), text(id)))
  }
  const raw = path === undefined ? overTcp() : overWebSocket()

  function overTcp() {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }, greet)
    socket.on('error', failed).on('data', take)
    return { write: (bytes) => socket.write(bytes), end: () => socket.end() }
  }
  function overWebSocket() {
    const socket = new RawWebSocket(port, path, { failed, open: greet, text: take }, 'mqtt')
    return { write: (bytes) => socket.sendBinary(bytes), end: () => socket.close() }
  }
  return { send: (frame) => up('frame', `${sent++}:${frame}`), close: () => raw.end() }
}
