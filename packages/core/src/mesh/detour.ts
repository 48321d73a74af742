import { decodePeerMessage, encode, type PeerId, type PeerMessage, ProtocolError } from '@patchbay/protocol'
import type { Signal } from '../client/index.ts'

type Relay = Extract<PeerMessage, { type: 'relay' }>
type Relayed = Extract<PeerMessage, { type: 'relayed' }>

/** A signal on its way past the server: to the member who is asked to pass it on. */
export function wrap(to: PeerId, signal: Signal): Relay {
  return { type: 'relay', to, body: encode(signal as PeerMessage) }
}

/** The same on its second leg, from that member. */
export function passOn(from: PeerId, { body }: Relay): Relayed {
  return { type: 'relayed', from, body }
}

/** @returns the signal inside; `undefined` when it is none. */
export function readRelayed({ body }: Relayed): Signal | undefined {
  try {
    const message = decodePeerMessage(body)
    const isSignal = message.type === 'offer' || message.type === 'answer' || message.type === 'ice_candidate'
    return isSignal ? { type: message.type, body: message.body } : undefined
  } catch (error) {
    if (error instanceof ProtocolError) return undefined
    throw error
  }
}
