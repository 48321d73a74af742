import type { HubLimits, Rate } from '@patchbay/core/hub'
import { type ServerPlug, serverPlug, wholeNumber } from '@patchbay/plug'
import * as v from 'valibot'
import { WebSocket } from 'ws'
import { accountIn } from './agent.ts'
import { personAccount } from './person-account.ts'
import { listenSip } from './server.ts'
import { ADDRESS, NAME, QUEUE_LIMITS } from './wire.ts'

const missing = v.nonEmpty<string, string>('must be set with LINES=sip')

function isAddress(uri: string): boolean {
  try {
    return ADDRESS.test(uri) && accountIn(uri) !== ''
  } catch {
    return false
  }
}

const environment = v.object({
  /** WebSocket URL of the exchange. */
  SIP_URL: v.optional(
    v.pipe(
      v.string(),
      missing,
      v.check((url) => /^wss?:\/\/[^\s]+$/.test(url) && URL.canParse(url), 'must be a ws or wss URL'),
    ),
    '',
  ),
  /** The server's own address there, such as `sip:server@exchange.example`. */
  SIP_URI: v.optional(v.pipe(v.string(), missing, v.check(isAddress, 'must be like sip:server@exchange.example')), ''),
  SIP_PASSWORD: v.optional(v.pipe(v.string(), missing), ''),
  /** What the exchange shares with this server, to make accounts of persons: Kamailio's `auth_ephemeral`. */
  SIP_SECRET: v.optional(v.pipe(v.string(), v.minLength(16, 'must have at least 16 characters'))),
  /** How long such an account is valid. A line ends with it; the next one has another. */
  SIP_LIFETIME_SECONDS: v.optional(wholeNumber(30, 86_400), '3600'),
})

/** Lines of one person at once: tabs, devices, and those that the server has not found dead yet. */
const LINES_PER_PERSON = 20

/** The line for servers; behind an exchange, so it has no path. */
export const line: ServerPlug = serverPlug({
  environment,
  open(values, { admitBrokerLine: admit, limits, log }) {
    const { SIP_URL: url, SIP_URI: uri, SIP_PASSWORD: password, SIP_SECRET: secret } = values
    const onError = (err: Error) => log.error({ err }, `${NAME} exchange`)
    const [, domain = ''] = uri.split('@')
    const lifetimeMs = 1_000 * values.SIP_LIFETIME_SECONDS
    return {
      path: undefined,
      listener: listenSip({
        url,
        uri,
        password,
        WebSocket,
        admit,
        ...(secret !== undefined && { linesPerAccount: LINES_PER_PERSON }),
        rate: rateFor(limits),
        onError,
      }),
      ...(secret !== undefined && {
        credentials: (person) => personAccount(person, { domain, secret, lifetimeMs }, Date.now()),
      }),
    }
  },
})

/** Twice what a session may say, for the line's own messages, and the pieces of large frames. */
function rateFor({ messages, traffic }: Pick<HubLimits, 'messages' | 'traffic'>): Rate {
  const pieces = (size: number) => Math.ceil(size / QUEUE_LIMITS.messageSize)
  return {
    perSecond: 2 * messages.perSecond + pieces(traffic.perSecond),
    burst: 2 * messages.burst + pieces(traffic.burst),
  }
}
