import { decodePeerMessage, type PeerMessage, ProtocolError } from '@patchbay/protocol'

/** @returns the message of a peer; `undefined` for a type that this page does not know. */
export function readMessage(text: string): PeerMessage | undefined | 'invalid' {
  try {
    return decodePeerMessage(text)
  } catch (error) {
    if (error instanceof ProtocolError) return 'invalid'
    throw error
  }
}
