import { fileURLToPath } from 'node:url'
import { createInstanceId, createPeerSecret, encode, fullCapabilities, PROTOCOL_VERSION } from '@patchbay/protocol'
import { RawWebSocket } from '../raw-web-socket.mjs'

const ACK_EVERY = 64
const NEWLINE = 10

export const name = 'Patchbay'
export const hasRooms = true
/** The server as shipped. All limits are on; rate limits are set too high for one machine to reach. */
export const server = {
  script: fileURLToPath(new URL('dist/main.js', import.meta.resolve('@patchbay/server-app/package.json'))),
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

/** The relayed value. */
export const valueOf = (payload) => JSON.parse(payload.subarray(payload.indexOf(NEWLINE) + 1).toString())

/**
 * Opens a minimal line, which costs the load generator little.
 * @typedef {{ send: (text: string) => void, close: () => void }} Line
 * @typedef {{ open: () => void, text: (payload: Buffer) => void, failed: (error: unknown) => void }} LineHandlers
 * @type {(port: number, handlers: LineHandlers) => Line}
 */
const openWebSocket = (port, handlers) => new RawWebSocket(port, '/ws?line=bench', handlers, 'patchbay.1')

/** A minimal client that follows the session's rules: it counts, acknowledges and answers pings. */
export const connectOver = (openLine) => (port, room, handlers) =>
  new Promise((resolve, reject) => {
    let sent = 0
    let received = 0
    const reliable = (text) => {
      sent += 1
      line.send(text)
    }
    const count = () => {
      received += 1
      if (received % ACK_EVERY === 0) line.send(encode({ type: 'ack', sent, received }))
    }
    const join = () => reliable(encode({ type: 'join', room, name: 'Bench' }))
    const peer = {
      id: '',
      send: (to, { kind, body }) => reliable(`{"type":"${kind}","room":"${room}","to":"${to}"}\n${body}`),
      close() {
        reliable(encode({ type: 'bye' }))
        line.close()
      },
    }
    const line = openLine(port, {
      failed: reject,
      open() {
        const identity = { secret: createPeerSecret(), instance: createInstanceId(), capabilities: fullCapabilities }
        line.send(encode({ type: 'hello', version: PROTOCOL_VERSION, ...identity }))
        join()
      },
      text(payload) {
        // Only relayed messages have a body, so only they contain a newline.
        if (payload.includes(NEWLINE)) {
          count()
          return handlers.message(payload)
        }
        const message = JSON.parse(payload.toString())
        if (message.type === 'ping') return line.send(encode({ type: 'pong', sent, received }))
        if (message.type === 'welcome') peer.id = message.you
        if (message.type === 'error') {
          count()
          // What the nodes share cannot be reached yet.
          if (message.code === 'busy') return void setTimeout(() => join(), 100)
          return reject(new Error(`The server has refused: ${message.code}.`))
        }
        if (message.type !== 'peers' && message.type !== 'new_peer' && message.type !== 'remove_peer') return
        count()
        if (message.type === 'peers') resolve(peer)
        else if (message.type === 'new_peer') handlers.notice()
      },
    })
  })

export const connect = connectOver(openWebSocket)
