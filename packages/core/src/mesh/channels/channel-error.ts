import type { RequestFailure } from '@patchbay/protocol'

/** Why a message or request on an application channel came to nothing. */
export type ChannelErrorCode = RequestFailure | 'gone' | 'timeout' | 'too_big'

const sentences: Readonly<Record<ChannelErrorCode, string>> = {
  unsupported: 'The member is not connected, or its app answers no requests on that channel.',
  busy: 'Too many requests to that member are under way; try again when some are answered.',
  failed: 'The app of that member could not answer.',
  gone: 'The connection to that member ended before it answered.',
  timeout: 'The member did not answer in time.',
  too_big: 'The value is larger than 65,536 bytes; send it as a file.',
}

/** A message or request on an application channel came to nothing. Everything else goes on. */
export class ChannelError extends Error {
  override readonly name: string = 'ChannelError'
  readonly code: ChannelErrorCode

  constructor(code: ChannelErrorCode) {
    super(sentences[code])
    this.code = code
  }
}
