import type { IncomingMessage, Server as HttpServer, ServerResponse } from 'node:http'
import type { Server as HttpsServer } from 'node:https'
import type { Duplex } from 'node:stream'
import type { HubStats } from '@patchbay/core/hub'
import { CountedResponse, countOpen } from './pipelining.ts'
import { isSpread } from './require-options.ts'
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
 * @throws {RangeError} for an option that cannot be, by its name; or the error of a transport that cannot be opened.
 */
export async function attach(http: HttpServer | HttpsServer, options: SignalingOptions = {}): Promise<AttachedServer> {
  const signaling = await Signaling.open(options)
  const detach = putBefore(http, signaling)
  return {
    paths: signaling.paths,
    stats: () => signaling.stats(),
    async close(drainSpreadMs) {
      // Used directly as an event handler, it gets the event's arguments instead.
      await signaling.close(isSpread(drainSpreadMs) ? drainSpreadMs : DRAIN_SPREAD_MS).finally(detach)
    },
  }
}

/** Node tells of upgrades only where there is a listener. */
const placeholders = new WeakSet<object>()
/** What this module has put in place of `emit`. */
const takers = new WeakSet<object>()

/**
 * Handles what is a line's before any listener of the server, whenever it was added: two that answer the same upgrade would
 * break it. @returns a function that puts everything back.
 */
export function putBefore(http: HttpServer | HttpsServer, signaling: Signaling): () => void {
  let isDetached = false
  const passOn = http.emit as (...args: unknown[]) => boolean
  const takeRequest = (request: IncomingMessage, response: ServerResponse) => {
    const isTaken = signaling.handleRequest(request, response)
    // The application may take as many of its own requests at once as it likes.
    if (isTaken && !(response instanceof CountedResponse)) countOpen(request, response)
    return isTaken
  }
  const take = (event: unknown, args: unknown[]) => {
    if (event === 'request') return takeRequest(...(args as [IncomingMessage, ServerResponse]))
    return event === 'upgrade' && signaling.handleUpgrade(...(args as [IncomingMessage, Duplex, Buffer]))
  }
  /** Whether an upgrade is for nobody: then it is answered here, by the last that has been put before the server. */
  const isForNobody = () => {
    const listeners = http.listeners('upgrade')
    return !takers.has(passOn) && listeners.length > 0 && listeners.every((one) => placeholders.has(one))
  }
  const emit = (event: unknown, ...args: unknown[]): boolean => {
    if (!isDetached && take(event, args)) return true
    if (event !== 'upgrade' || !isForNobody()) return passOn.call(http, event, ...args)
    const [request, socket, rest] = args as [IncomingMessage, Duplex, Buffer]
    if (request.headers.upgrade?.toLowerCase() === 'websocket') refuseUpgrade(socket)
    else readAgain(http, request, socket, rest)
    return true
  }
  takers.add(emit)
  http.emit = emit as typeof http.emit
  const placeholder = () => {}
  placeholders.add(placeholder)
  http.on('upgrade', placeholder)
  return () => {
    isDetached = true
    http.off('upgrade', placeholder)
    // Otherwise something that came later has wrapped this one: it stays, and passes everything on.
    if (http.emit === emit) http.emit = passOn as typeof http.emit
  }
}

/** Headers that ask for another protocol (RFC 9110 §7.8). */
const UPGRADE_HEADERS: ReadonlySet<string> = new Set(['upgrade', 'connection', 'http2-settings'])

/**
 * Has the server read a request anew that asks for a protocol which nobody here speaks, as if it had not asked: Node has stopped
 * reading at the end of its head, so its body would be lost.
 */
function readAgain(http: HttpServer | HttpsServer, request: IncomingMessage, socket: Duplex, rest: Buffer): void {
  const { method = 'GET', url = '/', httpVersion, rawHeaders } = request
  const lines = [`${method} ${url} HTTP/${httpVersion}`]
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? ''
    if (!UPGRADE_HEADERS.has(name.toLowerCase())) lines.push(`${name}: ${rawHeaders[i + 1]}`)
  }
  // Whoever asks for another protocol may send in it next.
  lines.push('Connection: close', '', '')
  socket.unshift(Buffer.concat([Buffer.from(lines.join('\r\n'), 'latin1'), rest]))
  http.emit('encrypted' in socket ? 'secureConnection' : 'connection', socket)
}

function refuseUpgrade(socket: Duplex): void {
  socket.on('error', () => socket.destroy())
  socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n', () => socket.destroy())
}
