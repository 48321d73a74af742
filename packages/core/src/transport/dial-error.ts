/**
 * Why a line could not be opened. `unreachable`: nothing answered, or the platform does not say what did. `refused`: the server,
 * or something before it, said no. `unusable`: this runtime or the configuration has no such line; dialing again is of no use.
 */
export type DialFailure = 'unreachable' | 'refused' | 'unusable'

/** A line could not be opened. Dialing later, or on another transport, may succeed. */
export class DialError extends Error {
  override readonly name: string = 'DialError'
  /** Name of the dialer that failed. */
  readonly transport: string
  readonly failure: DialFailure

  constructor(transport: string, message: string, options: ErrorOptions & { readonly failure?: DialFailure } = {}) {
    super(message, options)
    this.transport = transport
    this.failure = options.failure ?? 'unreachable'
  }
}
