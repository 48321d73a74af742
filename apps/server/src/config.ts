import { defaultHubLimits, type HubLimits, type Rate } from '@patchbay/core/hub'
import { iceServerSchema, MAX_ROSTER } from '@patchbay/protocol'
import { createTrust, type Trust, type TurnConfig } from '@patchbay/server'
import type { MqttRate } from '@patchbay/transport-mqtt/server'
import * as v from 'valibot'

/** Lines this server can serve. */
const lineNames = ['websocket', 'longpoll', 'mqtt', 'sip', 'sse'] as const
/** Name of one of them. */
export type LineName = (typeof lineNames)[number]

const wholeNumber = (min: number, max: number) =>
  v.pipe(
    v.string(),
    v.regex(/^\d{1,9}$/, 'must be a whole number'),
    v.transform(Number),
    v.minValue(min, `must be at least ${min}`),
    v.maxValue(max, `must be at most ${max}`),
  )

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

const topicPrefix = v.pipe(
  v.string(),
  v.regex(/^[\w-]+(\/[\w-]+)*$/, 'must be topic levels of letters, digits, "_" and "-"'),
)

/** Every variable that the server reads. Add new ones to docs/configuration.md too. */
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
    'websocket,longpoll,mqtt',
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
    v.pipe(v.string(), json, v.array(iceServerSchema), v.maxLength(16, 'must have at most 16 entries')),
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
  MAX_LINES_PER_ADDRESS: v.optional(wholeNumber(1, 1_000_000), '100'),
  /** New lines per second from one address; bursts of five times as many. */
  NEW_LINES_PER_SECOND: v.optional(wholeNumber(1, 1_000_000), '10'),
  /** Sessions of one address; by default twice as many as lines. */
  MAX_SESSIONS_PER_ADDRESS: v.optional(wholeNumber(1, 1_000_000)),
  MAX_SESSIONS: v.optional(wholeNumber(1, 1_000_000), String(defaults.sessions)),
  /** TCP port of the built-in MQTT broker, 0 for none. Over WebSocket it is always at `/mqtt`. */
  MQTT_PORT: v.optional(wholeNumber(0, 65_535), '0'),
  /** URL of an external broker, used instead of the built-in one. */
  MQTT_URL: v.optional(
    v.pipe(v.string(), v.regex(/^(mqtts?|wss?):\/\/[^\s]+$/, 'must be an mqtt, mqtts, ws or wss URL')),
  ),
  MQTT_USERNAME: v.optional(v.string()),
  MQTT_PASSWORD: v.optional(v.string()),
  /** PEM file with the CA certificate for the broker. */
  MQTT_CA_FILE: v.optional(v.string()),
  /** Lines that are taken from that broker at once: it does not tell where its clients are, so no limit by address holds. */
  MQTT_MAX_LINES: v.optional(wholeNumber(1, 1_000_000), '1000'),
  /** Topic prefix of lines. */
  MQTT_PREFIX: v.optional(topicPrefix, 'patchbay'),
  /** WebSocket URL of the SIP exchange, with `LINES=…,sip`. */
  SIP_URL: v.optional(v.pipe(v.string(), v.regex(/^wss?:\/\/[^\s]+$/, 'must be a ws or wss URL'))),
  /** The server's own address there, such as `sip:server@exchange.example`. */
  SIP_URI: v.optional(v.pipe(v.string(), v.regex(/^sip:[^\s@]+@[^\s@]+$/, 'must be like sip:server@exchange.example'))),
  SIP_PASSWORD: v.optional(v.string()),
  /** Topics below this prefix are open to clients of the built-in broker that are not lines: sensors, dashboards. */
  MQTT_OPEN_PREFIX: v.optional(topicPrefix),
  /**
   * Proxies of one's own, separated by commas: addresses, subnets, or `loopback`, `linklocal`, `uniquelocal`. The client's
   * address is then the last one in `X-Forwarded-For` that is none of theirs.
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
  LOG_LEVEL: v.optional(v.picklist(['trace', 'debug', 'info', 'warn', 'error', 'silent']), 'info'),
  /** Span over which clients are told to reconnect when the server shuts down, in milliseconds. */
  DRAIN_SPREAD_MS: v.optional(wholeNumber(0, 60_000), '5000'),
})

/** The MQTT broker: built-in, or external if there is a `url`. */
export interface MqttConfig {
  readonly port: number
  readonly host: string | undefined
  readonly url: string | undefined
  readonly username: string | undefined
  readonly password: string | undefined
  readonly caFile: string | undefined
  readonly prefix: string
  readonly openPrefix: string | undefined
  /** Lines of a broker somewhere else that this server takes. */
  readonly maxLines: number
  /** What one connection to the broker inside the server may send. */
  readonly rate: MqttRate
}

/** The server's account at a SIP exchange. */
interface SipConfig {
  readonly url: string
  readonly uri: string
  readonly password: string
}

/** The parsed configuration. */
export interface Config {
  readonly lines: readonly LineName[]
  readonly port: number
  readonly host: string | undefined
  readonly allowedOrigins: 'same-host' | readonly string[]
  readonly iceServers: v.InferOutput<typeof iceServerSchema>[]
  readonly turn: TurnConfig | undefined
  readonly hubLimits: Partial<HubLimits> & { readonly sessions: number }
  readonly maxLinesPerAddress: number
  readonly newLinesPerSecond: number
  readonly mqtt: MqttConfig
  /** Set when `lines` has `sip`. */
  readonly sip: SipConfig | undefined
  /** Which addresses are proxies of one's own; none when `undefined`. */
  readonly trustProxy: Trust | undefined
  readonly logLevel: string
  readonly drainSpreadMs: number
}

/** Some variables are invalid. The message names each and says what it must be. */
export class ConfigError extends Error {
  override readonly name: string = 'ConfigError'
}

/**
 * Reads the configuration from environment variables; empty ones count as unset.
 * @throws {ConfigError} when one is invalid.
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const set = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''))
  const parsed = v.safeParse(environmentSchema, set)
  if (!parsed.success) {
    const lines = parsed.issues.map((issue) => `${v.getDotPath(issue)?.split('.')[0]}: ${issue.message}`)
    throw new ConfigError([...new Set(lines)].join('\n'))
  }
  const values = parsed.output
  const { MQTT_PREFIX: lines, MQTT_OPEN_PREFIX: open } = values
  if (open !== undefined && (`${open}/`.startsWith(`${lines}/`) || `${lines}/`.startsWith(`${open}/`)))
    throw new ConfigError('MQTT_OPEN_PREFIX: must not equal, contain or be below MQTT_PREFIX')
  const { TURN_URLS: urls, TURN_SECRET: secret } = values
  if (urls !== undefined && secret === undefined) throw new ConfigError('TURN_SECRET: must be set with TURN_URLS')
  if (secret !== undefined && urls === undefined) throw new ConfigError('TURN_URLS: must be set with TURN_SECRET')
  const sip = sipOf(values.LINES, values)
  return {
    lines: values.LINES,
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
    mqtt: {
      port: values.MQTT_PORT,
      host: values.HOST,
      url: values.MQTT_URL,
      username: values.MQTT_USERNAME,
      password: values.MQTT_PASSWORD,
      caFile: values.MQTT_CA_FILE,
      prefix: values.MQTT_PREFIX,
      openPrefix: values.MQTT_OPEN_PREFIX,
      maxLines: values.MQTT_MAX_LINES,
      // What a session may say, and as much again for the line's own packets.
      rate: {
        packets: withBurst(2 * values.MESSAGES_PER_SECOND),
        bytes: withBurst(4 * values.TRAFFIC_PER_SECOND),
      },
    },
    sip,
    trustProxy: values.TRUST_PROXY,
    logLevel: values.LOG_LEVEL,
    drainSpreadMs: values.DRAIN_SPREAD_MS,
  }
}

function sipOf(
  lines: readonly LineName[],
  values: {
    readonly SIP_URL?: string | undefined
    readonly SIP_URI?: string | undefined
    readonly SIP_PASSWORD?: string | undefined
  },
): SipConfig | undefined {
  if (!lines.includes('sip')) return undefined
  const { SIP_URL: url, SIP_URI: uri, SIP_PASSWORD: password } = values
  if (url !== undefined && uri !== undefined && password !== undefined) return { url, uri, password }
  const missing = (['SIP_URL', 'SIP_URI', 'SIP_PASSWORD'] as const).filter((name) => values[name] === undefined)
  throw new ConfigError(missing.map((name) => `${name}: must be set with LINES=sip`).join('\n'))
}
