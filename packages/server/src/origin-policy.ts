import type { IncomingMessage } from 'node:http'
import type { SignalingOptions } from './signaling-options.ts'

/** Decides which pages may open a line. */
export type OriginPolicy = (origin: string | undefined, request: IncomingMessage) => boolean

/**
 * The configured policy. A client without an `Origin` is not a browser, so no page can be abusing it; it is allowed,
 * since the server does not use cookies.
 */
export function createOriginPolicy(allowed: NonNullable<SignalingOptions['allowedOrigins']>): OriginPolicy {
  if (allowed !== 'same-host') return (origin) => origin === undefined || allowed.includes(origin)
  return (origin, request) => {
    if (origin === undefined) return true
    const host = request.headers.host
    return host !== undefined && URL.canParse(origin) && hostname(`http://${host}`) === hostname(origin)
  }
}

function hostname(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).hostname : undefined
}
