import type { PeerId, SessionId } from '@patchbay/protocol'
import type { RoomDelta } from '../engine/index.ts'
import type { Room } from './room.ts'

/** A change of which it is known what it was. */
export type KnownDelta = Exclude<RoomDelta, { readonly type: 'unknown' }>

/** A room as this node knows it: right up to `offset`, and no further. */
export class Replica {
  readonly room: Room
  epoch: string = ''
  /** When the room was first of this epoch. */
  epochAt: number = -Infinity
  offset: number = 0
  /** Whether a snapshot was installed. Until then changes are collected. */
  isReady: boolean = false
  isReading: boolean = false
  /** What is known may be wrong: the whole is to be read. */
  isStale: boolean = false
  readonly early: Map<number, KnownDelta> = new Map()
  /** Sessions of this node that ask to come in. */
  readonly entering: Set<SessionId> = new Set()
  /** Waits for a change that is missing. */
  stopTimer: (() => void) | undefined
  /** Waits for those who are on their way to another node. */
  readonly moving: Map<PeerId, () => void> = new Map()
  /** Waits until everybody has had the time to come back. */
  stopWait: (() => void) | undefined

  /** Waits until all nodes hear again of what happens here. */
  stopPut: (() => void) | undefined

  /** The engine has lost the rules, and others may have taken their place. */
  isForgotten: boolean = false

  constructor(room: Room) {
    this.room = room
  }

  /** Waits for nothing more. */
  stop(): void {
    for (const stopWaiting of this.moving.values()) stopWaiting()
    this.stopTimer?.()
    this.stopWait?.()
    this.stopPut?.()
  }
}
