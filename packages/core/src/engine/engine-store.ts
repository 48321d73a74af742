import type { PeerId, RoomId, SessionId } from '@patchbay/protocol'
import type { NodeId, NoSeat, Opening, RoomHead, RoomSnapshot, Seat } from './engine.ts'
import type { RoomRules } from './room-rules.ts'

/** A room as it is in the store. Its `seats` need not be decoded before they are asked for, which few are. */
export interface StoredSnapshot extends Omit<RoomSnapshot, 'isComplete'> {
  /** The nodes that have seats in it. */
  readonly nodes: readonly NodeId[]
}

/** What is known after a node has renewed its lease. */
export interface Beat {
  /** Made by whoever found the store empty. */
  readonly epoch: string
  /** Nodes with a lease, this one included. */
  readonly alive: readonly NodeId[]
  /** Nodes that have a lease, or had one within `RULES_MS`. */
  readonly lately: readonly NodeId[]
  /** This node had no lease: it is new, or was late, or the store's clock was set forward. */
  readonly wasAbsent: boolean
  /** How often the store was lost so far: what this node wrote before the last time may be gone. */
  readonly losses: number
}

/** A change that was made: its number, and the nodes that have seats in the room afterwards or had before. */
export interface Change {
  readonly epoch: string
  readonly offset: number
  readonly nodes: readonly NodeId[]
  /** The room had no rules, and has those that came with the seat. */
  readonly isRuled?: boolean
}

/** What has come of asking for a seat. */
export type Entry = {
  readonly snapshot: StoredSnapshot
  /** How long no seat in the room had been taken, changed or given up, in milliseconds; any number where nobody has one. */
  readonly quietMs: number
} & (
  | {
      readonly change: Change
      /** The seat as it is stored. */
      readonly seat: Seat
    }
  | { readonly refused: Exclude<NoSeat, 'busy'> }
)

/** What one node has posted to another. */
export interface Post {
  readonly from: NodeId
  /** Numbers the posts of this pair from 1. */
  readonly n: number
  readonly texts: readonly string[]
}

/**
 * The part of an engine that is particular to a store: acts that it does one at a time, and an inbox for each node. Every
 * method may reject, and may take as long as it likes: `createEngine` turns that into `busy` and tries again.
 */
export interface EngineStore {
  /** Renews the node's lease for `leaseMs`. */
  beat(node: NodeId, leaseMs: number): Promise<Beat>
  /** Ends the lease. */
  end(node: NodeId): Promise<void>
  /** Makes `node` the home of a peer if it has none, or `from` is it. @returns the home. */
  claim(peer: PeerId, node: NodeId, from?: NodeId): Promise<NodeId>
  /** The peer has no home any more, if `node` was it. */
  release(peer: PeerId, node: NodeId): Promise<void>
  /** Takes a seat, if `passDoor` says so. */
  enter(room: RoomId, seat: Seat, max: number, opening: Opening): Promise<Entry>
  /**
   * Puts a seat. One that is `in` takes the place of another session of the peer that is not. A room in which everybody is
   * `moving` is forgotten `RULES_MS` after its last change, with all of its seats.
   * @returns `undefined`, and changes nothing, when another session has the place.
   */
  put(room: RoomId, seat: Seat, head: RoomHead): Promise<Change | undefined>
  /** Changes the rules of a room. @returns `undefined`, and changes nothing, when nobody is in it or its rules are not `before`. */
  rule(room: RoomId, before: RoomRules | undefined, after: RoomRules): Promise<Change | undefined>
  /**
   * @param rulesMs how long the rules and the title of the room are kept if this was the last seat; 0: they end with it.
   * @returns `undefined` when the session has no seat there.
   */
  remove(room: RoomId, peer: PeerId, session: SessionId, rulesMs: number): Promise<Change | undefined>
  read(room: RoomId): Promise<StoredSnapshot>
  /** Adds to the inbox of a node, whole and in order. */
  post(node: NodeId, post: Post): Promise<void>
  /** Reads this node's inbox from now on. What was in it before is left out. */
  listen(node: NodeId, take: (post: Post) => void): Promise<void>
  /** Ends every connection. */
  close(): Promise<void>
}
