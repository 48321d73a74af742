import type { IncomingMessage } from 'node:http'
import type { SignalingOptions } from './signaling-options.ts'

/** Decides which pages may open a line. */
export type OriginPolicy = (origin: string | undefined, request: IncomingMessage) => boolean

/**
 * The configured policy. A client without an `Origin` is allowed, since the server does not use cookies: it is not a browser, or the
 * server's own page. An image in a page of another site has none either, but the browser says where it comes from (Fetch Metadata
 * §2.3; over HTTPS and on localhost only).
 */
export function createOriginPolicy(allowed: NonNullable<SignalingOptions['allowedOrigins']>): OriginPolicy {
  return (origin, request) => {
    if (origin === undefined) return request.headers['sec-fetch-site'] !== 'cross-site'
    if (allowed !== 'same-host') return allowed.includes(origin)
    const host = request.headers.host
    return host !== undefined && URL.canParse(origin) && hostname(`http://${host}`) === hostname(origin)
  }
}

function hostname(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).hostname : undefined
}
