/** Why a line ended, seen from this end: we closed it, the other end closed it, or it broke. */
export type CloseReason = 'local' | 'remote' | 'lost'

/** What the owner of one end does with it. Handed over before the line opens, so that nothing can be missed. */
export interface ConnectionHandlers {
  /** One whole frame, once, in the order it was sent. */
  frame(text: string): void
  /** Once, and last: no frame follows. */
  close(reason: CloseReason): void
}

/** One ordered, two-way line of text frames. It opens once and ends once. */
export interface Connection {
  /** The same at both ends; names the line in logs. Not a secret, not an identity. */
  readonly id: string
  /** Sends one frame. After the end: a no-op. Never throws and never blocks. */
  send(text: string): void
  /** Ends the line: this end's `close` handler has run when it returns; frames sent before still arrive. */
  close(): void
}

/** What a server may know of the other end of a line. */
export interface RemoteEnd {
  /** Network address as the listener sees it; a proxy's own unless the listener is told otherwise. */
  readonly address: string
  /** `Origin` of the page that dialed, where the transport knows one. */
  readonly origin: string | undefined
}

/** The server's end of a line. */
export interface AcceptedConnection extends Connection {
  readonly remote: RemoteEnd
}

/** Client half of a transport. */
export interface Dialer {
  /** Name shown to people and to other members: `websocket`, `longpoll`, `mqtt` … */
  readonly name: string
  /**
   * Opens one line. No retry inside.
   * @throws {DialError} when nobody answers or the other end refuses.
   * @throws the signal's reason when it is aborted; nothing is left behind.
   */
  dial(handlers: ConnectionHandlers, options: { readonly signal: AbortSignal }): Promise<Connection>
}

/** Server half of a transport. It owns no port: the process hands it requests or sockets. */
export interface Listener {
  readonly name: string
  /** Says what to do with each new line. Called once, before the first line. */
  listen(accept: (connection: AcceptedConnection) => ConnectionHandlers): void
  /** Ends every line and refuses new ones. */
  close(): Promise<void>
}
