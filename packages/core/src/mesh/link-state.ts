/** State of the connection to one peer. */
export type LinkState =
  /** Not yet open. `attempt` counts attempts from 1. */
  | { readonly phase: 'connecting'; readonly attempt: number }
  | { readonly phase: 'connected' }
  /** Was open and went silent; ICE is being restarted. */
  | { readonly phase: 'healing'; readonly attempt: number }
  | { readonly phase: 'closed' }

/** Events that change a link's state. */
export type LinkEvent = 'opened' | 'silent' | 'retried' | 'closed'

/** The state after `event`; a closed link stays closed. */
export function nextLinkState(state: LinkState, event: LinkEvent): LinkState {
  if (state.phase === 'closed') return state
  switch (event) {
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
