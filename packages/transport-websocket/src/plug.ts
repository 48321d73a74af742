import type { LinePlug } from '@patchbay/plug'
import { dialWebSocket } from './client.ts'

/** The line for pages; at `/ws` of the server. */
export const plug: LinePlug<string> = {
  name: 'websocket',
  label: 'WebSocket',
  ahead: false,
  traits: { lostWithinMs: 1_000 },
  settings: ({ server }) => `${server.replace('http', 'ws')}/ws`,
  origins: (url) => [new URL(url).origin],
  dialer: (url) => dialWebSocket({ url }),
  serve: '@patchbay/transport-websocket/serve',
}
