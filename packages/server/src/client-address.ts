import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import proxyAddress from 'proxy-addr'

/** Says which addresses are proxies of one's own. */
export type Trust = (address: string, distance: number) => boolean

/** @throws {TypeError} when an entry is not an address, subnet, or name of a range such as `loopback`. */
export function createTrust(proxies: readonly string[]): Trust {
  return proxyAddress.compile([...proxies])
}

/**
 * The network address of a client: the socket's, or, where that is a trusted proxy's, the last address in
 * `X-Forwarded-For` that is not. Whoever connects past the proxies is not believed.
 */
export function clientAddressOf(request: IncomingMessage, trust: Trust): string {
  const socketAddress = request.socket.remoteAddress ?? 'unknown'
  if (request.headers['x-forwarded-for'] === undefined || isIP(socketAddress) === 0) return socketAddress
  const address = withoutPort(proxyAddress(request, (one, distance) => trust(withoutPort(one), distance)))
  return isIP(address) === 0 ? socketAddress : address
}

/** Some proxies write `203.0.113.5:51234`, or `[2001:db8::1]:443`. */
function withoutPort(address: string): string {
  const [, v6, v4] = /^(?:\[([^\]]*)\]|([\d.]+))(?::\d+)?$/.exec(address) ?? []
  return v6 ?? v4 ?? address
}
