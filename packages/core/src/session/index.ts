export { Outbox, type OutboxLimits } from './outbox.ts'
export { endLine, Session, type SessionHandlers, type SessionRules } from './session.ts'
export { nextSessionState, type SessionEvent, type SessionState } from './session-state.ts'
