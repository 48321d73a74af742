/** What is used of a WebSocket (WHATWG WebSockets §3.1); the one of `ws` has it too. */
export interface WebSocketLike {
  readonly readyState: number
  send(data: string): void
  close(): void
  addEventListener(type: 'open', listener: () => void): void
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void
  addEventListener(type: 'close', listener: (event: { readonly code: number }) => void): void
  addEventListener(type: 'error', listener: (event: object) => void): void
}

/** The platform's WebSocket constructor or a compatible one: Node 20 has none, so pass the one of `ws`. */
export type WebSocketConstructor = new (url: string, protocol: string) => WebSocketLike

const OPEN = 1

/** A WebSocket as JsSIP wants it (RFC 7118), in any runtime. */
export class SipSocket {
  readonly via_transport: 'WS' | 'WSS'
  readonly url: string
  readonly sip_uri: string
  onconnect: () => void = () => {}
  ondisconnect: (error: boolean, code?: number, reason?: string) => void = () => {}
  ondata: (data: string) => void = () => {}
  readonly #WebSocket: WebSocketConstructor
  #socket: WebSocketLike | undefined

  constructor(url: string, WebSocket: WebSocketConstructor) {
    this.url = url
    this.#WebSocket = WebSocket
    const { host, protocol } = new URL(url)
    this.via_transport = protocol === 'wss:' ? 'WSS' : 'WS'
    this.sip_uri = `sip:${host};transport=ws`
  }

  connect(): void {
    if (this.#socket !== undefined) return
    const socket = new this.#WebSocket(this.url, 'sip')
    this.#socket = socket
    // One that was given up while it opened is closed as soon as it may be.
    socket.addEventListener('open', () => (this.#socket === socket ? this.onconnect() : socket.close()))
    socket.addEventListener('message', ({ data }) => {
      if (this.#socket === socket && typeof data === 'string') this.#receive(data)
    })
    // `close` follows.
    socket.addEventListener('error', () => {})
    socket.addEventListener('close', () => {
      if (this.#socket !== socket) return
      this.#socket = undefined
      this.ondisconnect(true)
    })
  }

  /** JsSIP throws on some of what it cannot read, such as `Contact: *` in a MESSAGE; that packet is dropped. */
  #receive(data: string): void {
    try {
      this.ondata(data)
    } catch {
      // Whoever has sent it gets no answer.
    }
  }

  disconnect(): void {
    const socket = this.#socket
    if (socket === undefined) return
    this.#socket = undefined
    socket.close()
    this.ondisconnect(false)
  }

  send(data: string): boolean {
    if (this.#socket?.readyState !== OPEN) return false
    this.#socket.send(data)
    return true
  }

  isConnected(): boolean {
    return this.#socket?.readyState === OPEN
  }

  isConnecting(): boolean {
    return this.#socket !== undefined && this.#socket.readyState < OPEN
  }
}
