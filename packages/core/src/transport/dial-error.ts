/** A line could not be opened. Dialing later, or on another transport, may succeed. */
export class DialError extends Error {
  override readonly name: string = 'DialError'
  /** Name of the dialer that failed. */
  readonly transport: string

  constructor(transport: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.transport = transport
  }
}
