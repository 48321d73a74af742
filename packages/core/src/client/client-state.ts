import type { CloseCode } from '@patchbay/protocol'
import type { DialError } from '../transport/index.ts'

/** Why there is no line at the moment. `no_token`: the application has given none. */
export type OutageCause = CloseCode | 'unreachable' | 'lost' | 'no_token'

/** A time without a line. */
export interface Outage {
  /** Failed attempts since the line was lost. */
  readonly attempt: number
  readonly cause: OutageCause
  /** Why the last line that was dialed could not be opened, in a sentence; `undefined` when it was. */
  readonly error: DialError | undefined
  /** When the next attempt is made, on the client's clock. */
  readonly retryAt: number
}

/** State of the signaling client. Calls between peers go on in every state except `closed`. */
export type ClientState =
  | { readonly status: 'connecting' }
  | { readonly status: 'online'; readonly line: string }
  | ({ readonly status: 'reconnecting' } & Outage)
  | { readonly status: 'closed'; readonly code: CloseCode | 'bye' }

/** Events that change a client's state. */
export type ClientEvent =
  | { readonly type: 'welcomed'; readonly line: string }
  | ({ readonly type: 'outage' } & Outage)
  | { readonly type: 'closed'; readonly code: CloseCode | 'bye' }

/** The state after `event`; a closed client stays closed. */
export function nextClientState(state: ClientState, event: ClientEvent): ClientState {
  if (state.status === 'closed') return state
  switch (event.type) {
    case 'welcomed':
      return { status: 'online', line: event.line }
    case 'outage': {
      const { attempt, cause, error, retryAt } = event
      return { status: 'reconnecting', attempt, cause, error, retryAt }
    }
    case 'closed':
      return { status: 'closed', code: event.code }
  }
}
