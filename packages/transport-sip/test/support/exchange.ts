import { type Exchange, findProgram } from '@patchbay/test-servers'
import { hasKamailioPersons, startKamailio } from './kamailio.ts'

/** Whether it is installed. */
export const isThere: boolean = findProgram('kamailio') !== undefined

/** Starts it for end-to-end tests: with an account for each person, where this Kamailio can have them. */
export async function startExchange(): Promise<Exchange> {
  const secret = hasKamailioPersons() ? 'of the server and Kamailio' : undefined
  const { port, server, page, stop } = await startKamailio(secret)
  return {
    server: {
      SIP_URL: `ws://127.0.0.1:${port}`,
      SIP_URI: server.uri,
      SIP_PASSWORD: server.password,
      ...(secret !== undefined && { SIP_SECRET: secret }),
    },
    page: {
      SIP_PAGE_URL: `ws://localhost:${port}`,
      SIP_SERVER_URI: server.uri,
      ...(secret === undefined && { SIP_PAGE_URI: page.uri, SIP_PAGE_PASSWORD: page.password }),
    },
    stop,
  }
}
