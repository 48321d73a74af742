import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { WebSocket } from 'ws'

const types = { offer: 'OFFER', ice_candidate: 'CANDIDATE' }

export const name = 'peer (PeerServer)'
/** Its clients must know each other's ids: there is nothing to join and nobody is told. */
export const hasRooms = false
export const server = { script: fileURLToPath(new URL('../servers/peerjs.mjs', import.meta.url)), env: {} }

export function connect(port, _room, handlers) {
  return new Promise((resolve, reject) => {
    const id = randomUUID()
    const socket = new WebSocket(`ws://127.0.0.1:${port}/peerjs?key=peerjs&id=${id}&token=bench&version=1.5.5`)
    const peer = {
      id,
      send: (to, { kind, body }) => socket.send(`{"type":"${types[kind]}","dst":"${to}","payload":${body}}`),
      close: () => socket.close(),
    }
    socket.on('error', reject)
    socket.on('message', (data) => {
      const message = JSON.parse(data.toString())
      if (message.type === 'OPEN') resolve(peer)
      else if (message.payload !== undefined) handlers.message(message.payload)
    })
  })
}
