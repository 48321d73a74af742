import { InvalidFieldError } from '@patchbay/core/signaling'
import { type Dialer, lazyDialer } from '@patchbay/core/transport'
import { dialWebSocket } from '@patchbay/transport-websocket/client'

/**
 * The lines of a server that this runtime can use, best first. Long-poll is loaded when WebSocket does not work.
 * @throws {InvalidFieldError} when `server` is no `http:` or `https:` URL, or has more than origin and path.
 */
export function serverLines(server: string): readonly Dialer[] {
  const url = URL.canParse(server) ? new URL(server) : undefined
  if (url === undefined || !/^https?:/.test(url.href) || url.href !== url.origin + url.pathname)
    throw new InvalidFieldError('server', 'an http(s) URL, such as https://chat.example')
  const base = url.href.replace(/\/+$/, '')
  return [
    // Node 20 has none.
    ...('WebSocket' in globalThis ? [dialWebSocket({ url: `${base.replace(/^http/, 'ws')}/ws` })] : []),
    lazyDialer('longpoll', async () => {
      const { dialLongPoll } = await import('@patchbay/transport-longpoll/client')
      return dialLongPoll({ url: `${base}/poll` })
    }),
  ]
}
