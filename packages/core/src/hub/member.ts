import type { PeerInfo, RoomId, SessionId } from '@patchbay/protocol'
import { asHost, type NodeId, type Seat } from '../engine/index.ts'

/** A member of a room, wherever its session lives. */
export interface Member extends Seat {
  /** Its `info` as JSON: written once for every message that shows it. */
  readonly infoJson: string
  /** Sends one relayed frame to the member, now or when it is back. @returns `false` when too much waits for it already. */
  relay(frame: string): boolean
  /** Tells the member of a change in a room; one that is far behind gets the whole roster instead, once it has caught up. */
  notify(room: RoomId, frame: string): void
  /** Tells the member, a host, that somebody wants to come in. */
  knock(frame: string): void
  /** A host has taken its seat away. */
  removed(room: RoomId): void
  /** The room has another host. */
  ruled(room: RoomId): void
}

/** The session in a seat of this node. */
interface Occupant {
  takeRelayed(frame: string): boolean
  takeNotice(room: RoomId, frame: string): void
  takeKnock(frame: string): void
  removed(room: RoomId): void
  ruled(room: RoomId): void
  /** Another session of the peer, on another node, has its place. */
  endStale(): void
}

class TakenSeat implements Seat {
  readonly node: NodeId
  readonly session: SessionId
  readonly info: PeerInfo
  readonly state: Seat['state']
  #infoJson: string | undefined

  constructor({ node, session, info, state }: Seat) {
    this.node = node
    this.session = session
    this.info = info
    this.state = state
  }

  get infoJson(): string {
    return (this.#infoJson ??= JSON.stringify(this.info))
  }
}

/** A member whose session is on this node. */
export class LocalMember extends TakenSeat implements Member {
  readonly #occupant: Occupant

  constructor(seat: Seat, occupant: Occupant) {
    super(seat)
    this.#occupant = occupant
  }

  relay(frame: string): boolean {
    return this.#occupant.takeRelayed(frame)
  }

  notify(room: RoomId, frame: string): void {
    this.#occupant.takeNotice(room, frame)
  }

  knock(frame: string): void {
    this.#occupant.takeKnock(frame)
  }

  removed(room: RoomId): void {
    this.#occupant.removed(room)
  }

  ruled(room: RoomId): void {
    this.#occupant.ruled(room)
  }

  /** Another session of the peer, on another node, has its place. */
  replaced(): void {
    this.#occupant.endStale()
  }

  /** The same member as a host. */
  asHost(): LocalMember {
    return new LocalMember(asHost(this), this.#occupant)
  }
}

/** A member whose session is on another node. */
export class RemoteMember extends TakenSeat implements Member {
  readonly #pass: (seat: Seat, frame: string) => boolean

  constructor(seat: Seat, pass: (seat: Seat, frame: string) => boolean) {
    super(seat)
    this.#pass = pass
  }

  /** Whether too much waits for the member, its own node says. */
  relay(frame: string): boolean {
    return this.#pass(this, frame)
  }

  knock(frame: string): void {
    this.#pass(this, frame)
  }

  /** Its own node tells it. */
  notify(): void {}

  /** Its own node tells it. */
  removed(): void {}

  /** Its own node tells it. */
  ruled(): void {}
}

/** @returns the seat alone: what the engine keeps. */
export function seatOf({ node, session, info, state }: Seat): Seat {
  return { node, session, info, state }
}
