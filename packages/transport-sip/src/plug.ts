import { lazyDialer } from '@patchbay/core/transport'
import type { LinePlug } from '@patchbay/plug'
import { ADDRESS } from './wire.ts'

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
  /** @throws {Error} that names the variable when one of those of the page cannot be, or only half an account is set. */
  settings({ environment }) {
    const { SIP_PAGE_URL: url, SIP_PAGE_URI: uri, SIP_PAGE_PASSWORD: password, SIP_SERVER_URI: server } = environment
    if (!url || !server) return undefined
    if (!/^wss?:/.test(url) || !URL.canParse(url)) throw new Error(`SIP_PAGE_URL: "${url}" must be a ws or wss URL.`)
    for (const [name, address] of Object.entries({ SIP_SERVER_URI: server, SIP_PAGE_URI: uri }))
      if (address && !ADDRESS.test(address))
        throw new Error(`${name}: "${address}" must be like sip:page@exchange.example.`)
    if (!uri) return { url, server }
    if (!password) throw new Error('SIP_PAGE_PASSWORD: must be set with SIP_PAGE_URI.')
    return { url, server, shared: { uri, password } }
  },
  origins: ({ url }) => [new URL(url).origin],
  dialer: ({ url, server, shared }, credentials) =>
    lazyDialer('sip', async () => {
      const { dialSip } = await import('./client.ts')
      return dialSip({ url, server, ...(shared ?? { credentials }) })
    }),
  serve: '@patchbay/transport-sip/serve',
}
