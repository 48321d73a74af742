import type { PeerId, PeerInfo, RoomId } from '@patchbay/protocol'

/** A member of a room, wherever its session lives. */
export interface Member {
  readonly info: PeerInfo
  /** Sends one relayed frame to the member, now or when it is back. @returns `false` when too much waits for it already. */
  relay(frame: string): boolean
  /** Tells the member of a change in a room; one that is far behind gets the whole roster instead, once it has caught up. */
  notify(room: RoomId, frame: string): void
}

/** One room: its members by id. */
export interface Room {
  readonly id: RoomId
  readonly title: string | undefined
  readonly members: ReadonlyMap<PeerId, Member>
}

/** Who is in which room of this process. */
export interface Directory {
  find(room: RoomId): Room | undefined
  /** Adds or updates a member, and creates the room for the first one. */
  put(room: RoomId, member: Member, title: string | undefined): Room
  /** Removes a member, and an empty room. @returns the room afterwards, or `undefined` if the member was not in it. */
  remove(room: RoomId, peer: PeerId): Room | undefined
  /** Number of rooms with at least one member. */
  readonly size: number
}

interface LocalRoom extends Room {
  readonly members: Map<PeerId, Member>
}

/** The directory of a single node: rooms in this process's memory. */
export function createLocalDirectory(): Directory {
  const rooms = new Map<RoomId, LocalRoom>()
  return {
    find: (room) => rooms.get(room),
    put(id, member, title) {
      const room = rooms.get(id) ?? { id, title, members: new Map<PeerId, Member>() }
      rooms.set(id, room)
      room.members.set(member.info.id, member)
      return room
    },
    remove(id, peer) {
      const room = rooms.get(id)
      if (room === undefined || !room.members.delete(peer)) return undefined
      if (room.members.size === 0) rooms.delete(id)
      return room
    },
    get size() {
      return rooms.size
    },
  }
}
