/** Port of the signaling server when nothing else is said; the same default as the server's own `PORT`. */
const DEFAULT_PORT = '4000'

/** Where a page's lines lead. */
export interface LineUrls {
  /** The signaling server, `http:` or `https:`, without a slash at its end. */
  readonly server: string
  /** An MQTT broker's WebSocket listener, `ws:` or `wss:`. Name and password, if any, are every visitor's to read. */
  readonly mqtt: string
}

/**
 * Where this page finds its signaling server. `SIGNALING_URL` says it outright; otherwise it is the host that the page
 * itself was asked from, on `SIGNALING_PORT`. `MQTT_PAGE_URL` names a broker other than the server's own.
 * @param headers of the request for the page.
 */
export function lineUrlsFor(headers: { get(name: string): string | null }): LineUrls {
  const server = serverFor(headers)
  const broker = process.env.MQTT_PAGE_URL
  const mqtt = broker !== undefined && URL.canParse(broker) ? broker : `${server.replace('http', 'ws')}/mqtt`
  return { server, mqtt }
}

function serverFor(headers: { get(name: string): string | null }): string {
  const fixed = process.env.SIGNALING_URL
  if (fixed !== undefined && URL.canParse(fixed)) return fixed.replace(/\/$/, '')
  const scheme = headers.get('x-forwarded-proto') === 'https' ? 'https' : 'http'
  const page = `http://${headers.get('host') ?? 'localhost'}`
  const hostname = URL.canParse(page) ? new URL(page).hostname : 'localhost'
  return `${scheme}://${hostname}:${process.env.SIGNALING_PORT ?? DEFAULT_PORT}`
}
