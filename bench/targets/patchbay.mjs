import { fileURLToPath } from 'node:url'
import { createInstanceId, createPeerSecret, encode, fullCapabilities, PROTOCOL_VERSION } from '@patchbay/protocol'
import { WebSocket } from 'ws'

const ACK_EVERY = 64
const control = new Set(['welcome', 'ping', 'pong', 'ack', 'close'])

export const name = 'Patchbay'
export const hasRooms = true
/** The server as it ships. Every limit is on; those on rates are set so high that one machine cannot reach them. */
export const server = {
  script: fileURLToPath(new URL('dist/main.js', import.meta.resolve('@patchbay/server/package.json'))),
  // As its start script does.
  nodeArgs: ['--max-semi-space-size=4'],
  env: {
    HOST: '127.0.0.1',
    LOG_LEVEL: 'warn',
    MAX_PEERS_PER_ROOM: '100',
    MAX_LINES_PER_ADDRESS: '20000',
    NEW_LINES_PER_SECOND: '100000',
    MESSAGES_PER_SECOND: '1000000',
    TRAFFIC_PER_SECOND: '999999999',
  },
}

/** A client as light as can be that still keeps the session's rules: it counts, acknowledges and answers pings. */
export function connect(port, room, handlers) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws?line=bench`, 'patchbay.1')
    let sent = 0
    let received = 0
    const reliable = (frame) => {
      sent += 1
      socket.send(frame)
    }
    const peer = {
      id: '',
      send: (to, { kind, body }) => reliable(`{"type":"${kind}","room":"${room}","to":"${to}"}\n${body}`),
      close() {
        reliable(encode({ type: 'bye' }))
        socket.close()
      },
    }
    socket.on('error', reject)
    socket.on('open', () => {
      const identity = { secret: createPeerSecret(), instance: createInstanceId(), capabilities: fullCapabilities }
      socket.send(encode({ type: 'hello', version: PROTOCOL_VERSION, ...identity }))
      reliable(encode({ type: 'join', room, name: 'Bench' }))
    })
    socket.on('message', (data) => {
      const text = data.toString()
      const cut = text.indexOf('\n')
      const message = JSON.parse(cut < 0 ? text : text.slice(0, cut))
      if (message.type === 'welcome') peer.id = message.you
      if (message.type === 'ping') socket.send(encode({ type: 'pong', sent, received }))
      if (control.has(message.type)) return
      received += 1
      if (received % ACK_EVERY === 0) socket.send(encode({ type: 'ack', sent, received }))
      if (message.type === 'peers') resolve(peer)
      else if (message.type === 'new_peer') handlers.notice()
      else if (cut >= 0) handlers.message(text.slice(cut + 1))
    })
  })
}
