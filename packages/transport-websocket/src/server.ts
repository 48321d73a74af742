import { type IncomingMessage, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { AcceptedConnection, ConnectionHandlers, Listener } from '@patchbay/core/transport'
import { LineEnd } from '@patchbay/core/transport'
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws'
import { LINE_ID, LINE_PARAMETER, MAX_FRAME_BYTES, MAX_WAITING_BYTES, NAME, reasonOf, SUBPROTOCOL } from './wire.ts'

/** What the process decides about lines that come in. */
export interface WebSocketListenerOptions {
  /**
   * Whether a page of this origin may open a line; `undefined` when the client is no browser. Browsers send cookies and
   * reach local servers from any page, so every upgrade is asked about (RFC 6455 §10.2).
   */
  readonly allowOrigin: (origin: string | undefined, request: IncomingMessage) => boolean
  /** The client's network address; by default the socket's. */
  readonly addressOf?: (request: IncomingMessage) => string
}

/** A listener that takes upgrade requests of an http server. */
export interface WebSocketListener extends Listener {
  /** For the http server's `upgrade` event. Refuses with an HTTP status what is no Patchbay line. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
}

/** `closeTimeout` (milliseconds a half-open socket is waited for) is missing from the type package. */
const serverOptions: ServerOptions & { readonly closeTimeout: number } = {
  noServer: true,
  maxPayload: MAX_FRAME_BYTES,
  perMessageDeflate: false,
  maxFragments: 64,
  maxBufferedChunks: 1_024,
  closeTimeout: 5_000,
  handleProtocols: (protocols) => (protocols.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
}

/** Listens for WebSocket lines (RFC 6455) on upgrade requests handed to it. */
export function listenWebSocket(options: WebSocketListenerOptions): WebSocketListener {
  const server = new WebSocketServer(serverOptions)
  const lines = new Set<{ readonly line: AcceptedConnection; readonly gone: Promise<void> }>()
  let accept: ((connection: AcceptedConnection) => ConnectionHandlers) | undefined
  let closed = false

  return {
    name: NAME,
    listen(onLine) {
      accept = onLine
    },
    handleUpgrade(request, socket, head) {
      socket.on('error', () => socket.destroy())
      const id = new URLSearchParams(request.url?.split('?', 2)[1]).get(LINE_PARAMETER) ?? ''
      if (closed || accept === undefined) return refuse(socket, 503)
      if (!options.allowOrigin(request.headers.origin, request)) return refuse(socket, 403)
      const protocols = request.headers['sec-websocket-protocol']?.split(',').map((name) => name.trim())
      if (protocols?.includes(SUBPROTOCOL) !== true || !LINE_ID.test(id)) return refuse(socket, 400)
      const onLine = accept
      server.handleUpgrade(request, socket, head, (webSocket) => {
        const address = options.addressOf?.(request) ?? request.socket.remoteAddress ?? 'unknown'
        const gone = new Promise<void>((resolve) => webSocket.once('close', () => resolve()))
        const line = openLine(webSocket, id, { address, origin: request.headers.origin }, onLine)
        const entry = { line, gone: gone.then(() => void lines.delete(entry)) }
        lines.add(entry)
      })
    },
    async close() {
      closed = true
      for (const { line } of lines) line.close()
      await Promise.all([...lines].map(({ gone }) => gone))
    },
  }
}

function openLine(
  webSocket: WebSocket,
  id: string,
  remote: AcceptedConnection['remote'],
  accept: (connection: AcceptedConnection) => ConnectionHandlers,
): AcceptedConnection {
  const end = new LineEnd()
  const line: AcceptedConnection = {
    id,
    remote,
    send(text) {
      if (!end.open) return
      webSocket.send(text)
      if (webSocket.bufferedAmount > MAX_WAITING_BYTES) webSocket.terminate()
    },
    close() {
      if (end.end('local')) webSocket.close(1000)
    },
  }
  webSocket.on('message', (data: Buffer, isBinary) => {
    if (isBinary) webSocket.close(1003)
    else end.frame(data.toString('utf8'))
  })
  webSocket.on('close', (code) => end.end(reasonOf(code)))
  // A malformed or oversize frame: `ws` closes with the fitting code, and `close` follows.
  webSocket.on('error', () => {})
  end.own(accept(line))
  return line
}

function refuse(socket: Duplex, status: 400 | 403 | 503): void {
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}
