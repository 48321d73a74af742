export type { JoinOptions, RtcStack } from './join-options.ts'
export { joinRoom, type MediaSource, type MessageFrom, type Room } from './room.ts'
export type { RoomFiles } from './room-files.ts'
