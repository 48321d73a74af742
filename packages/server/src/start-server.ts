import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { HubStats } from '@patchbay/core/hub'
import type { Logger } from '@patchbay/plug'
import { DRAIN_SPREAD_MS, putBefore } from './attach.ts'
import { createGuardedServer } from './guarded-http.ts'
import { pathOf, reply } from './reply.ts'
import { isPort, isSpread } from './require-options.ts'
import { Signaling } from './signaling.ts'
import type { SignalingOptions } from './signaling-options.ts'

/** Options of a server of its own. */
export interface ServerOptions extends SignalingOptions {
  /** TCP port; 4000 by default, 0 for any that is free. */
  readonly port?: number
  /** Address to listen on; every interface by default. */
  readonly host?: string | undefined
  /** Span over which clients are told to reconnect when the server is closed, in milliseconds; 5 000 by default. */
  readonly drainSpreadMs?: number
  /**
   * Port of `GET /metrics`, in the text format of Prometheus: the server's own, or another one for it alone. No metrics by default.
   */
  readonly metricsPort?: number | undefined
  /**
   * Further paths of the server, each with its handler. `/healthz` and `/readyz` are there already. When one throws or rejects, this
   * is logged, and the request is answered with 500.
   */
  readonly routes?: Readonly<Record<string, (request: IncomingMessage, response: ServerResponse) => unknown>>
}

/** A running server. */
export interface PatchbayServer {
  readonly port: number
  /** Paths of the lines. */
  readonly paths: readonly string[]
  /** Counts as they are now. */
  stats(): HubStats
  /** Tells clients to reconnect later, waits until that is delivered, and closes everything. */
  close(): Promise<void>
}

const DEFAULT_PORT = 4_000

/**
 * Starts a signaling server: one HTTP server and one hub with all its lines, and health at `/healthz` and `/readyz`.
 * @throws {RangeError} for an option that cannot be, by its name; or the HTTP server's error, for example `EADDRINUSE`.
 */
export async function startServer(options: ServerOptions = {}): Promise<PatchbayServer> {
  const { drainSpreadMs = DRAIN_SPREAD_MS, metricsPort, port = DEFAULT_PORT } = options
  const objection = !isSpread(drainSpreadMs)
    ? '`drainSpreadMs` must be a number of milliseconds, a day at most.'
    : metricsPort !== undefined && !isPort(metricsPort)
      ? '`metricsPort` must be a whole number from 0 to 65535.'
      : undefined
  if (objection !== undefined) {
    await Promise.allSettled([options.engine?.close()])
    throw new RangeError(objection)
  }
  const signaling = await Signaling.open(options)
  const { log, paths } = signaling
  const metrics = metricsPort === undefined ? undefined : await metricsOf(signaling)
  let state: 'starting' | 'ready' | 'draining' = 'starting'
  signaling.ready.then(
    () => (state = state === 'starting' ? 'ready' : state),
    () => undefined,
  )
  const routes: NonNullable<ServerOptions['routes']> = {
    '/healthz': (request, response) => {
      // What the limits are is for whoever runs the server, not for those whom they hold.
      const verbose = request.url?.endsWith('?verbose') === true && isLocal(request)
      const body = { ...signaling.stats(), ...(verbose && { limits: signaling.limits }) }
      // A balancer that asks here sends nobody to a server that is about to go.
      const isDraining = state === 'draining'
      reply(response, isDraining ? 503 : 200, { status: isDraining ? 'draining' : 'ok', ...body })
    },
    '/readyz': (_, response) => {
      const status = state === 'ready' && !signaling.isJoined ? 'alone' : state
      reply(response, status === 'ready' ? 200 : 503, { status })
    },
    ...(metrics !== undefined && metricsPort === port && { '/metrics': metrics }),
    ...options.routes,
  }
  const http = createGuardedServer(signaling, signaling.addresses, (request, response) => {
    const path = pathOf(request)
    const answer = Object.hasOwn(routes, path) ? routes[path] : undefined
    if (answer !== undefined) void answerSafely(answer, request, response, log)
    else reply(response, 404, { error: `Not found. Lines are at ${paths.join(', ')}, health at /healthz.` })
  })
  putBefore(http, signaling)
  const apart =
    metrics !== undefined && metricsPort !== port
      ? createGuardedServer(signaling, signaling.addresses.apart(), onlyAt('/metrics', metrics))
      : undefined
  try {
    const host = options.host === undefined ? {} : { host: options.host }
    await once(http.listen({ port, ...host }), 'listening')
    if (apart !== undefined && metricsPort !== undefined)
      await once(apart.listen({ port: metricsPort, ...host }), 'listening')
  } catch (error) {
    http.close()
    await Promise.allSettled([signaling.close(0)])
    throw error
  }
  for (const server of [http, apart]) server?.on('error', (err) => log.error({ err }, 'http server failed'))
  return {
    port: (http.address() as AddressInfo).port,
    paths,
    stats: () => signaling.stats(),
    async close() {
      state = 'draining'
      let over: Promise<unknown>
      try {
        await signaling.close(drainSpreadMs)
      } finally {
        apart?.close()
        apart?.closeAllConnections()
        over = new Promise((resolve) => http.close(resolve))
        http.closeAllConnections()
      }
      // Where a line could not be closed, this is not awaited: the line may have left sockets open, of which HTTP does not know.
      await over
    },
  }
}

type Handler = NonNullable<ServerOptions['routes']>[string]

/** Has a handler answer a request; an error of the handler ends that request alone. */
async function answerSafely(handler: Handler, request: IncomingMessage, response: ServerResponse, log: Logger) {
  try {
    await handler(request, response)
  } catch (err) {
    log.error({ err }, 'route failed')
    if (!response.headersSent) reply(response, 500, { error: 'Something went wrong.' })
    else if (!response.writableEnded) response.destroy()
  }
}

/** Answers with the metrics as they are now. */
async function metricsOf(signaling: Signaling): Promise<Handler> {
  const registry = await signaling.measure()
  let reading: Promise<string> | undefined
  return (_, response) => {
    // All who ask at once get one text.
    reading ??= registry.metrics().finally(() => (reading = undefined))
    reading.then(
      (text) => response.writeHead(200, { 'content-type': registry.contentType }).end(text),
      () => reply(response, 500, { error: 'The metrics could not be read.' }),
    )
  }
}

const onlyAt =
  (path: string, handler: Handler): Handler =>
  (request, response) =>
    pathOf(request) === path
      ? handler(request, response)
      : reply(response, 404, { error: `Not found. Metrics are at ${path}.` })

/** Asked from this machine itself, by no proxy. */
function isLocal({ headers, socket }: IncomingMessage): boolean {
  return /^(::ffff:)?127\.|^::1$/.test(socket.remoteAddress ?? '') && headers['x-forwarded-for'] === undefined
}
