import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { WebSocket } from 'ws'

export const name = 'naive ws relay'
export const hasRooms = true
export const server = { script: fileURLToPath(new URL('../servers/naive.mjs', import.meta.url)), env: {} }

export function connect(port, room, handlers) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`)
    const peer = {
      id: randomUUID(),
      send: (to, { kind, body }) => socket.send(`{"type":"${kind}","room":"${room}","to":"${to}","data":${body}}`),
      close: () => socket.close(),
    }
    socket.on('error', reject)
    socket.on('open', () => socket.send(JSON.stringify({ type: 'join', room, id: peer.id })))
    socket.on('message', (data) => {
      const message = JSON.parse(data.toString())
      if (message.type === 'peers') resolve(peer)
      else if (message.type === 'new_peer') handlers.notice()
      else if (message.data !== undefined) handlers.message(message.data)
    })
  })
}
