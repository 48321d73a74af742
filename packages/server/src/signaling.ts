import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Engine } from '@patchbay/core/engine'
import { defaultHubLimits, Hub, type HubLimits, type HubStats, type IceGrant, type Identity } from '@patchbay/core/hub'
import type { Logger, NodeLinks, ServedLine } from '@patchbay/plug'
import { decodeServerMessage, encode } from '@patchbay/protocol'
import type { Registry } from 'prom-client'
import { AddressLimits } from './address-limits.ts'
import { clientAddressOf, type Trust } from './client-address.ts'
import { answerCredentials } from './line-credentials.ts'
import { openLines } from './lines.ts'
import { createMetrics } from './metrics.ts'
import { createOriginPolicy, type OriginPolicy } from './origin-policy.ts'
import { peerIdOf } from './peer-id.ts'
import { pathOf, reply, tooMany } from './reply.ts'
import { requireOptions, trustOf } from './require-options.ts'
import { answerPreview } from './room-previews.ts'
import type { SignalingOptions } from './signaling-options.ts'
import { turnServerFor } from './turn-credentials.ts'

/** Clients of a broker somewhere else may together open lines as fast as so many addresses. */
const BROKER_SHARE = 10
/** Lines allowed beyond one per session: for lines that have not sent `hello` yet or are being replaced. */
const SPARE_LINES = 1_000
/** Sessions of an address for each of its lines: those that lost theirs wait for another. */
const SESSIONS_PER_LINE = 2

const silent: Logger = { info: () => {}, error: () => {} }

/** A hub with its transports and limits, on no HTTP server yet. */
export class Signaling {
  readonly addresses: AddressLimits
  readonly trust: Trust
  readonly log: Logger
  readonly engine: Engine | undefined
  readonly #hub: Hub
  readonly #lines: readonly ServedLine[]
  readonly #listenerAt: ReadonlyMap<string, ServedLine['listener']>
  readonly #base: string
  readonly #joined: Promise<void>
  readonly #allowOrigin: OriginPolicy
  /** Whether anybody may ask who is in a room. */
  readonly #hasPreviews: boolean

  private constructor(
    hub: Hub,
    lines: readonly ServedLine[],
    parts: Pick<Signaling, 'addresses' | 'trust' | 'log' | 'engine'>,
    base: string,
    joined: Promise<void>,
    allowOrigin: OriginPolicy,
    hasPreviews: boolean,
  ) {
    this.#allowOrigin = allowOrigin
    this.#hasPreviews = hasPreviews
    this.#joined = joined
    this.#hub = hub
    this.#lines = lines
    this.#base = base
    this.#listenerAt = new Map(
      lines.flatMap(({ path, listener }) => (path === undefined ? [] : [[path, listener] as const])),
    )
    this.addresses = parts.addresses
    this.trust = parts.trust
    this.log = parts.log
    this.engine = parts.engine
  }

  /**
   * @throws {RangeError} for an option that cannot be, by its name; or the error of a transport that cannot be opened. Then the
   * engine is closed.
   */
  static async open(options: SignalingOptions): Promise<Signaling> {
    try {
      return await Signaling.#open(options)
    } catch (error) {
      await Promise.allSettled([options.engine?.close()])
      throw error
    }
  }

  static async #open(options: SignalingOptions): Promise<Signaling> {
    const { log = silent, linesPerAddress = 100, newLinesPerSecond = 10, brokerLines = 1_000, path = '' } = options
    requireOptions(options)
    requireIceServers(options)
    const trust = trustOf(options.trustProxy)
    const limits = { sessionsPerAddress: SESSIONS_PER_LINE * linesPerAddress, ...options.limits }
    const { sessions = defaultHubLimits.sessions } = limits
    const addresses = new AddressLimits({ lines: sessions + SPARE_LINES, linesPerAddress, newLinesPerSecond })
    const broker = new AddressLimits({
      lines: brokerLines,
      linesPerAddress: brokerLines,
      newLinesPerSecond: BROKER_SHARE * newLinesPerSecond,
    })
    const hub = new Hub({
      peerIdOf,
      iceServersFor: (identity) => iceServersFor(identity, options),
      limits,
      ...(options.heartbeats !== undefined && { heartbeats: options.heartbeats }),
      authorize: options.authorize,
      engine: options.engine,
      onEvent(event) {
        const { type, ...rest } = event
        if ('error' in rest) log.error({ err: rest.error }, type)
        else log.info(rest, type)
        options.onEvent?.(event)
      },
    })
    const allowOrigin = createOriginPolicy(options.allowedOrigins ?? 'same-host')
    const lines = await openLines(options.lines ?? ['websocket', 'longpoll'], {
      base: path,
      limits: hub.limits,
      allowOrigin,
      addressOf: (request) => clientAddressOf(request, trust),
      admit: (address) => addresses.admit(address),
      admitBrokerLine: () => broker.admit('broker'),
      log,
      nodes: linksOf(hub),
    })
    try {
      for (const { listener } of lines) hub.serve(listener)
    } catch (error) {
      await Promise.allSettled(lines.map(({ listener }) => listener.close()))
      throw error
    }
    const joined = hub.start()
    joined.catch((err: unknown) => log.error({ err }, 'what the nodes share cannot be reached'))
    const parts = { addresses, trust, log, engine: options.engine }
    return new Signaling(hub, lines, parts, path, joined, allowOrigin, options.roomPreviews === true)
  }

  /**
   * Fulfilled when every line can be reached, and what the nodes share: those behind an exchange have to dial it first. Rejected when
   * one never will be, which has been logged.
   */
  get ready(): Promise<unknown> {
    return Promise.all([this.#joined, ...this.#lines.flatMap(({ listener }) => listener.ready ?? [])])
  }

  /** Whether what the nodes share can be reached; `true` for a server that is alone. */
  get isJoined(): boolean {
    return this.#hub.cluster?.isUp ?? true
  }

  /** Paths of the lines. */
  get paths(): readonly string[] {
    return [...this.#listenerAt.keys()]
  }

  get limits(): HubLimits {
    return this.#hub.limits
  }

  stats(): HubStats {
    return this.#hub.stats()
  }

  /** What `GET /metrics` answers with. */
  measure(): Promise<Registry> {
    return createMetrics({ hub: this.#hub, engine: this.engine })
  }

  addressOf(request: IncomingMessage): string {
    return clientAddressOf(request, this.trust)
  }

  /** Handles a request of a line, for its credentials, or for the preview of a room. @returns whether it was one. */
  handleRequest(request: IncomingMessage, response: ServerResponse): boolean {
    if (this.#handleQuestion(request, response)) return true
    const listener = this.#lineOf(request)
    if (listener?.handleRequest === undefined) return false
    const address = this.addressOf(request)
    const kind = request.method === 'OPTIONS' ? 'preflight' : 'line'
    // A browser's preflight shows no secret.
    const isOwn = kind === 'line' && listener.isOwn?.(request) === true
    if (!isOwn && this.addresses.isSpent(address, kind)) {
      tooMany(response)
      return true
    }
    response.once('close', () => {
      // A page of another origin must not spend what its visitor may ask for. Whoever has gone may have made another server work.
      if (response.statusCode === 403 && response.writableFinished) return
      const isRefused = response.statusCode >= 400 || kind === 'preflight'
      if (isRefused || !(isOwn || response.writableFinished)) this.addresses.charge(address, kind)
    })
    listener.handleRequest(request, response)
    return true
  }

  /** Handles an upgrade of a line, on its path itself and none below. @returns whether it was one. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    const listener = this.#listenerAt.get(pathOf(request))
    if (listener?.handleUpgrade === undefined) return false
    listener.handleUpgrade(request, socket, head)
    return true
  }

  /**
   * Tells clients to come back later, waits until that is delivered, and closes the lines and the engine.
   * @throws the error of a line that cannot be closed, when everything else is.
   */
  async close(drainSpreadMs: number): Promise<void> {
    this.#hub.drain(drainSpreadMs)
    const closing = this.#lines.map(async ({ listener }) => listener.close())
    await Promise.allSettled(closing)
    await this.#hub.close()
    await Promise.all(closing)
  }

  /** Handles a request that is for no line, but about one or about a room. @returns whether it was one. */
  #handleQuestion(request: IncomingMessage, response: ServerResponse): boolean {
    const [, about, name = ''] = /^\/(rooms|credentials)\/(.*)$/.exec(this.#belowBase(request)) ?? []
    const credentials = this.#lines.find(({ listener }) => listener.name === name)?.credentials
    // Anything else is the application's.
    if (about === 'rooms' ? !this.#hasPreviews : about === undefined || credentials === undefined) return false
    const { origin } = request.headers
    // First of all: another site's page must not spend what its visitor may ask.
    if (!this.#allowOrigin(origin, request)) {
      response.setHeader('connection', 'close')
      reply(response, 403, { error: 'Pages of this origin may not ask.' })
      return true
    }
    const address = this.addressOf(request)
    if (this.addresses.isSpent(address, 'question')) {
      tooMany(response)
      return true
    }
    this.addresses.charge(address, 'question')
    if (origin !== undefined) response.setHeader('access-control-allow-origin', origin).setHeader('vary', 'Origin')
    if (about === 'rooms' || credentials === undefined) void answerPreview(name, request, response, this.#hub)
    else
      void answerCredentials(name, request, response, {
        hub: this.#hub,
        addressOf: (one) => this.addressOf(one),
        credentials,
        failed: (err) => this.log.error({ err }, 'credentials'),
      })
    return true
  }

  /** The path below the base; empty when it is not below it. */
  #belowBase(request: IncomingMessage): string {
    const path = pathOf(request)
    return path.startsWith(`${this.#base}/`) ? path.slice(this.#base.length) : ''
  }

  /** The listener at the first level below the base. */
  #lineOf(request: IncomingMessage): ServedLine['listener'] | undefined {
    const [level] = /^\/[^/]*/.exec(this.#belowBase(request)) ?? []
    return level === undefined ? undefined : this.#listenerAt.get(this.#base + level)
  }
}

/** What transports need of a hub that is not alone. */
function linksOf({ cluster }: Hub): NodeLinks | undefined {
  if (cluster === undefined) return undefined
  const handlers = new Map<string, (text: string) => Promise<string>>()
  cluster.onAsk = async (text) => {
    const cut = text.indexOf(' ')
    return handlers.get(text.slice(0, cut))?.(text.slice(cut + 1))
  }
  return {
    self: cluster.node,
    ask: (node, line, text) => cluster.ask(node, `${line} ${text}`),
    answer: (line, handler) => handlers.set(line, handler),
  }
}

/** Clients refuse a `welcome` whose ICE servers are malformed. @throws {RangeError} that says which member is wrong. */
function requireIceServers(options: SignalingOptions): void {
  try {
    const id = 'A'.repeat(22) as Identity['id']
    decodeServerMessage(encode({ type: 'ice_servers', ...iceServersFor({ id }, options) }))
  } catch (cause) {
    throw new RangeError(`\`iceServers\` or \`turn\` cannot be sent to clients: ${(cause as Error).message}`, { cause })
  }
}

/** The shared servers, plus the TURN server with the peer's own credentials. */
function iceServersFor({ id }: Pick<Identity, 'id'>, { iceServers = [], turn }: SignalingOptions): IceGrant {
  if (turn === undefined) return { iceServers: [...iceServers] }
  return { iceServers: [...iceServers, turnServerFor(id, turn, Date.now())], iceLifetimeMs: turn.lifetimeMs }
}
