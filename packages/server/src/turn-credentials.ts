import { createHmac } from 'node:crypto'
import type { IceServer, PeerId } from '@patchbay/protocol'

/** A TURN server that shares a secret with this server. */
export interface TurnConfig {
  /** Such as `turn:turn.example:3478?transport=udp`. */
  readonly urls: readonly string[]
  /** As in coturn's `static-auth-secret`. */
  readonly secret: string
  /** Validity of credentials, in milliseconds; clients renew them before they expire. */
  readonly lifetimeMs: number
}

/**
 * Short-lived credentials for one peer, which the TURN server can verify by itself: coturn's `use-auth-secret`
 * (draft-uberti-behave-turn-rest-00). The user name is the expiry time, in seconds since 1970, and the peer's id; the
 * password is its HMAC-SHA1.
 */
export function turnServerFor(peer: PeerId, { urls, secret, lifetimeMs }: TurnConfig, now: number): IceServer {
  const username = `${Math.ceil((now + lifetimeMs) / 1_000)}:${peer}`
  const credential = createHmac('sha1', secret).update(username).digest('base64')
  return { urls: [...urls], username, credential }
}
