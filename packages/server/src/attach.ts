import { type IncomingMessage, type Server as HttpServer, ServerResponse } from 'node:http'
import type { Server as HttpsServer } from 'node:https'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { HubStats } from '@patchbay/core/hub'
import { Signaling } from './signaling.ts'
import type { SignalingOptions } from './signaling-options.ts'

/** Signaling on an HTTP server of the application. */
export interface AttachedServer {
  /** Paths of the lines. */
  readonly paths: readonly string[]
  /** Counts as they are now. */
  stats(): HubStats
  /**
   * Tells clients to reconnect within `drainSpreadMs`, 5 000 by default, and takes the lines off the server, which stays. To
   * be called before the HTTP server is closed, which would wait for the lines.
   */
  close(drainSpreadMs?: number): Promise<void>
}

/** Clients are told to come back within this time, so that they do not all come at once. */
export const DRAIN_SPREAD_MS = 5_000

/**
 * Serves rooms on an HTTP server that is there: a bare one, or that of Express, Fastify or Next. Requests and upgrades of
 * the lines' own paths are handled before the application sees them, whatever its body parsers; all others are left to it.
 * @throws {RangeError} for a path that cannot be one; or the error of a transport that cannot be opened.
 */
export async function attach(http: HttpServer | HttpsServer, options: SignalingOptions = {}): Promise<AttachedServer> {
  const signaling = await Signaling.open(options)
  const detach = putBefore(http, signaling)
  return {
    paths: signaling.paths,
    stats: () => signaling.stats(),
    async close(drainSpreadMs = DRAIN_SPREAD_MS) {
      await signaling.close(drainSpreadMs)
      detach()
    },
  }
}

type Listener = (...args: unknown[]) => void

/** Listeners of an event, as Node keeps them. */
const listenersOf = (http: HttpServer | HttpsServer, event: string) => http.rawListeners(event) as unknown as Listener[]

/**
 * Handles what is a line's first. Listeners that are there already get the rest; so do those that are added later, which
 * have to leave the lines' paths alone themselves. @returns a function that puts everything back.
 */
export function putBefore(http: HttpServer | HttpsServer, signaling: Signaling): () => void {
  const before = { request: listenersOf(http, 'request'), upgrade: listenersOf(http, 'upgrade') }
  let isDetached = false
  const own = {
    request: (request: IncomingMessage, response: ServerResponse) => {
      if (isDetached || !signaling.handleRequest(request, response))
        for (const next of before.request) next.call(http, request, response)
    },
    upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      if (!isDetached && signaling.handleUpgrade(request, socket, head)) return
      for (const next of before.upgrade) next.call(http, request, socket, head)
      // Nobody else would ever answer it.
      if (http.listenerCount('upgrade') > 1 || before.upgrade.length > 0) return
      if (request.headers.upgrade?.toLowerCase() === 'websocket') refuseUpgrade(socket)
      else own.request(request, answerOn(request, socket))
    },
  }
  for (const event of ['request', 'upgrade'] as const) {
    http.removeAllListeners(event)
    http.on(event, own[event])
  }
  return () => {
    isDetached = true
    for (const event of ['request', 'upgrade'] as const) {
      // Something that came later has taken this one over: it stays, and passes everything on.
      if (!listenersOf(http, event).includes(own[event] as Listener)) continue
      http.off(event, own[event])
      const later = listenersOf(http, event)
      http.removeAllListeners(event)
      for (const listener of [...before[event], ...later]) http.on(event, listener)
    }
  }
}

/** An answer to a request that asks for another protocol, which nobody here speaks: it is answered as if it had not asked. */
function answerOn(request: IncomingMessage, socket: Duplex): ServerResponse {
  const response = new ServerResponse(request)
  response.shouldKeepAlive = false
  response.assignSocket(socket as Socket)
  // Node has taken its own listener off, and an `error` without one ends the process.
  socket.on('error', () => socket.destroy())
  response.once('finish', () => socket.end(() => socket.destroy()))
  return response
}

function refuseUpgrade(socket: Duplex): void {
  socket.on('error', () => socket.destroy())
  socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n', () => socket.destroy())
}
