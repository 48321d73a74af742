import { fileURLToPath } from 'node:url'
import { RawWebSocket } from '../raw-web-socket.mjs'

export const name = 'Socket.IO'
export const hasRooms = true
export const server = { script: fileURLToPath(new URL('../servers/socketio.mjs', import.meta.url)), env: {} }

export const valueOf = (payload) => JSON.parse(payload.toString().slice(2))[1].data

/** Speaks Engine.IO 4 and Socket.IO 5 by hand: `0` open, `2` ping, `3` pong, `40` connected, `42` event, `43` ack. */
export function connect(port, room, handlers) {
  return new Promise((resolve, reject) => {
    const peer = {
      id: '',
      send: (to, { kind, body }) => socket.send(`42["signal",{"to":"${to}","kind":"${kind}","data":${body}}]`),
      close: () => socket.close(),
    }
    const socket = new RawWebSocket(port, '/socket.io/?EIO=4&transport=websocket', {
      failed: reject,
      open: () => socket.send('40'),
      text(payload) {
        const head = payload.toString('latin1', 0, 16)
        if (head.startsWith('42["signal"')) return handlers.message(payload)
        if (head.startsWith('42["new_peer"')) return handlers.notice()
        if (head === '2') return socket.send('3')
        if (head.startsWith('43')) return resolve(peer)
        if (!head.startsWith('40')) return
        peer.id = JSON.parse(payload.toString().slice(2)).sid
        socket.send(`420["join","${room}"]`)
      },
    })
  })
}
