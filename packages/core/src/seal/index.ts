export { canSeal, createRoomKey, parseRoomKey, type RoomKey, RoomSeal } from './room-seal.ts'
export { type OpenedSignal, type SealingSelf, SignalSeal } from './signal-seal.ts'
