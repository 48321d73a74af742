import { lazyDialer } from '@patchbay/core/transport'
import type { LinePlug } from '@patchbay/plug'

/** The account of every page at an exchange, and the signaling server's address there. Every visitor can read it. */
interface SipSettings {
  readonly url: string
  readonly uri: string
  readonly password: string
  readonly server: string
}

/** The line for pages; through the exchange of `SIP_PAGE_URL`. */
export const plug: LinePlug<SipSettings> = {
  name: 'sip',
  label: 'SIP',
  ahead: false,
  settings({ environment }) {
    const { SIP_PAGE_URL: url, SIP_PAGE_URI: uri, SIP_PAGE_PASSWORD: password, SIP_SERVER_URI: server } = environment
    return url && URL.canParse(url) && uri && password && server ? { url, uri, password, server } : undefined
  },
  origins: ({ url }) => [new URL(url).origin],
  dialer: (settings) =>
    lazyDialer('sip', async () => {
      const { dialSip } = await import('./client.ts')
      return dialSip(settings)
    }),
  serve: '@patchbay/transport-sip/serve',
}
