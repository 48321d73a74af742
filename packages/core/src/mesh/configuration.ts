import type { IceServer } from '@patchbay/protocol'

/** Configuration of a connection (W3C WebRTC §4.2.1) with the credentials of the moment. */
export function configureConnection(servers: readonly IceServer[], relayOnly = false): RTCConfiguration {
  // The platform's types require mutable arrays.
  const iceServers = servers.map((server) => ({ ...server, urls: [...server.urls] }))
  return { bundlePolicy: 'max-bundle', iceServers, iceTransportPolicy: relayOnly ? 'relay' : 'all' }
}
