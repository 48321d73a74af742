import type { PeerInfo, RoomId } from '@patchbay/protocol'
import type { Member } from './directory.ts'

/** The session in a seat. */
interface Occupant {
  takeRelayed(frame: string): boolean
  takeNotice(room: RoomId, frame: string): void
}

/** A participant in one room. */
export class Seat implements Member {
  readonly info: PeerInfo
  readonly #occupant: Occupant

  constructor(info: PeerInfo, occupant: Occupant) {
    this.info = info
    this.#occupant = occupant
  }

  relay(frame: string): boolean {
    return this.#occupant.takeRelayed(frame)
  }

  notify(room: RoomId, frame: string): void {
    this.#occupant.takeNotice(room, frame)
  }
}
