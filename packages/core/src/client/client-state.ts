import type { CloseCode } from '@patchbay/protocol'

/** Why there is no line just now. */
export type OutageCause = CloseCode | 'unreachable' | 'lost'

/** Where the signaling client stands. Calls between peers go on in every state but `closed`. */
export type ClientState =
  | { readonly status: 'connecting' }
  | { readonly status: 'online'; readonly line: string }
  | {
      readonly status: 'reconnecting'
      /** Failed attempts since the line was lost. */
      readonly attempt: number
      readonly cause: OutageCause
      /** The server's wait before the next attempt is over at this moment of the client's clock. */
      readonly retryAt: number
    }
  | { readonly status: 'closed'; readonly code: CloseCode | 'bye' }

/** What can happen to a client. */
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
