import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { startServer } from '../server-process.mjs'
import * as patchbay from './patchbay.mjs'
import * as socketio from './socketio.mjs'

/** Starts two servers that share a Redis; every second client is at the second. Their use is counted together, Redis apart. */
const startTwo = (ready) => async (server) => {
  const servers = [await startServer(server), await startServer(server)]
  for (const { port } of servers) await ready?.(port)
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

/** Until the store can be reached, and both have seen each other there. */
const readyz = async (port) => {
  while ((await fetch(`http://127.0.0.1:${port}/readyz`)).status !== 200) await sleep(100)
  await sleep(1_500)
}

/** Members of a room take turns between two nodes, so every message crosses. */
export const across = (url, theirs) => [
  { ...patchbay, name: 'Patchbay', start: startTwo(readyz), server: withEngine(url) },
  { ...socketio, name: 'Socket.IO, Redis pub/sub', start: startTwo(), server: socketioOn(theirs, 'pubsub') },
  { ...socketio, name: 'Socket.IO, Redis streams', start: startTwo(), server: socketioOn(theirs, 'streams') },
]

/** Starts one server, and waits until it can reach its Redis. */
const startOne = async (server) => {
  const started = await startServer(server)
  await readyz(started.port)
  return started
}

/** One server, with and without a Redis. */
export const inside = (url) => [
  { ...patchbay, name: 'alone' },
  { ...patchbay, name: 'with a Redis', start: startOne, server: withEngine(url) },
]
