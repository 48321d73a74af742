import { createHmac } from 'node:crypto'
import type { IceServer, PeerId } from '@patchbay/protocol'

/** A TURN server that shares a secret with this one. */
export interface TurnConfig {
  readonly urls: readonly string[]
  readonly secret: string
  readonly lifetimeMs: number
}

/**
 * Credentials for one peer and a short time, which the TURN server can check without asking anyone: what coturn takes
 * with `use-auth-secret` (draft-uberti-behave-turn-rest-00). The name is the time of their end, in seconds since 1970,
 * and the peer's id; the password its HMAC-SHA1.
 */
export function turnServerFor(peer: PeerId, { urls, secret, lifetimeMs }: TurnConfig, now: number): IceServer {
  const username = `${Math.ceil((now + lifetimeMs) / 1_000)}:${peer}`
  const credential = createHmac('sha1', secret).update(username).digest('base64')
  return { urls: [...urls], username, credential }
}
