import type { WebSocketConstructor, WebSocketLike } from '@patchbay/core/transport'

const OPEN = 1

/** A WebSocket as JsSIP wants it (RFC 7118), in any runtime. */
export class SipSocket {
  readonly via_transport: 'WS' | 'WSS'
  readonly url: string
  readonly sip_uri: string
  onconnect: () => void = () => {}
  ondisconnect: (error: boolean, code?: number, reason?: string) => void = () => {}
  ondata: (data: unknown) => void = () => {}
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
    // An exchange chooses between text and binary messages (RFC 7118 §5); JsSIP reads both, but no `Blob`.
    Object.assign(socket, { binaryType: 'arraybuffer' })
    // One that was given up while it opened is closed as soon as it may be.
    socket.addEventListener('open', () => (this.#socket === socket ? this.onconnect() : socket.close()))
    socket.addEventListener('message', ({ data }) => {
      if (this.#socket === socket) this.#receive(data)
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
  #receive(data: unknown): void {
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
}
