import { type Connection, type ConnectionHandlers, type Dialer, DialError, LineEnd } from '@patchbay/core/transport'
import { LINE_PARAMETER, NAME, reasonOf, SUBPROTOCOL } from './wire.ts'

/** The platform's WebSocket constructor or a compatible one: Node 20 has none, so pass the one from `ws`. */
export type WebSocketConstructor = new (url: string, protocol: string) => WebSocket

/** Where and how to dial. */
export interface WebSocketDialerOptions {
  /** `ws:` or `wss:` URL of the server's WebSocket path. */
  readonly url: string
  readonly WebSocket?: WebSocketConstructor
}

/** Dials a Patchbay server over WebSocket (RFC 6455). */
export function dialWebSocket(options: WebSocketDialerOptions): Dialer {
  return {
    name: NAME,
    dial: (handlers, { signal }) => open(options, handlers, signal),
  }
}

function open(options: WebSocketDialerOptions, handlers: ConnectionHandlers, signal: AbortSignal): Promise<Connection> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    const id = crypto.getRandomValues(new Uint32Array(4)).join('-')
    const url = new URL(options.url)
    url.searchParams.set(LINE_PARAMETER, id)
    const socket = new (options.WebSocket ?? WebSocket)(url.href, SUBPROTOCOL)
    const end = new LineEnd(handlers)
    const abort = () => {
      reject(signal.reason as Error)
      socket.close()
    }
    signal.addEventListener('abort', abort, { once: true })
    let opened = false
    socket.addEventListener('open', () => {
      signal.removeEventListener('abort', abort)
      if (signal.aborted) return
      opened = true
      resolve({
        id,
        send: (text) => end.open && socket.send(text),
        close: () => end.end('local') && socket.close(1000),
      })
    })
    socket.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      if (typeof data === 'string') end.frame(data)
    })
    socket.addEventListener('close', ({ code }) => {
      signal.removeEventListener('abort', abort)
      if (opened) end.end(reasonOf(code))
      else reject(new DialError(NAME, `No WebSocket at ${options.url}.`))
    })
    // An error is always followed by `close`; without a listener `ws` would throw it.
    socket.addEventListener('error', () => {})
  })
}
