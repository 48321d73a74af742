import type { NextConfig } from 'next'
import { PHASE_PRODUCTION_BUILD } from 'next/constants'
import createNextIntlPlugin from 'next-intl/plugin'
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { site } from './site.config'
import { checkSite } from './src/lib/site-config'

const withNextIntl = createNextIntlPlugin({
  requestConfig: './src/i18n/request.ts',
  // Messages are parsed here and not in the page, which then needs no parser.
  experimental: { messages: { path: './messages', format: 'json', locales: 'infer', precompile: true } },
})

const securityHeaders = [
  { key: 'X-Content-Type-Options', value: 'nosniff' },
  { key: 'Referrer-Policy', value: 'no-referrer' },
  { key: 'X-Frame-Options', value: 'DENY' },
  { key: 'Cross-Origin-Opener-Policy', value: 'same-origin' },
  // Browsers heed it over https only (RFC 6797 §7.2).
  { key: 'Strict-Transport-Security', value: 'max-age=31536000' },
  {
    key: 'Permissions-Policy',
    value: 'camera=(self), microphone=(self), display-capture=(self), geolocation=(), usb=()',
  },
]

const nextConfig: NextConfig = {
  reactStrictMode: true,
  poweredByHeader: false,
  agentRules: false,
  // Put into the code of the page and of its server: see src/lib/build.ts.
  env: { PAGE_BUILD: randomUUID() },
  headers: () => Promise.resolve([{ source: '/:path*', headers: securityHeaders }]),
}

checkSite(site, (address) => existsSync(join(process.cwd(), 'public', address)))

/** Builds a server with all it needs for an image as well (`.next/standalone`), which `next start` does not use. */
export default (phase: string): NextConfig =>
  withNextIntl(phase === PHASE_PRODUCTION_BUILD ? { ...nextConfig, output: 'standalone' } : nextConfig)
