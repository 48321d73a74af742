import type { PeerId, RoomId } from '@patchbay/protocol'

/** Places of members that were lost and may come back: nobody else gets them while their session lives. */
export class Reservations {
  readonly #rooms = new Map<RoomId, Set<PeerId>>()

  add(room: RoomId, peer: PeerId): void {
    const peers = this.#rooms.get(room) ?? new Set<PeerId>()
    this.#rooms.set(room, peers.add(peer))
  }

  remove(room: RoomId, peer: PeerId): void {
    const peers = this.#rooms.get(room)
    if (peers?.delete(peer) === true && peers.size === 0) this.#rooms.delete(room)
  }

  count(room: RoomId): number {
    return this.#rooms.get(room)?.size ?? 0
  }
}
