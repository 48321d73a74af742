import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { RawWebSocket } from '../raw-web-socket.mjs'

const NOTICES = ['{"type":"peers"', '{"type":"new_peer"', '{"type":"remove_peer"']

export const name = 'naive ws relay'
export const hasRooms = true
export const server = { script: fileURLToPath(new URL('../servers/naive.mjs', import.meta.url)), env: {} }

export const valueOf = (payload) => JSON.parse(payload.toString()).data

export function connect(port, room, handlers) {
  return new Promise((resolve, reject) => {
    const peer = {
      id: randomUUID(),
      send: (to, { kind, body }) => socket.send(`{"type":"${kind}","room":"${room}","to":"${to}","data":${body}}`),
      close: () => socket.close(),
    }
    const socket = new RawWebSocket(port, '/', {
      failed: reject,
      open: () => socket.send(JSON.stringify({ type: 'join', room, id: peer.id })),
      text(payload) {
        const head = payload.toString('latin1', 0, 24)
        const notice = NOTICES.findIndex((start) => head.startsWith(start))
        if (notice === 0) resolve(peer)
        else if (notice === 1) handlers.notice()
        else if (notice < 0) handlers.message(payload)
      },
    })
  })
}
