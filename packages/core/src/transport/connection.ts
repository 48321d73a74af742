/** Why a line ended, seen from this end: we closed it, the other end closed it, or it broke. */
export type CloseReason = 'local' | 'remote' | 'lost'

/** Callbacks of the owner of one end. Passed in before the line opens, so that no event is missed. */
export interface ConnectionHandlers {
  /** One complete frame, delivered once, in sending order. */
  frame(text: string): void
  /** Called once, and last: no frame follows. */
  close(reason: CloseReason): void
}

/** One ordered, two-way line of text frames. It opens once and ends once. */
export interface Connection {
  /** The same at both ends; identifies the line in logs. Neither a secret nor an identity. */
  readonly id: string
  /** Sends one frame. After the end: a no-op. Never throws and never blocks. */
  send(text: string): void
  /** Ends the line: this end's `close` handler has run when it returns; frames sent before still arrive. */
  close(): void
}

/** What a server knows about the other end of a line. */
export interface RemoteEnd {
  /** Network address as the listener sees it; a proxy's address unless the listener is configured for one. */
  readonly address: string
  /** `Origin` of the page that dialed, if the transport knows it. */
  readonly origin: string | undefined
}

/** The server's end of a line. */
export interface AcceptedConnection extends Connection {
  readonly remote: RemoteEnd
}

/** Client half of a transport. */
export interface Dialer {
  /** Name shown to the person and to other members: `websocket`, `longpoll`, `mqtt` … */
  readonly name: string
  /**
   * Opens one line, without retrying.
   * @throws {DialError} when nothing answers or the other end refuses.
   * @throws the signal's reason when it is aborted; nothing is left behind.
   */
  dial(handlers: ConnectionHandlers, options: { readonly signal: AbortSignal }): Promise<Connection>
}

/**
 * Server half of a transport. Either the process hands it requests or sockets, and it owns no port; or it is behind an exchange,
 * such as a broker, of which it is one more client: then it dials, and dials again when the exchange is gone.
 */
export interface Listener {
  readonly name: string
  /** Fulfilled when it can be reached for the first time; rejected when it never will be. Absent: at once. */
  readonly ready?: Promise<void>
  /** Sets the callback for new lines. Called once, before the first line. */
  listen(accept: (connection: AcceptedConnection) => ConnectionHandlers): void
  /** Ends every line and refuses new ones. */
  close(): Promise<void>
}
