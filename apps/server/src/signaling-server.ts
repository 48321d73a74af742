import { hash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { Hub, type IceGrant } from '@patchbay/core/hub'
import type { PeerId, PeerSecret } from '@patchbay/protocol'
import type { Logger } from 'pino'
import { AddressLimits } from './address-limits.ts'
import type { Config } from './config.ts'
import { openLines } from './lines.ts'
import { createOriginPolicy } from './origin-policy.ts'
import { turnServerFor } from './turn-credentials.ts'

/** The signaling process: one http server, one hub, every transport on it. */
export interface SignalingServer {
  readonly port: number
  /** Paths of the lines. */
  readonly paths: readonly string[]
  /** Tells clients to come back, waits until they have been told, and closes everything. */
  close(): Promise<void>
}

/** A header that is not whole after this long ends its socket. */
const REQUEST_TIMEOUT_MS = 10_000

/** Lines beyond one for each session: those that have not said hello yet, and those being replaced. */
const SPARE_LINES = 1_000

/** Peer id of a secret: SHA-256, first 16 bytes, base64url. */
export function peerIdOf(secret: PeerSecret): PeerId {
  return hash('sha256', secret, 'buffer').subarray(0, 16).toString('base64url') as PeerId
}

/**
 * Starts the server.
 * @throws the http server's error, for example `EADDRINUSE`.
 */
export async function startSignalingServer(config: Config, log: Logger): Promise<SignalingServer> {
  const hub = new Hub({
    peerIdOf,
    iceServersFor: (peer) => iceServersFor(peer, config),
    limits: config.hubLimits,
    onEvent({ type, ...event }) {
      if ('error' in event) log.error({ err: event.error }, type)
      else log.info(event, type)
    },
  })
  const addresses = new AddressLimits({
    lines: config.hubLimits.sessions + SPARE_LINES,
    linesPerAddress: config.maxLinesPerAddress,
    newLinesPerSecond: config.newLinesPerSecond,
  })
  const lines = await openLines({
    allowOrigin: createOriginPolicy(config.allowedOrigins),
    addressOf: (request) => addressOf(request, config.trustProxy),
    admit: (address) => addresses.admit(address),
    mqtt: config.mqtt,
    log,
  })
  for (const { listener } of lines) hub.serve(listener)
  const listenerAt = new Map(lines.map(({ path, listener }) => [path, listener]))
  /** The listener of a path, or of the first part of a longer one. */
  const lineAt = (path: string) => {
    const end = path.indexOf('/', 1)
    return listenerAt.get(end < 0 ? path : path.slice(0, end))
  }

  const paths = lines.map(({ path }) => path)
  let draining = false
  const requests: Record<string, (request: IncomingMessage, response: ServerResponse) => void> = {
    '/healthz': (request, response) => {
      const verbose = request.url?.endsWith('?verbose') === true
      reply(response, 200, { status: 'ok', ...hub.stats(), ...(verbose && { limits: hub.limits }) })
    },
    '/readyz': (_, response) => reply(response, draining ? 503 : 200, { status: draining ? 'draining' : 'ready' }),
  }

  const http = createServer({ requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS })
  http.on('request', (request, response) => {
    const path = pathOf(request)
    const handle = lineAt(path)?.handleRequest ?? own(requests, path)
    if (handle === undefined)
      reply(response, 404, { error: `Nothing is here. Lines are at ${paths.join(', ')}, health at /healthz.` })
    else handle(request, response)
  })
  http.on('upgrade', (request, socket, head) => {
    const handle = lineAt(pathOf(request))?.handleUpgrade
    if (handle === undefined) refuseUpgrade(socket)
    else handle(request, socket, head)
  })
  await listen(http, config)
  http.on('error', (err) => log.error({ err }, 'http server failed'))

  return {
    port: (http.address() as AddressInfo).port,
    paths,
    async close() {
      draining = true
      hub.drain(config.drainSpreadMs)
      await Promise.all(lines.map(({ listener }) => listener.close()))
      http.closeAllConnections()
      await new Promise((resolve) => http.close(resolve))
    },
  }
}

/** Those that are the same for everyone, and a TURN server with credentials of the peer's own. */
function iceServersFor(peer: PeerId, { iceServers, turn }: Config): IceGrant {
  if (turn === undefined) return { iceServers }
  return { iceServers: [...iceServers, turnServerFor(peer, turn, Date.now())], iceLifetimeMs: turn.lifetimeMs }
}

/** A path is matched whole and as it came: absolute-form targets and odd encodings find nothing. */
function pathOf(request: IncomingMessage): string {
  const { url = '' } = request
  const end = url.indexOf('?')
  return end < 0 ? url : url.slice(0, end)
}

function own<T>(table: Record<string, T>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined
}

function refuseUpgrade(socket: Duplex): void {
  socket.on('error', () => socket.destroy())
  socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n', () => socket.destroy())
}

function addressOf(request: IncomingMessage, trustProxy: boolean): string {
  const forwarded = trustProxy ? request.headers['x-forwarded-for'] : undefined
  const last = typeof forwarded === 'string' ? forwarded.split(',').at(-1)?.trim() : undefined
  return last ?? request.socket.remoteAddress ?? 'unknown'
}

function reply(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
  response.end(`${JSON.stringify(body)}\n`)
}

function listen(http: Server, { port, host }: Config): Promise<void> {
  return new Promise((resolve, reject) => {
    http.once('error', reject)
    http.listen({ port, ...(host !== undefined && { host }) }, () => {
      http.off('error', reject)
      resolve()
    })
  })
}
