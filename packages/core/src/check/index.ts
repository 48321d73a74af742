export { gather, type GatheredCandidate, type Gathering } from './candidates.ts'
export { type LineResult, tryLine } from './line-check.ts'
export { type NatKind, natKindOf } from './nat-kind.ts'
export { measureRelay, type RelayResult } from './relay-loop.ts'
