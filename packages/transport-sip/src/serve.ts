import { type ServerPlug, serverPlug } from '@patchbay/plug'
import * as v from 'valibot'
import { WebSocket } from 'ws'
import { listenSip } from './server.ts'

const missing = v.nonEmpty<string, string>('must be set with LINES=sip')

const environment = v.object({
  /** WebSocket URL of the exchange. */
  SIP_URL: v.optional(v.pipe(v.string(), missing, v.regex(/^wss?:\/\/[^\s]+$/, 'must be a ws or wss URL')), ''),
  /** The server's own address there, such as `sip:server@exchange.example`. */
  SIP_URI: v.optional(
    v.pipe(v.string(), missing, v.regex(/^sip:[^\s@]+@[^\s@]+$/, 'must be like sip:server@exchange.example')),
    '',
  ),
  SIP_PASSWORD: v.optional(v.pipe(v.string(), missing), ''),
})

/** The line for servers; behind an exchange, so it has no path. */
export const line: ServerPlug = serverPlug({
  environment,
  open({ SIP_URL: url, SIP_URI: uri, SIP_PASSWORD: password }, { admitBrokerLine: admit, log }) {
    const onError = (err: Error) => log.error({ err }, 'sip exchange')
    return { path: undefined, listener: listenSip({ url, uri, password, WebSocket, admit, onError }) }
  },
})
