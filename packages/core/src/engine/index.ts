export {
  asHost,
  BEAT_MS,
  checkNodeId,
  type Engine,
  type EngineHandlers,
  type EngineStats,
  homeOf,
  isNodeId,
  LEASE_MS,
  type NodeId,
  type NoSeat,
  type Opening,
  type RoomDelta,
  type RoomHead,
  type RoomSnapshot,
  RULES_MS,
  type Seat,
} from './engine.ts'
export type { Beat, Change, EngineStore, Entry, Post, StoredSnapshot } from './engine-store.ts'
export { createEngine, type EngineHealth, type EngineOptions } from './leased-engine.ts'
export { MemoryStore } from './memory-store.ts'
export { readSeat } from './read-delta.ts'
export {
  type Claim,
  MAX_VERDICTS,
  outranks,
  passDoor,
  readRules,
  type RoomRules,
  type RuleChange,
  rulesOf,
  type Verdict,
  withChange,
} from './room-rules.ts'
