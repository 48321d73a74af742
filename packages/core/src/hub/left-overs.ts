import type { RoomId } from '@patchbay/protocol'
import { type Engine, homeOf, LEASE_MS, type NodeId, type RoomDelta } from '../engine/index.ts'
import type { Clock } from '../transport/index.ts'
import { LocalMember, seatOf } from './member.ts'
import type { Replica } from './replica.ts'

/**
 * A node that has no member in a room is told of a change there as long as the store has a seat of it: the seat is ending, or the
 * store has lost its end and shows somebody who is gone. Such seats are given up.
 * @param looking rooms that wait to be read. @param isFollowed whether the node has a member there after all.
 */
export function giveUpLeftOvers(
  engine: Engine,
  id: RoomId,
  delta: RoomDelta,
  looking: Set<RoomId>,
  isFollowed: () => boolean,
): void {
  // The first change is told to all nodes, and so is a doubt.
  if (delta.type === 'unknown' || delta.offset === 1) return
  const by = delta.type === 'put' ? delta.seat.node : delta.type === 'remove' ? homeOf(delta.session) : undefined
  if (by === engine.node || looking.has(id)) return
  looking.add(id)
  void engine
    .later(() => {
      // What happens from now on is looked at again.
      looking.delete(id)
      return engine.read(id)
    })
    .then((snapshot) => {
      if (snapshot === 'busy' || isFollowed()) return
      for (const seat of snapshot.seats)
        if (seat.node === engine.node && seat.state !== 'moving') engine.leave(id, seat)
    })
}

/** Whether the store has lost changes of a room that this node had heard of: its own next change has a number that was given before. */
export function hasSteppedBack({ epoch, offset, isReady }: Replica, delta: RoomDelta, node: NodeId): boolean {
  const isOwn = delta.type === 'put' && delta.seat.node === node
  return isOwn && isReady && delta.epoch === epoch && delta.offset <= offset
}

/** Puts a seat of this node again once every node hears of it: whoever has seats there that have ended looks then. */
export function putOneLater(replica: Replica, engine: Engine, clock: Clock): void {
  replica.stopPut?.()
  replica.stopPut = clock.after(LEASE_MS, () => {
    const own = [...replica.room.everyone()].find((member) => member instanceof LocalMember)
    if (own !== undefined) engine.update(replica.room.id, seatOf(own), replica.room)
  })
}
