import { InvalidFieldError } from '@patchbay/core/signaling'
import { type Dialer, lazyDialer } from '@patchbay/core/transport'
import { dialWebSocket } from '@patchbay/transport-websocket/client'

/**
 * The lines of a server, best first. Long-poll is loaded when WebSocket does not work.
 * @throws {InvalidFieldError} when `server` is no `http:` or `https:` URL, or has more than origin and path.
 */
export function serverLines(server: string): readonly Dialer[] {
  if (!/^https?:\/\/[^?#@\s]+$/.test(server) || !URL.canParse(server))
    throw new InvalidFieldError('server', 'an http(s) URL without query: https://chat.example')
  const base = server.replace(/\/+$/, '')
  return [
    dialWebSocket({ url: `${base.replace(/^http/, 'ws')}/ws` }),
    lazyDialer('longpoll', async () => {
      const { dialLongPoll } = await import('@patchbay/transport-longpoll/client')
      return dialLongPoll({ url: `${base}/poll` })
    }),
  ]
}
