export type {
  AcceptedConnection,
  CloseReason,
  Connection,
  ConnectionHandlers,
  Dialer,
  Listener,
  RemoteEnd,
} from './connection.ts'
export { atMost } from './at-most.ts'
export { type Clock, systemClock } from './clock.ts'
export { DialError, type DialFailure } from './dial-error.ts'
export { askForCredentials, type CredentialsOptions, type GetCredentials } from './credentials.ts'
export { InOrder, type InOrderHandlers } from './in-order.ts'
export { lazyDialer } from './lazy-dialer.ts'
export { LineEnd } from './line-end.ts'
export {
  FrameReader,
  type LineMessage,
  MessageQueue,
  type MessageQueueHandlers,
  type MessageQueueLimits,
} from './message-queue.ts'
export { shownId } from './shown-id.ts'
export type { WebSocketConstructor, WebSocketLike } from './web-socket.ts'
export { WriteBatcher } from './write-batcher.ts'
export { createLinkedPair, type LinkedPair, type OwnPair } from './linked-pair.ts'
