import { decodePeerMessage, encode, type PeerId, type PeerMessage, ProtocolError } from '@patchbay/protocol'
import type { Signal } from '../client/index.ts'

type Relay = Extract<PeerMessage, { type: 'relay' }>
type Relayed = Extract<PeerMessage, { type: 'relayed' }>

/** Wraps a signal for the member that is asked to relay it, bypassing the server. */
export function wrap(to: PeerId, signal: Signal): Relay {
  return { type: 'relay', to, body: encode(signal as PeerMessage) }
}

/** Converts a `relay` to the message for the second leg, from the relaying member to the receiver. */
export function passOn(from: PeerId, { body }: Relay): Relayed {
  return { type: 'relayed', from, body }
}

/** @returns the signal inside; `undefined` when there is no valid one. */
export function readRelayed({ body }: Relayed): Signal | undefined {
  try {
    const message = decodePeerMessage(body)
    switch (message?.type) {
      case 'offer':
      case 'answer':
      case 'ice_candidate':
        return { type: message.type, body: message.body }
      default:
        return undefined
    }
  } catch (error) {
    if (error instanceof ProtocolError) return undefined
    throw error
  }
}
