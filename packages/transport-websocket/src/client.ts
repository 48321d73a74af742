import {
  type Connection,
  type ConnectionHandlers,
  type Dialer,
  DialError,
  LineEnd,
  type WebSocketConstructor,
  type WebSocketLike,
} from '@patchbay/core/transport'
import { LINE_PARAMETER, NAME, reasonOf, SUBPROTOCOL } from './wire.ts'

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
    const socket = create(options, id)
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
        close() {
          if (!end.end('local')) return
          socket.close(1000)
          // `ws` waits half a minute for the answer of a dead path. A signal's timer keeps no process up.
          AbortSignal.timeout(5_000).addEventListener('abort', () => socket.terminate?.())
        },
      })
    })
    socket.addEventListener('message', ({ data }) => {
      if (typeof data === 'string') end.frame(data)
    })
    socket.addEventListener('close', ({ code }) => {
      signal.removeEventListener('abort', abort)
      if (opened) end.end(reasonOf(code))
      else reject(notOpened(options.url, trouble))
    })
    // An error is always followed by `close`. Browsers keep the reason to themselves; `ws` tells it.
    let trouble = ''
    socket.addEventListener('error', (event) => {
      if ('message' in event && typeof event.message === 'string') trouble = event.message
    })
  })
}

/** @throws {DialError} `unusable` when the URL is not one, or the runtime has no WebSocket. */
function create({ url: text, WebSocket: given }: WebSocketDialerOptions, id: string): WebSocketLike {
  const Constructor = given ?? (globalThis as { readonly WebSocket?: WebSocketConstructor }).WebSocket
  if (Constructor === undefined)
    throw new DialError(NAME, 'This runtime has no WebSocket: pass one, such as that of `ws`, as `WebSocket`.', {
      failure: 'unusable',
    })
  try {
    const url = new URL(text)
    url.searchParams.set(LINE_PARAMETER, id)
    return new Constructor(url.href, SUBPROTOCOL)
  } catch (cause) {
    throw new DialError(NAME, `"${text}" is not a URL of a WebSocket: it must begin with ws: or wss:.`, {
      cause,
      failure: 'unusable',
    })
  }
}

function notOpened(url: string, trouble: string): DialError {
  const status = /server response: (\d{3})/.exec(trouble)?.[1]
  if (status !== undefined)
    return new DialError(NAME, `The server at ${url} refused the WebSocket with status ${status}.`, {
      failure: 'refused',
    })
  return new DialError(NAME, `No WebSocket at ${url}${trouble === '' ? '' : `: ${trouble}`}.`)
}
