import type { CloseCode } from './codes.ts'

/** Close codes that a single frame can cause. */
export type ProtocolErrorCode = Extract<CloseCode, 'bad_message' | 'too_big' | 'version_unsupported'>

/**
 * A frame that is not a valid message of this protocol, or a message that cannot be encoded as a frame.
 * The only error that `encode` and `decode` throw; sending the same input again fails again.
 */
export class ProtocolError extends Error {
  override readonly name: string = 'ProtocolError'
  readonly code: ProtocolErrorCode

  constructor(code: ProtocolErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
