export { awaitEntry } from './await-entry.ts'
export { type CleanEntry, cleanEntry, InvalidFieldError, requireIdentity, type RoomEntry } from './entry.ts'
export type {
  Knock,
  Moderation,
  ModerationState,
  RoomEvent,
  RoomMembership,
  RoomSignaling,
  RosterState,
  Signal,
  SignalingStatus,
} from './room-signaling.ts'
