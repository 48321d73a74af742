import { defaultHubLimits, type HubLimits, type Rate } from '@patchbay/core/hub'
import { iceServerSchema, MAX_ROSTER } from '@patchbay/protocol'
import { chosenPlugs, defaultLines, plugs } from '@patchbay/lines'
import { loadServerPlug } from '@patchbay/lines/serve'
import { wholeNumber } from '@patchbay/plug'
import { createTrust, type LineSource, type Trust, type TurnConfig } from '@patchbay/server'
import * as v from 'valibot'
import { ConfigError } from './config-error.ts'
import { engineOf, engineVariables, type OpenEngine } from './engine-config.ts'

/** Burst size, in seconds of the sustained rate. */
const BURST_SECONDS = 4

const withBurst = (perSecond: number): Rate => ({ perSecond, burst: BURST_SECONDS * perSecond })

const defaults = defaultHubLimits

const json = v.rawTransform<string, unknown>(({ dataset, addIssue, NEVER }) => {
  try {
    return JSON.parse(dataset.value)
  } catch {
    addIssue({ message: 'must be JSON' })
    return NEVER
  }
})

const origin = v.pipe(
  v.string(),
  v.check(
    (text) => URL.canParse(text) && new URL(text).origin === text,
    'must be origins such as https://chat.example',
  ),
)

/** Names of the lines there are. */
const lineNames = plugs.map(({ name }) => name)

/** What a client takes. */
const MAX_ICE_SERVERS = 16

/** Every variable that the server reads, beside those of its lines. Add new ones to docs/configuration.md too, then run `node scripts/env-example.mjs`. */
const environmentSchema = v.object({
  /** TCP port of the HTTP server. */
  PORT: v.optional(wholeNumber(0, 65_535), '4000'),
  /** Address to listen on; every interface when unset. */
  HOST: v.optional(v.pipe(v.string(), v.minLength(1))),
  /** Lines to serve, separated by commas. The page reads the same variable. */
  LINES: v.optional(
    v.pipe(
      v.string(),
      v.transform((text) => text.split(',').map((part) => part.trim())),
      v.array(v.picklist(lineNames, `must be some of ${lineNames.join(', ')}`)),
      v.check((names) => new Set(names).size === names.length, 'must name each line once'),
    ),
    defaultLines,
  ),
  /**
   * Origins of pages that may open a line, separated by commas. `same-host`: any page served from the host name that the
   * line dials, on any port.
   */
  ALLOWED_ORIGINS: v.optional(
    v.union([
      v.literal('same-host'),
      v.pipe(
        v.string(),
        v.transform((text) => text.split(',').map((part) => part.trim())),
        v.array(origin),
      ),
    ]),
    'same-host',
  ),
  /** JSON array of `RTCIceServer` given to every client. */
  ICE_SERVERS: v.optional(
    v.pipe(
      v.string(),
      json,
      v.array(iceServerSchema),
      v.maxLength(MAX_ICE_SERVERS, `must have at most ${MAX_ICE_SERVERS} entries`),
    ),
    '[]',
  ),
  /** URLs of a TURN server that shares `TURN_SECRET`, separated by commas. */
  TURN_URLS: v.optional(
    v.pipe(
      v.string(),
      v.transform((text) => text.split(',').map((url) => url.trim())),
      v.array(v.pipe(v.string(), v.regex(/^turns?:[^\s]{1,256}$/, 'must be turn: or turns: URLs'))),
      v.maxLength(8, 'must have at most 8 entries'),
    ),
  ),
  /** coturn's `static-auth-secret`. */
  TURN_SECRET: v.optional(v.pipe(v.string(), v.minLength(16, 'must have at least 16 characters'))),
  /** Lifetime of its credentials; clients renew them in time. */
  TURN_LIFETIME_SECONDS: v.optional(wholeNumber(30, 86_400), '300'),
  MAX_PEERS_PER_ROOM: v.optional(wholeNumber(2, MAX_ROSTER), String(defaults.peersPerRoom)),
  MAX_ROOMS_PER_SESSION: v.optional(wholeNumber(1, 1_000), String(defaults.roomsPerSession)),
  /** Messages per session; bursts of four times as many. */
  MESSAGES_PER_SECOND: v.optional(wholeNumber(1, 10_000_000), String(defaults.messages.perSecond)),
  /** Size of the messages per session, in UTF-16 code units; bursts of four times as much. */
  TRAFFIC_PER_SECOND: v.optional(wholeNumber(65_536, 999_999_999), String(defaults.traffic.perSecond)),
  /** Messages kept for a session whose line is down or slow. */
  MAX_WAITING_MESSAGES: v.optional(wholeNumber(128, 100_000), String(defaults.outbox.frames)),
  /** Their total size, in UTF-16 code units. */
  MAX_WAITING_SIZE: v.optional(wholeNumber(65_536, defaults.outbox.size), String(defaults.outbox.size)),
  HELLO_TIMEOUT_MS: v.optional(wholeNumber(100, 60_000), String(defaults.helloMs)),
  /** How long a session outlives its line. */
  RESUME_WINDOW_MS: v.optional(wholeNumber(defaults.lostMs, 3_600_000), String(defaults.resumeMs)),
  /** Milliseconds between two signs of life for individual lines, by name, such as `sip:15000,mqtt:5000`; 2500 on all others. */
  HEARTBEATS: v.optional(
    v.pipe(
      v.string(),
      v.transform((text) => text.split(',').map((part) => part.trim().split(':'))),
      v.array(
        v.tuple(
          [
            v.picklist(lineNames, `must be like sip:15000, with names of ${lineNames.join(', ')}`),
            wholeNumber(250, 300_000),
          ],
          'must be like sip:15000,mqtt:5000',
        ),
      ),
      v.transform((entries) => Object.fromEntries(entries)),
    ),
  ),
  MAX_LINES_PER_ADDRESS: v.optional(wholeNumber(1, 1_000_000), '100'),
  /** New lines per second from one address; bursts of five times as many. */
  NEW_LINES_PER_SECOND: v.optional(wholeNumber(1, 1_000_000), '10'),
  /** Sessions of one address; by default twice as many as lines. */
  MAX_SESSIONS_PER_ADDRESS: v.optional(wholeNumber(1, 1_000_000)),
  MAX_SESSIONS: v.optional(wholeNumber(1, 1_000_000), String(defaults.sessions)),
  /** Lines that are taken at once from brokers somewhere else: they do not tell where their clients are, so no limit by address holds. */
  MAX_BROKER_LINES: v.optional(wholeNumber(1, 1_000_000), '1000'),
  /**
   * Proxies of one's own, separated by commas: addresses, subnets, or `loopback`, `linklocal`, `uniquelocal`. The client's
   * address is then the last one in `X-Forwarded-For` that is not a trusted proxy.
   */
  TRUST_PROXY: v.optional(
    v.pipe(
      v.string(),
      v.transform((text) => text.split(',').map((part) => part.trim())),
      v.rawTransform<string[], Trust>(({ dataset, addIssue, NEVER }) => {
        try {
          return createTrust(dataset.value)
        } catch {
          addIssue({ message: 'must be addresses or subnets of proxies, such as 10.0.0.0/8, or loopback' })
          return NEVER
        }
      }),
    ),
  ),
  /** Whether pages may ask who is in a room before joining it: `on` or `off`. */
  ROOM_PREVIEWS: v.optional(v.picklist(['on', 'off'], 'must be on or off'), 'on'),
  ...engineVariables,
  /** Port of `GET /metrics`; the same as `PORT`: on the same server. None when unset or 0. */
  METRICS_PORT: v.optional(wholeNumber(0, 65_535)),
  /** Name of this server in its logs. */
  NODE_NAME: v.optional(v.pipe(v.string(), v.maxLength(64))),
  LOG_LEVEL: v.optional(v.picklist(['trace', 'debug', 'info', 'warn', 'error', 'silent']), 'info'),
  /** Span over which clients are told to reconnect when the server shuts down, in milliseconds. */
  DRAIN_SPREAD_MS: v.optional(wholeNumber(0, 60_000), '5000'),
})

/** Every variable that the server and its lines read, with its default; `undefined` where there is none. */
export async function knownVariables(): Promise<ReadonlyMap<string, string | undefined>> {
  const lines = await Promise.all(plugs.map(loadServerPlug))
  const entries = [environmentSchema, ...lines.map(({ environment }) => environment)].flatMap((schema) =>
    Object.entries(schema.entries as v.ObjectEntries),
  )
  return new Map(entries.map(([name, schema]) => [name, (v.getDefault(schema) as string | undefined) || undefined]))
}

/** The parsed configuration. */
export interface Config {
  readonly lines: readonly LineSource[]
  readonly port: number
  readonly host: string | undefined
  readonly allowedOrigins: 'same-host' | readonly string[]
  readonly iceServers: v.InferOutput<typeof iceServerSchema>[]
  readonly turn: TurnConfig | undefined
  readonly hubLimits: Partial<HubLimits> & { readonly sessions: number }
  readonly maxLinesPerAddress: number
  readonly newLinesPerSecond: number
  readonly maxBrokerLines: number
  /** Which addresses are proxies of one's own; none when `undefined`. */
  readonly trustProxy: Trust | undefined
  readonly heartbeats: Readonly<Record<string, number>> | undefined
  readonly roomPreviews: boolean
  /** Opens what this server shares with others; `undefined` when it is alone. */
  readonly openEngine: OpenEngine | undefined
  readonly nodeName: string | undefined
  readonly metricsPort: number | undefined
  readonly logLevel: string
  readonly drainSpreadMs: number
}

/**
 * Reads the configuration from environment variables; empty ones count as unset.
 * @throws {ConfigError} when one is invalid.
 */
export async function readConfig(environment: Readonly<Record<string, string | undefined>>): Promise<Config> {
  const set = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''))
  const parsed = v.safeParse(environmentSchema, set)
  const { LINES: chosen } = environmentSchema.entries
  const lines = await Promise.all(
    chosenPlugs(v.is(chosen, set.LINES) ? set.LINES : undefined).map(async (plug) => {
      const line = await loadServerPlug(plug)
      return { line, values: v.safeParse(line.environment, set) }
    }),
  )
  const issues = [parsed, ...lines.map(({ values }) => values)].flatMap(({ issues: some = [] }) => some)
  const problems = issues.map((issue) => `${v.getDotPath(issue)?.split('.')[0]}: ${issue.message}`)
  if (!parsed.success || problems.length > 0) throw new ConfigError([...new Set(problems)].join('\n'))
  const values = parsed.output
  const { TURN_URLS: urls, TURN_SECRET: secret } = values
  if (urls !== undefined && secret === undefined) throw new ConfigError('TURN_SECRET: must be set with TURN_URLS')
  if (urls !== undefined && values.ICE_SERVERS.length >= MAX_ICE_SERVERS)
    throw new ConfigError(`ICE_SERVERS: must be ${MAX_ICE_SERVERS - 1} at most with TURN_URLS`)
  const taken = portsTwice(values, ...lines.map(({ values: own }) => own.output))
  if (taken.length > 0) throw new ConfigError(taken.join('\n'))
  if (secret !== undefined && urls === undefined) throw new ConfigError('TURN_URLS: must be set with TURN_SECRET')
  return {
    lines: lines.map(
      ({ line, values: own }) =>
        (host) =>
          line.open(own.output, host),
    ),
    port: values.PORT,
    host: values.HOST,
    allowedOrigins: values.ALLOWED_ORIGINS,
    iceServers: values.ICE_SERVERS,
    turn: urls && secret ? { urls, secret, lifetimeMs: 1_000 * values.TURN_LIFETIME_SECONDS } : undefined,
    hubLimits: {
      peersPerRoom: values.MAX_PEERS_PER_ROOM,
      roomsPerSession: values.MAX_ROOMS_PER_SESSION,
      sessions: values.MAX_SESSIONS,
      ...(values.MAX_SESSIONS_PER_ADDRESS !== undefined && { sessionsPerAddress: values.MAX_SESSIONS_PER_ADDRESS }),
      messages: withBurst(values.MESSAGES_PER_SECOND),
      traffic: withBurst(values.TRAFFIC_PER_SECOND),
      outbox: { frames: values.MAX_WAITING_MESSAGES, size: values.MAX_WAITING_SIZE },
      helloMs: values.HELLO_TIMEOUT_MS,
      resumeMs: values.RESUME_WINDOW_MS,
    },
    maxLinesPerAddress: values.MAX_LINES_PER_ADDRESS,
    newLinesPerSecond: values.NEW_LINES_PER_SECOND,
    maxBrokerLines: values.MAX_BROKER_LINES,
    trustProxy: values.TRUST_PROXY,
    heartbeats: values.HEARTBEATS,
    roomPreviews: values.ROOM_PREVIEWS === 'on',
    openEngine: await engineOf(values),
    nodeName: values.NODE_NAME,
    metricsPort: values.METRICS_PORT === 0 ? undefined : values.METRICS_PORT,
    logLevel: values.LOG_LEVEL,
    drainSpreadMs: values.DRAIN_SPREAD_MS,
  }
}

/** @returns what is wrong with ports that two listeners would have; metrics may be on the server's own. */
function portsTwice({ PORT, METRICS_PORT }: v.InferOutput<typeof environmentSchema>, ...ofLines: unknown[]): string[] {
  const names = new Map([[METRICS_PORT, 'METRICS_PORT']]).set(PORT, 'PORT')
  return ofLines.flatMap((values) =>
    Object.entries(values as Record<string, unknown>).flatMap(([name, port]) => {
      if (!name.endsWith('_PORT') || typeof port !== 'number' || port === 0) return []
      const other = names.get(port)
      names.set(port, name)
      return other === undefined ? [] : [`${name}: must be another port than ${other}, which is ${port} too`]
    }),
  )
}
