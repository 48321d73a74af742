import type { PeerId, RemoveReason, RoomId, SessionId } from '@patchbay/protocol'
import type { LocalMember } from './member.ts'
import { Room } from './room.ts'

/** Why nobody could enter: there is no place, or what the nodes share cannot be reached at the moment. */
export type NoEntry = 'full' | 'busy'

/** A room as somebody sees it who is not in it. */
export interface RoomView {
  readonly title?: string
  /** Of the members, as they gave them. */
  readonly names: readonly string[]
}

/** Who is in which room, as far as this node has to know: the rooms in which its own sessions have seats. */
export interface Rooms {
  find(room: RoomId): Room | undefined
  /** Who is in a room, whether or not anybody of this node is; `undefined` when nobody is. */
  look(room: RoomId): RoomView | undefined | Promise<RoomView | undefined | 'busy'>
  /** Puts a member in, whether it is new, or was lost and has its place still. The room is created for the first one. */
  enter(room: RoomId, member: LocalMember, title: string | undefined): Room | NoEntry | Promise<Room | NoEntry>
  /** A member is different. */
  update(room: RoomId, member: LocalMember): void
  /** A member is lost and may come back. */
  keep(room: RoomId, member: LocalMember): void
  /**
   * A session gives its seat up.
   * @param reason told to the others; `moving`: it is expected at another node, or at this one after a restart.
   */
  leave(room: RoomId, peer: PeerId, session: SessionId, reason: RemoveReason | 'moving'): void
  /** Number of rooms with at least one member. */
  readonly size: number
}

/** The rooms of a hub that is alone. */
export class OwnRooms implements Rooms {
  readonly #max: number
  readonly #rooms = new Map<RoomId, Room>()

  /** @param max most members of one room, those included whose place is kept. */
  constructor(max: number) {
    this.#max = max
  }

  get size(): number {
    let size = 0
    for (const { members } of this.#rooms.values()) if (members.size > 0) size += 1
    return size
  }

  find(id: RoomId): Room | undefined {
    return this.#rooms.get(id)
  }

  look(id: RoomId): RoomView | undefined {
    const room = this.#rooms.get(id)
    return room && viewOf(room.title, room.members.values())
  }

  enter(id: RoomId, member: LocalMember, title: string | undefined): Room | NoEntry {
    const room = this.#rooms.get(id) ?? new Room(id, title)
    if (room.takenBeside(member.info.id) >= this.#max) return 'full'
    this.#rooms.set(id, room)
    room.put(member)
    return room
  }

  update(id: RoomId, member: LocalMember): void {
    this.#rooms.get(id)?.put(member)
  }

  keep(id: RoomId, member: LocalMember): void {
    this.#rooms.get(id)?.keep(member)
  }

  leave(id: RoomId, peer: PeerId, session: SessionId, reason: RemoveReason | 'moving'): void {
    const room = this.#rooms.get(id)
    if (room === undefined) return
    // Whoever moves comes back: nobody is told.
    room.remove(peer, session, reason === 'moving' ? undefined : reason)
    if (room.members.size + room.kept.size === 0) this.#rooms.delete(id)
  }
}

/** @returns `undefined` when nobody is there. */
export function viewOf(
  title: string | undefined,
  members: Iterable<{ readonly info: { readonly name: string } }>,
): RoomView | undefined {
  const names = Array.from(members, ({ info }) => info.name)
  return names.length === 0 ? undefined : { ...(title !== undefined && { title }), names }
}
