import type { Signal } from '../signaling/index.ts'
import type { NegotiationEvent } from './negotiation-state.ts'

/** State of the connection to one peer. */
export type LinkState =
  /** Not yet open. `attempt` counts attempts from 1. */
  | { readonly phase: 'connecting'; readonly attempt: number }
  | { readonly phase: 'connected' }
  /** Was open and went silent; ICE is being restarted. */
  | { readonly phase: 'healing'; readonly attempt: number }
  | { readonly phase: 'closed' }

/** What changes a link's state. */
export type LinkChange = 'opened' | 'silent' | 'retried' | 'closed'

/** The state after `change`; a closed link stays closed. */
export function nextLinkState(state: LinkState, change: LinkChange): LinkState {
  if (state.phase === 'closed') return state
  switch (change) {
    case 'opened':
      return state.phase === 'connected' ? state : { phase: 'connected' }
    case 'silent':
      return state.phase === 'connected' ? { phase: 'healing', attempt: 1 } : state
    case 'retried':
      return state.phase === 'connected' ? state : { phase: state.phase, attempt: state.attempt + 1 }
    case 'closed':
      return { phase: 'closed' }
  }
}

/** Whether a link tries again, or heals: without a line to send it, what it sends then is made anew when there is one. */
export function isTryingAgain(state: LinkState): boolean {
  return state.phase === 'healing' || (state.phase === 'connecting' && state.attempt > 1)
}

/** What a link tells its mesh. */
export type LinkEvent =
  /** Something that the page shows has changed. */
  | { readonly type: 'changed' }
  /** To be sent by signaling: the link's own channel does not work. */
  | { readonly type: 'signal'; readonly signal: Signal }
  /** The peer said goodbye. */
  | { readonly type: 'left' }
  /** The peer broke the protocol. */
  | { readonly type: 'cut' }
  /**
   * `replace`: the peer has made a new connection, of which `first` is the first event, or ours is unusable.
   * `lost`: too much waits for the peer, which is dropped.
   */
  | { readonly type: 'replace' | 'lost'; readonly offersFirst: boolean; readonly first?: NegotiationEvent }
  /** An event for the link that replaced this one. */
  | { readonly type: 'hand_over'; readonly event: NegotiationEvent }
