import type { CloseCode } from '@patchbay/protocol'

/** Why there is no line at the moment. */
export type OutageCause = CloseCode | 'unreachable' | 'lost'

/** State of the signaling client. Calls between peers go on in every state except `closed`. */
export type ClientState =
  | { readonly status: 'connecting' }
  | { readonly status: 'online'; readonly line: string }
  | {
      readonly status: 'reconnecting'
      /** Failed attempts since the line was lost. */
      readonly attempt: number
      readonly cause: OutageCause
      /** When the next attempt is made, on the client's clock. */
      readonly retryAt: number
    }
  | { readonly status: 'closed'; readonly code: CloseCode | 'bye' }

/** Events that change a client's state. */
export type ClientEvent =
  | { readonly type: 'welcomed'; readonly line: string }
  | { readonly type: 'outage'; readonly attempt: number; readonly cause: OutageCause; readonly retryAt: number }
  | { readonly type: 'closed'; readonly code: CloseCode | 'bye' }

/** The state after `event`; a closed client stays closed. */
export function nextClientState(state: ClientState, event: ClientEvent): ClientState {
  if (state.status === 'closed') return state
  switch (event.type) {
    case 'welcomed':
      return { status: 'online', line: event.line }
    case 'outage':
      return { status: 'reconnecting', attempt: event.attempt, cause: event.cause, retryAt: event.retryAt }
    case 'closed':
      return { status: 'closed', code: event.code }
  }
}
