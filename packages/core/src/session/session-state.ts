import type { CloseCode } from '@patchbay/protocol'

/** State of a session. `live`: a line carries it. `away`: between lines. `ended`: over for good. */
export type SessionState =
  | { readonly status: 'away' }
  | { readonly status: 'live' }
  | { readonly status: 'ended'; readonly code: CloseCode | 'bye' }

/** Events that change a session's state. */
export type SessionEvent =
  | { readonly type: 'line_attached' }
  | { readonly type: 'line_ended' }
  | { readonly type: 'end'; readonly code: CloseCode | 'bye' }

/** The state after `event`; an ended session stays as it ended. */
export function nextSessionState(state: SessionState, event: SessionEvent): SessionState {
  if (state.status === 'ended') return state
  switch (event.type) {
    case 'line_attached':
      return { status: 'live' }
    case 'line_ended':
      return { status: 'away' }
    case 'end':
      return { status: 'ended', code: event.code }
  }
}
