import { type IncomingMessage, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { TokenBucket } from '@patchbay/core/hub'
import {
  type AcceptedConnection,
  type ConnectionHandlers,
  LineEnd,
  type Listener,
  type RemoteEnd,
} from '@patchbay/core/transport'
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws'
import { FrameWriter } from './frame-writer.ts'
import { LINE_ID, MAX_FRAME_BYTES, MAX_WAITING_BYTES, NAME, reasonOf, SUBPROTOCOL } from './wire.ts'

/** The process's policy for incoming lines. */
export interface WebSocketListenerOptions {
  /** Path of the upgrades that are lines; those of other paths are left alone. By default `/ws`. */
  readonly path?: string
  /**
   * Whether a page of this origin may open a line; `undefined` when the client is not a browser. Called for every
   * upgrade, because any page can make a browser open WebSockets, with cookies and to local servers (RFC 6455 §10.2).
   */
  readonly allowOrigin: (origin: string | undefined, request: IncomingMessage) => boolean
  /** The client's network address; by default the socket's. */
  readonly addressOf?: (request: IncomingMessage) => string
  /** Called before a line is opened. @returns the release to call when it has ended, or `undefined` to refuse it. */
  readonly admit?: (address: string) => (() => void) | undefined
}

/** A listener for the upgrade requests of an HTTP server. */
export interface WebSocketListener extends Listener {
  /**
   * For the http server's `upgrade` event. On its own path it refuses with an HTTP status what is no Patchbay line; what is
   * for another path it leaves to other listeners of that event.
   */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
}

/** The longest that a listener which closes waits for the clients' goodbyes, in milliseconds. */
const GOODBYES_MS = 1_000

/** `closeTimeout` (how long to wait for a half-open socket, in milliseconds) is missing from the type package. */
const serverOptions: ServerOptions & { readonly closeTimeout: number } = {
  noServer: true,
  clientTracking: false,
  maxPayload: MAX_FRAME_BYTES,
  perMessageDeflate: false,
  // Whoever is on the way may fragment (RFC 6455 §5.4): a whole frame in pieces of 512 bytes.
  maxFragments: 128,
  maxBufferedChunks: 1_024,
  closeTimeout: 5_000,
  handleProtocols: (protocols) => (protocols.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
}

/**
 * What the hub does not see of a line, and so does not count: pings, pongs, and messages after its end. Browsers send no pings,
 * and what is on its way when a line ends is less than that.
 */
const UNSEEN_RATE = { perSecond: 20, burst: 400 }

/** Listens for WebSocket lines (RFC 6455) on the upgrade requests passed to it. */
export function listenWebSocket(options: WebSocketListenerOptions): WebSocketListener {
  const { path = '/ws' } = options
  const server = new WebSocketServer(serverOptions)
  const lines = new Map<WebSocket, WebSocketLine>()
  let accept: ((connection: AcceptedConnection) => ConnectionHandlers) | undefined
  let closed = false

  // Outside the upgrade handler, so that the closures of a line do not retain its request.
  const open = (webSocket: WebSocket, socket: Duplex, id: string, remote: RemoteEnd) => {
    const line = new WebSocketLine(webSocket, socket, id, remote)
    lines.set(webSocket, line)
    webSocket.on('close', () => lines.delete(webSocket))
    if (accept !== undefined) line.own(accept(line))
  }

  return {
    name: NAME,
    listen(onLine) {
      accept = onLine
    },
    handleUpgrade(request, socket, head) {
      if (request.url?.split('?', 1)[0] !== path) return
      const { origin, 'sec-websocket-protocol': protocols = '' } = request.headers
      // First of all: another site's page must not spend what its visitor's address may open.
      if (!options.allowOrigin(origin, request)) return refuse(socket, 403)
      const address = options.addressOf?.(request) ?? request.socket.remoteAddress ?? 'unknown'
      const release = options.admit?.(address)
      if (release !== undefined) socket.once('close', release)
      else if (options.admit !== undefined) return refuse(socket, 503)
      if (closed || accept === undefined) return refuse(socket, 503)
      const id = LINE_ID.exec(request.url)?.[1]
      const offered = protocols.split(',').map((protocol) => protocol.trim())
      if (id === undefined || !offered.includes(SUBPROTOCOL)) return refuse(socket, 400)
      server.handleUpgrade(request, socket, head, (webSocket) => open(webSocket, socket, id, { address, origin }))
    },
    async close() {
      closed = true
      const gone = [...lines.keys()].map((webSocket) => new Promise((resolve) => webSocket.once('close', resolve)))
      for (const line of lines.values()) line.close()
      const deadline = setTimeout(() => {
        for (const webSocket of lines.keys()) webSocket.terminate()
      }, GOODBYES_MS)
      await Promise.all(gone)
      clearTimeout(deadline)
    },
  }
}

/** One line on an open WebSocket. */
class WebSocketLine implements AcceptedConnection {
  readonly id: string
  readonly remote: RemoteEnd
  readonly #webSocket: WebSocket
  readonly #writer: FrameWriter
  readonly #end = new LineEnd()
  /** Made when it is needed, as most clients never do. */
  #unseen: TokenBucket | undefined

  constructor(webSocket: WebSocket, socket: Duplex, id: string, remote: RemoteEnd) {
    this.id = id
    this.remote = remote
    this.#webSocket = webSocket
    this.#writer = new FrameWriter(webSocket, socket)
  }

  /** Starts delivering incoming frames. */
  own(handlers: ConnectionHandlers): void {
    this.#webSocket.on('message', (data: Buffer, isBinary) => {
      if (!this.#end.open) this.#countUnseen()
      else if (isBinary) this.#refuse(1003)
      else this.#end.frame(data.toString('utf8'))
    })
    this.#webSocket.on('ping', () => {
      this.#countUnseen()
      // `ws` answers pings by itself; a client that sends pings and never reads the pongs is a slow reader too.
      this.#bound()
    })
    this.#webSocket.on('pong', () => this.#countUnseen())
    this.#webSocket.on('close', (code) => this.#end.end(reasonOf(code)))
    // A malformed or oversize frame: `ws` closes with the matching code, and `close` follows.
    this.#webSocket.on('error', ignore)
    this.#end.own(handlers)
  }

  send(text: string): void {
    if (!this.#end.open || this.#webSocket.readyState !== this.#webSocket.OPEN) return
    if (Buffer.byteLength(text) > MAX_FRAME_BYTES) return this.#refuse(1009)
    this.#writer.write(text)
    this.#bound()
  }

  close(): void {
    if (this.#end.end('local')) this.#finish(1000)
  }

  #countUnseen(): void {
    const now = performance.now()
    this.#unseen ??= new TokenBucket(UNSEEN_RATE, now)
    if (this.#unseen.tryTake(1, now)) return
    if (this.#end.open) this.#webSocket.terminate()
    // A reset would take the reason for the end from the client.
    else this.#webSocket.pause()
  }

  #bound(): void {
    if (this.#writer.waitingBytes > MAX_WAITING_BYTES) this.#webSocket.terminate()
  }

  #refuse(code: number): void {
    if (this.#end.end('lost')) this.#finish(code)
  }

  #finish(code: number): void {
    this.#writer.flush()
    this.#webSocket.close(code)
  }
}

function ignore(): void {}

function refuse(socket: Duplex, status: 400 | 403 | 503): void {
  socket.on('error', () => socket.destroy())
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`
  socket.end(head, () => socket.destroy())
}
