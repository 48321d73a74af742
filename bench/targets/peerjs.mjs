import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { RawWebSocket } from '../raw-web-socket.mjs'

const types = { offer: 'OFFER', ice_candidate: 'CANDIDATE' }

export const name = 'peer (PeerServer)'
/** PeerJS clients must know each other's ids: there are no rooms and no notices. */
export const hasRooms = false
export const server = { script: fileURLToPath(new URL('../servers/peerjs.mjs', import.meta.url)), env: {} }

export const valueOf = (payload) => JSON.parse(payload.toString()).payload

export function connect(port, _room, handlers) {
  return new Promise((resolve, reject) => {
    const peer = {
      id: randomUUID(),
      send: (to, { kind, body }) => socket.send(`{"type":"${types[kind]}","dst":"${to}","payload":${body}}`),
      close: () => socket.close(),
    }
    const socket = new RawWebSocket(port, `/peerjs?key=peerjs&id=${peer.id}&token=bench&version=1.5.5`, {
      failed: reject,
      open: () => {},
      text(payload) {
        if (payload.includes('"OPEN"')) resolve(peer)
        else if (payload.includes('"payload"')) handlers.message(payload)
      },
    })
  })
}
