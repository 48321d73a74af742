import { WebSocket } from 'ws'

/** Counts the WebSockets that a client half holds open, and knows the newest. */
export class WatchedSockets {
  readonly #sockets: WebSocket[] = []
  readonly WebSocket: new (url: string, protocol: string) => WebSocket

  constructor() {
    const sockets = this.#sockets
    this.WebSocket = class extends WebSocket {
      constructor(url: string, protocol: string) {
        super(url, protocol)
        sockets.push(this)
        this.on('error', () => {})
      }
    }
  }

  get open(): number {
    return this.#sockets.filter(({ readyState }) => readyState !== WebSocket.CLOSED).length
  }

  get newest(): WebSocket {
    const newest = this.#sockets.at(-1)
    if (newest === undefined) throw new Error('no socket yet')
    return newest
  }
}
