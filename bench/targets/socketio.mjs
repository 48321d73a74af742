import { fileURLToPath } from 'node:url'
import { io } from 'socket.io-client'

export const name = 'Socket.IO'
export const hasRooms = true
export const server = { script: fileURLToPath(new URL('../servers/socketio.mjs', import.meta.url)), env: {} }

export function connect(port, room, handlers) {
  return new Promise((resolve, reject) => {
    const socket = io(`http://127.0.0.1:${port}`, { transports: ['websocket'], forceNew: true, reconnection: false })
    socket.on('connect_error', reject)
    socket.on('new_peer', () => handlers.notice())
    socket.on('signal', ({ data }) => handlers.message(data))
    socket.on('connect', () => {
      const peer = {
        id: socket.id,
        send: (to, { kind, value }) => socket.emit('signal', { to, kind, data: value }),
        close: () => socket.disconnect(),
      }
      socket.emit('join', room, () => resolve(peer))
    })
  })
}
