import type { PeerId, RemoveReason, RoomId, SessionId } from '@patchbay/protocol'
import { type NoSeat, type Opening, passDoor, type RuleChange, withChange } from '../engine/index.ts'
import type { LocalMember } from './member.ts'
import { Room } from './room.ts'

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
  enter(room: RoomId, member: LocalMember, opening: Opening): Room | NoSeat | Promise<Room | NoSeat>
  /** Changes who may come into a room, and who may stay. */
  rule(room: RoomId, change: RuleChange): 'done' | Promise<'done' | 'busy'>
  /** Tells the hosts of a room that somebody wants to come in, wherever they are. */
  knock(room: RoomId, frame: string): void
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

  enter(id: RoomId, member: LocalMember, { title, ...shown }: Opening): Room | NoSeat {
    const room = this.#rooms.get(id) ?? new Room(id, title)
    const { rules } = room
    const peer = member.info.id
    const door = { rules, hasSeat: room.of(peer) !== undefined, others: room.takenBeside(peer), max: this.#max }
    const passed = passDoor(door, member.info, shown)
    if ('refused' in passed) return passed.refused
    this.#rooms.set(id, room)
    if (passed.rules !== undefined && passed.rules !== rules) room.setRules(passed.rules, false)
    room.put(passed.isHost ? member.asHost() : member)
    return room
  }

  rule(id: RoomId, change: RuleChange): 'done' {
    const room = this.#rooms.get(id)
    if (room === undefined) return 'done'
    const rules = withChange(room.rules, change, () => Array.from(room.everyone(), ({ info }) => info.id))
    if (rules === room.rules) return 'done'
    room.setRules(rules, true)
    this.#forgetIfEmpty(room)
    return 'done'
  }

  knock(id: RoomId, frame: string): void {
    this.#rooms.get(id)?.knock(frame)
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
    this.#forgetIfEmpty(room)
  }

  #forgetIfEmpty({ id, members, kept }: Room): void {
    if (members.size + kept.size === 0) this.#rooms.delete(id)
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
