export { type CleanEntry, cleanEntry, InvalidFieldError, requireIdentity, type RoomEntry } from './entry.ts'
export type {
  RoomEvent,
  RoomMembership,
  RoomSignaling,
  RosterState,
  Signal,
  SignalingStatus,
} from './room-signaling.ts'
