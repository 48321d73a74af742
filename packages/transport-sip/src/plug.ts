import { lazyDialer } from '@patchbay/core/transport'
import type { LinePlug } from '@patchbay/plug'

/**
 * The exchange, and the signaling server's address there; and the account of every page, where they share one: then every visitor
 * can read it.
 */
interface SipSettings {
  readonly url: string
  readonly server: string
  readonly shared?: { readonly uri: string; readonly password: string }
}

/** The line for pages; through the exchange of `SIP_PAGE_URL`. Without `SIP_PAGE_URI` each person has an account of their own. */
export const plug: LinePlug<SipSettings> = {
  name: 'sip',
  label: 'SIP',
  ahead: false,
  // The server learns of a client that is gone by its answers, which it asks for after 3 s.
  traits: { lostWithinMs: 5_000 },
  settings({ environment }) {
    const { SIP_PAGE_URL: url, SIP_PAGE_URI: uri, SIP_PAGE_PASSWORD: password, SIP_SERVER_URI: server } = environment
    if (!url || !URL.canParse(url) || !server) return undefined
    if (!uri) return { url, server }
    return password ? { url, server, shared: { uri, password } } : undefined
  },
  origins: ({ url }) => [new URL(url).origin],
  dialer: ({ url, server, shared }, credentials) =>
    lazyDialer('sip', async () => {
      const { dialSip } = await import('./client.ts')
      return dialSip({ url, server, ...(shared ?? { credentials }) })
    }),
  serve: '@patchbay/transport-sip/serve',
}
