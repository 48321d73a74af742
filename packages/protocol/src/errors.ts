import type { CloseCode } from './codes.ts'

/** Close codes that a frame can earn by itself. */
export type ProtocolErrorCode = Extract<CloseCode, 'bad_message' | 'too_big' | 'version_unsupported'>

/**
 * A frame that is no message of this protocol, or a message that cannot become a frame.
 * The only error that `encode` and `decode` throw; sending the same thing again cannot help.
 */
export class ProtocolError extends Error {
  override readonly name: string = 'ProtocolError'
  readonly code: ProtocolErrorCode

  constructor(code: ProtocolErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
