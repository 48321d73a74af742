import { createHmac, hash, randomBytes } from 'node:crypto'
import type { LinePerson } from '@patchbay/plug'
import type { SipLogin } from './wire.ts'

/** An exchange that shares a secret with the server. */
export interface PersonExchange {
  /** Its domain, such as `exchange.example`. */
  readonly domain: string
  readonly secret: string
  readonly lifetimeMs: number
}

/**
 * A short-lived account for one person, which the exchange can verify by itself: `auth_ephemeral` of Kamailio
 * (draft-uberti-behave-turn-rest-00). The user name is the time when it ends, in seconds since 1970, and the account; the
 * password is its HMAC-SHA1. The account is the same for a subject, and does not tell it; without one it is new each time.
 * @param now milliseconds since 1970.
 */
export function personAccount(
  { subject, expiresInMs = Infinity }: LinePerson,
  { domain, secret, lifetimeMs }: PersonExchange,
  now: number,
): Required<SipLogin> {
  // Lower case: exchanges do not tell it from upper case in addresses.
  const account = (subject === undefined ? randomBytes(16).toString('hex') : hash('sha256', subject)).slice(0, 32)
  const username = `${Math.floor((now + Math.min(lifetimeMs, expiresInMs)) / 1_000)}:${account}`
  const password = createHmac('sha1', secret).update(username).digest('base64')
  return { uri: `sip:${account}@${domain}`, username, password }
}
