export {
  BEAT_MS,
  type Engine,
  type EngineHandlers,
  type EngineStats,
  homeOf,
  isNodeId,
  LEASE_MS,
  type NodeId,
  type RoomDelta,
  type RoomSnapshot,
  type Seat,
} from './engine.ts'
export type { Beat, Change, EngineStore, Post, StoredSnapshot } from './engine-store.ts'
export { createEngine, type EngineOptions } from './leased-engine.ts'
export { MemoryStore } from './memory-store.ts'
export { readSeat } from './read-delta.ts'
