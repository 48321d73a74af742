import type { SizeCause } from '@patchbay/core/mesh'

/** What is known of the connection to one person. */
export interface PathQuality {
  readonly name: string
  /** Why this page's own picture is sent no larger; `undefined` while none is sent. */
  readonly cause: SizeCause | undefined
  /** Share of packets from them that are missing, 0 to 1. */
  readonly incomingLoss: number
  /** Share of packets to them that are missing, 0 to 1. */
  readonly outgoingLoss: number
  readonly roundTripMs: number
  readonly isRelayed: boolean
}

/** What is wrong with a call, if anything, and between this page and whom. */
export type CallQuality =
  | { readonly kind: 'alone' | 'good' | 'device' | 'uplink' | 'downlink' }
  | { readonly kind: 'slowTo' | 'lostFrom' | 'relay'; readonly names: readonly string[] }

/** Missing packets from which sound suffers. */
const LOSSY = 0.05
/** A round trip from which people talk over each other, in milliseconds. */
const SLOW_MS = 400

/**
 * Finds the one thing to tell about a call. What is so with everyone is this page's own doing; what is so with some of several
 * is theirs.
 */
export function judgeCall(paths: readonly PathQuality[]): CallQuality {
  if (paths.length === 0) return { kind: 'alone' }
  const namesOf = (some: readonly PathQuality[]) => some.map(({ name }) => name)
  const isAll = (some: readonly PathQuality[]) => some.length > 1 && some.length === paths.length
  if (paths.some(({ cause }) => cause === 'cpu')) return { kind: 'device' }
  const slow = paths.filter(({ cause, outgoingLoss }) => cause === 'path' || outgoingLoss > LOSSY)
  if (isAll(slow)) return { kind: 'uplink' }
  const lossy = paths.filter(({ incomingLoss }) => incomingLoss > LOSSY)
  if (isAll(lossy)) return { kind: 'downlink' }
  if (slow.length > 0) return { kind: 'slowTo', names: namesOf(slow) }
  if (lossy.length > 0) return { kind: 'lostFrom', names: namesOf(lossy) }
  const far = paths.filter(({ roundTripMs, isRelayed }) => isRelayed && roundTripMs > SLOW_MS)
  return far.length > 0 ? { kind: 'relay', names: namesOf(far) } : { kind: 'good' }
}
