import { fileURLToPath } from 'node:url'
import { startServer } from '../server-process.mjs'
import * as patchbay from './patchbay.mjs'
import * as socketio from './socketio.mjs'

/** Starts two servers that share a Redis; every second client is at the second. Their use is counted together, Redis apart. */
const startTwo = async (server) => {
  const servers = [await startServer(server), await startServer(server)]
  return {
    portOf: (i) => servers[i % 2].port,
    async usage() {
      const all = await Promise.all(servers.map((one) => one.usage()))
      return { cpuMicros: all.reduce((sum, { cpuMicros }) => sum + cpuMicros, 0) }
    },
    async stop() {
      for (const one of servers) await one.stop()
    },
  }
}

const withEngine = (url) => ({ ...patchbay.server, env: { ...patchbay.server.env, ENGINE_URL: url } })
const socketioOn = (url, adapter) => ({
  script: fileURLToPath(new URL('../servers/socketio-redis.mjs', import.meta.url)),
  env: { REDIS_URL: url, ADAPTER: adapter },
})

/** Members of a room take turns between two nodes, so every message crosses. */
export const across = (url) => [
  { ...patchbay, name: 'Patchbay, two nodes', start: startTwo, server: withEngine(url) },
  { ...socketio, name: 'Socket.IO, Redis pub/sub', start: startTwo, server: socketioOn(url, 'pubsub') },
  { ...socketio, name: 'Socket.IO, Redis streams', start: startTwo, server: socketioOn(url, 'streams') },
]

/** One node, with and without an engine. */
export const inside = (url) => [
  { ...patchbay, name: 'alone' },
  { ...patchbay, name: 'with an engine', server: withEngine(url) },
]
