/** Default port of the signaling server, the same as the server's own default `PORT`. */
const DEFAULT_PORT = '4000'

/** URLs of a page's lines. */
export interface LineUrls {
  /** The signaling server, `http:` or `https:`, without a trailing slash. */
  readonly server: string
  /** An MQTT broker's WebSocket URL, `ws:` or `wss:`. Every visitor can read a user name and password in it. */
  readonly mqtt: string
  /** The account of every page at a SIP exchange, if there is one. Every visitor can read it. */
  readonly sip: SipUrls | undefined
}

/** Where a page finds a SIP exchange, and the signaling server behind it. */
interface SipUrls {
  readonly url: string
  readonly uri: string
  readonly password: string
  readonly server: string
}

/**
 * Where this page finds its signaling server: `SIGNALING_URL`, or else the host that the page was requested from, on
 * `SIGNALING_PORT`. `MQTT_PAGE_URL` is the URL of an external broker; `SIP_PAGE_URL` and the variables beside it are an account at
 * a SIP exchange.
 * @param headers of the request for the page.
 */
export function lineUrlsFor(headers: { get(name: string): string | null }): LineUrls {
  const server = serverFor(headers)
  const broker = process.env.MQTT_PAGE_URL
  const mqtt = broker !== undefined && URL.canParse(broker) ? broker : `${server.replace('http', 'ws')}/mqtt`
  return { server, mqtt, sip: sipUrls() }
}

function sipUrls(): SipUrls | undefined {
  const { SIP_PAGE_URL: url, SIP_PAGE_URI: uri, SIP_PAGE_PASSWORD: password, SIP_SERVER_URI: server } = process.env
  return url && URL.canParse(url) && uri && password && server ? { url, uri, password, server } : undefined
}

function serverFor(headers: { get(name: string): string | null }): string {
  const fixed = process.env.SIGNALING_URL
  if (fixed !== undefined && URL.canParse(fixed)) return fixed.replace(/\/$/, '')
  const scheme = headers.get('x-forwarded-proto') === 'https' ? 'https' : 'http'
  const page = `http://${headers.get('host') ?? 'localhost'}`
  const hostname = URL.canParse(page) ? new URL(page).hostname : 'localhost'
  return `${scheme}://${hostname}:${process.env.SIGNALING_PORT ?? DEFAULT_PORT}`
}
