/** What is used of a WebSocket (WHATWG WebSockets §3.1); the one of `ws` has it too. */
export interface WebSocketLike {
  readonly readyState: number
  send(data: string): void
  close(code?: number): void
  /** Ends it at once. Those of browsers have no such method; that of `ws` has. */
  terminate?(): void
  addEventListener(type: 'open', listener: () => void): void
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void
  addEventListener(type: 'close', listener: (event: { readonly code: number }) => void): void
  addEventListener(type: 'error', listener: (event: object) => void): void
}

/** The platform's WebSocket constructor or a compatible one: Node 20 has none, so pass the one of `ws`. */
export type WebSocketConstructor = new (url: string, protocol: string) => WebSocketLike
