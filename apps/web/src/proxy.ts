import { type NextRequest, NextResponse } from 'next/server'
import { type LineUrls, lineUrlsFor } from './lib/line-urls'

/** Gives every response a content security policy with its own nonce. */
export function proxy(request: NextRequest): NextResponse {
  if (!isWellFormed(request.nextUrl.pathname)) return new NextResponse(null, { status: 400, headers: bareHeaders })
  const nonce = btoa(crypto.randomUUID())
  const development = process.env.NODE_ENV === 'development'
  const policy = [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic' 'wasm-unsafe-eval'${development ? " 'unsafe-eval'" : ''}`,
    development ? "style-src 'self' 'unsafe-inline'" : `style-src 'self' 'nonce-${nonce}'`,
    // Popups are positioned with style attributes, which cannot have a nonce.
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' blob: data:",
    "media-src 'self' blob:",
    "font-src 'self'",
    `connect-src 'self' ${reachable(lineUrlsFor(request.headers))}${development ? ' ws:' : ''}`,
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ')
  const headers = new Headers(request.headers)
  headers.set('x-nonce', nonce)
  // Next reads the nonce for its own scripts from this request header.
  headers.set('content-security-policy', policy)
  const response = NextResponse.next({ request: { headers } })
  response.headers.set('content-security-policy', policy)
  return response
}

/** A path that cannot be decoded would fail inside the framework, without these headers. */
const bareHeaders = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
}

function isWellFormed(path: string): boolean {
  try {
    decodeURIComponent(path)
    return true
  } catch {
    return false
  }
}

/** The origins of all lines: the signaling server with both of its schemes. */
function reachable({ server, mqtt, sip }: LineUrls): string {
  const urls = [server, server.replace('http', 'ws'), mqtt, ...(sip === undefined ? [] : [sip.url])]
  return [...new Set(urls.map((url) => new URL(url).origin))].join(' ')
}

export const config = {
  // Everything but files of the build: prefetched pages are pages too.
  matcher: ['/((?!_next/static/|_next/image\\?|icon\\.svg$).*)'],
}
