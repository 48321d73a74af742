import type { RoomId } from '@patchbay/protocol'
import { type Engine, homeOf, type RoomDelta } from '../engine/index.ts'

/**
 * A node that has no member in a room is told of a change there as long as the store has a seat of it: the seat is ending, or the
 * store has lost its end and shows somebody who is gone. Such seats are given up.
 * @param isFollowed whether the node has a member there after all.
 */
export function giveUpLeftOvers(engine: Engine, id: RoomId, delta: RoomDelta, isFollowed: () => boolean): void {
  // The first change is told to all nodes, and so is a doubt.
  if (delta.type === 'unknown' || delta.offset === 1) return
  const by = delta.type === 'put' ? delta.seat.node : delta.type === 'remove' ? homeOf(delta.session) : undefined
  if (by === engine.node) return
  void engine
    .later(() => engine.read(id))
    .then((snapshot) => {
      if (snapshot === 'busy' || isFollowed()) return
      for (const seat of snapshot.seats)
        if (seat.node === engine.node && seat.state !== 'moving') engine.leave(id, seat)
    })
}
