import type { PeerId, PeerInfo, RemoveReason, RoomId, SessionId } from '@patchbay/protocol'
import type { Claim, RoomRules, RuleChange } from './room-rules.ts'

/** Name of a node for as long as it runs: 6 characters of base64url. When it starts again it has another. */
export type NodeId = string

/** One member's place in a room, and where its session is. */
export interface Seat {
  readonly node: NodeId
  readonly session: SessionId
  readonly info: PeerInfo
  /**
   * `in`: a member. `lost`: shown to nobody, but its place is kept while its session lives. `moving`: its node is shutting down,
   * and it is expected at another one.
   */
  readonly state: 'in' | 'lost' | 'moving'
}

/** @returns the seat as that of a host. */
export function asHost({ node, session, info, state }: Seat): Seat {
  return { node, session, info: { ...info, host: true }, state }
}

/** What a seat is found by. */
export interface SeatRef {
  readonly session: SessionId
  readonly info: Pick<PeerInfo, 'id'>
}

/** What somebody says of a room who enters it. */
export interface Opening extends Claim {
  readonly title?: string | undefined
}

/** What nodes know of a room beside its seats, and write again if the engine has lost it. */
export interface RoomHead {
  readonly title?: string | undefined
  /** Absent: nobody has made any. */
  readonly rules?: RoomRules | undefined
}

/** Why a seat cannot be had: there is no place, or the room's rules are against it, or nobody can be asked. */
export type NoSeat = 'full' | 'locked' | 'removed' | 'busy'

/** A room as it was after `offset` changes. Another epoch is another room of that name: the engine has forgotten the former. */
export interface RoomSnapshot extends RoomHead {
  readonly epoch: string
  readonly offset: number
  /** Whoever is not in it is gone. Soon after the engine has lost everything it is `false`: nodes are putting their seats again. */
  readonly isComplete: boolean
  /** To whoever enters: the engine may have lost the host of the room, and has asked for no key. */
  readonly isUndecided?: boolean
  readonly seats: readonly Seat[]
}

/** One change of a room; they are numbered without a gap. */
export type RoomDelta = { readonly epoch: string; readonly offset: number } & (
  | {
      readonly type: 'put'
      readonly seat: Seat
      /** The rules that the room has got with it, when it had none. */
      readonly rules?: RoomRules
      /** Somebody has just entered; absent: a seat is different, or is put again. */
      readonly isEntry?: true
    }
  | {
      readonly type: 'remove'
      readonly peer: PeerId
      readonly session: SessionId
      /** As told to the other members; absent: they are not told. */
      readonly reason?: RemoveReason
    }
  | { readonly type: 'rules'; readonly rules: RoomRules }
  /** Nobody knows what is different, if anything is: the room is to be read. Of no known epoch. */
  | { readonly type: 'unknown' }
)

/** How an engine is doing, for metrics. */
export interface EngineStats {
  readonly isUp: boolean
  /** How long the last renewal of the lease took, in milliseconds. */
  readonly roundTripMs: number
  /** Nodes with a lease, this one included. */
  readonly nodes: number
  /** What came and no node has sent, or has sent before. */
  readonly dropped: number
}

/** Callbacks of the owner of an engine. */
export interface EngineHandlers {
  /** Something that another node has sent with {@link Engine.send}. */
  frame(from: NodeId, frame: string): void
  /**
   * A change in a room in which this node has a seat, its own changes included. The first change of any room too: the engine may
   * have lost one of that name in which this node has members.
   */
  room(room: RoomId, delta: RoomDelta): void
  /** The nodes that are alive, this one included: called when it is certain that some were lost, or some are new. */
  nodes(alive: ReadonlySet<NodeId>): void
  /** `down`: the engine cannot be reached; what was known is all that is known until it is `up` again. */
  health(state: 'up' | 'down'): void
  /**
   * Others may have taken this node for dead, or the engine has lost everything: what was sent to this node is lost, and its
   * seats must be put again.
   */
  reset(): void
  /** Something of what that node has sent is lost. */
  gap(from: NodeId): void
}

/**
 * What the nodes of one deployment share: who is in which room, and a way to each other. Acts on one room are judged one at a
 * time. Nothing here throws on a call of the hub: what cannot be done is answered with `busy`, or done later.
 */
export interface Engine {
  readonly node: NodeId
  readonly stats: EngineStats
  /** Fulfilled when this node has its lease for the first time. Called once. */
  start(on: EngineHandlers): Promise<void>
  /** To another node: whole, and in order for each pair of nodes while both live. At most 655 359 UTF-16 code units. */
  send(node: NodeId, frame: string): void
  /** Whether so much waits for that node that only what is needed should still be sent to it. */
  isBackedUp(node: NodeId): boolean
  /**
   * Makes this node the home of a peer, unless a live one is.
   * @param from a node that was the home and is not any more.
   * @returns the home, which may be this node; `undefined` when nobody can be asked.
   */
  claim(peer: PeerId, from?: NodeId): Promise<NodeId | undefined>
  /** This node is no longer the home of the peer. */
  release(peer: PeerId): void
  /**
   * Takes a seat, unless `max` others are taken or the room's rules are against it. Whoever is in the room gets the same answer
   * again. The seat of a host says so.
   */
  enter(room: RoomId, seat: Seat, max: number, opening?: Opening): Promise<RoomSnapshot | NoSeat>
  /** Changes a seat of this node, and puts it again if the engine has lost it; not where another session has its place. */
  update(room: RoomId, seat: Seat, head?: RoomHead): void
  /** Gives a seat up; nothing happens when another session has it. */
  leave(room: RoomId, seat: SeatRef, reason?: RemoveReason): void
  /** Changes the rules of a room in which somebody is. */
  rule(room: RoomId, change: RuleChange): Promise<'done' | 'busy'>
  /** Makes the rules of a room what they were before the engine has lost them, unless its host has changed them since. */
  restore(room: RoomId, rules: RoomRules): Promise<'done' | 'busy'>
  read(room: RoomId): Promise<RoomSnapshot | 'busy'>
  /**
   * Does what has to be done for many sessions or rooms, and nobody waits for it: a few of these are under way at a time, with
   * changes of seats, so that everything else goes on. @throws what `act` throws.
   */
  later<T>(act: () => Promise<T>): Promise<T>
  /** Gives the lease up: others do not have to wait for its end. */
  close(): Promise<void>
}

const NODE_LENGTH = 6

/** The node that has welcomed a session: its id begins with it. */
export function homeOf(session: SessionId): NodeId {
  return session.slice(0, NODE_LENGTH)
}

/** @returns whether the text has the form of a {@link NodeId}. */
export function isNodeId(text: string): boolean {
  return /^[\w-]{6}$/.test(text)
}

/** @throws {TypeError} for what has not the form of a {@link NodeId}. */
export function checkNodeId(text: string): void {
  if (!isNodeId(text)) throw new TypeError('`node` must be 6 of A-Z a-z 0-9 _ -.')
}

/** How often a node renews its lease, and how long it is. A node without one is dead. */
export const BEAT_MS = 1_000
export const LEASE_MS = 3_000
/** Rooms outlive the nodes of all members by so much: as long as their sessions could have come back to those. */
export const RULES_MS = 120_000
