import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { Hub, type HubStats, type IceGrant, type Identity } from '@patchbay/core/hub'
import type { Logger } from 'pino'
import { AddressLimits } from './address-limits.ts'
import { clientAddressOf } from './client-address.ts'
import type { Config } from './config.ts'
import { openLines } from './lines.ts'
import { createOriginPolicy } from './origin-policy.ts'
import { turnServerFor } from './turn-credentials.ts'

/** The signaling process: one HTTP server and one hub with all transports. */
export interface SignalingServer {
  readonly port: number
  /** Paths of the lines. */
  readonly paths: readonly string[]
  /** Counts as they are now. */
  stats(): HubStats
  /** Tells clients to reconnect later, waits until that is delivered, and closes everything. */
  close(): Promise<void>
}

/** A request that is not whole after this long, header and body, ends its socket. */
const REQUEST_TIMEOUT_MS = 10_000
/** Between two looks for such sockets: Node looks every 30 s by itself. */
const LOOK_MS = 1_000

/** Clients of a broker somewhere else may together open lines as fast as so many addresses. */
const BROKER_SHARE = 10

/** Lines allowed beyond one per session: for lines that have not sent `hello` yet or are being replaced. */
const SPARE_LINES = 1_000

/**
 * Starts the server.
 * @throws the HTTP server's error, for example `EADDRINUSE`.
 */
export async function startSignalingServer(config: Config, log: Logger): Promise<SignalingServer> {
  const hub = new Hub({
    iceServersFor: (identity) => iceServersFor(identity, config),
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
  const brokerLines = new AddressLimits({
    lines: config.mqtt.maxLines,
    linesPerAddress: config.mqtt.maxLines,
    newLinesPerSecond: BROKER_SHARE * config.newLinesPerSecond,
  })
  const trust = config.trustProxy ?? (() => false)
  const addressOf = (request: IncomingMessage) => clientAddressOf(request, trust)
  const lines = await openLines({
    names: config.lines,
    allowOrigin: createOriginPolicy(config.allowedOrigins),
    addressOf,
    admit: (address) => addresses.admit(address),
    admitBrokerLine: () => brokerLines.admit('broker'),
    mqtt: config.mqtt,
    log,
  })
  for (const { listener } of lines) hub.serve(listener)
  const listenerAt = new Map(lines.map(({ path, listener }) => [path, listener]))
  /** The listener for a path or for its first level. */
  const lineAt = (path: string) => {
    const end = path.indexOf('/', 1)
    return listenerAt.get(end < 0 ? path : path.slice(0, end))
  }

  const paths = lines.map(({ path }) => path)
  let draining = false
  const requests: Record<string, (request: IncomingMessage, response: ServerResponse) => void> = {
    '/healthz': (request, response) => {
      // What the limits are is for whoever runs the server, not for those whom they hold.
      const verbose = request.url?.endsWith('?verbose') === true && isLocal(request)
      reply(response, 200, { status: 'ok', ...hub.stats(), ...(verbose && { limits: hub.limits }) })
    },
    '/readyz': (_, response) => reply(response, draining ? 503 : 200, { status: draining ? 'draining' : 'ready' }),
  }

  const http = createServer({
    requestTimeout: REQUEST_TIMEOUT_MS,
    headersTimeout: REQUEST_TIMEOUT_MS,
    connectionsCheckingInterval: LOOK_MS,
  })
  http.on('connection', (socket) => {
    const address = socket.remoteAddress ?? 'unknown'
    // A proxy's sockets are those of all its clients.
    if (trust(address, 0)) return
    const release = addresses.admitSocket(address)
    if (release === undefined) socket.destroy()
    else socket.once('close', release)
  })
  http.on('request', (request, response) => {
    const address = addressOf(request)
    if (addresses.isSpent(address)) {
      response.setHeader('retry-after', '1').setHeader('connection', 'close')
      return reply(response, 429, { error: 'Too many requests; try again in a second.' })
    }
    const path = pathOf(request)
    const handle = lineAt(path)
    if (handle?.handleRequest !== undefined) {
      // A page of another origin must not spend what its visitor may ask for.
      response.once('finish', () => response.statusCode > 403 && addresses.charge(address))
      return handle.handleRequest(request, response)
    }
    addresses.charge(address)
    const answer = own(requests, path)
    if (answer !== undefined) answer(request, response)
    else reply(response, 404, { error: `Not found. Lines are at ${paths.join(', ')}, health at /healthz.` })
  })
  http.on('upgrade', (request, socket, head) => {
    const listener = lineAt(pathOf(request))
    if (listener?.handleUpgrade === undefined) refuseUpgrade(socket)
    else listener.handleUpgrade(request, socket, head)
  })
  await listen(http, config)
  http.on('error', (err) => log.error({ err }, 'http server failed'))

  return {
    port: (http.address() as AddressInfo).port,
    paths,
    stats: () => hub.stats(),
    async close() {
      draining = true
      hub.drain(config.drainSpreadMs)
      await Promise.all(lines.map(({ listener }) => listener.close()))
      http.closeAllConnections()
      await new Promise((resolve) => http.close(resolve))
    },
  }
}

/** The shared servers, plus the TURN server with the peer's own credentials. */
function iceServersFor({ id }: Identity, { iceServers, turn }: Config): IceGrant {
  if (turn === undefined) return { iceServers }
  return { iceServers: [...iceServers, turnServerFor(id, turn, Date.now())], iceLifetimeMs: turn.lifetimeMs }
}

/** Paths are matched verbatim: absolute-form targets and unusual encodings are not found. */
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

/** Asked from this machine itself, by no proxy. */
function isLocal({ headers, socket }: IncomingMessage): boolean {
  return /^(::ffff:)?127\.|^::1$/.test(socket.remoteAddress ?? '') && headers['x-forwarded-for'] === undefined
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
