import { FileShare, type FileShareOptions, type SourceFile } from '@patchbay/core/files'
import { awaitEntry, type RosterState } from '@patchbay/core/signaling'
import type { Store } from '@patchbay/core/store'
import type { PeerId } from '@patchbay/protocol'

/** What files need from their room. */
export interface RoomShareOptions extends FileShareOptions {
  /** Everyone in the room. */
  readonly peers: () => readonly PeerId[]
  readonly membership: () => Store<RosterState>
}

/** Nobody would get it: this client has left the room, or was not let in. */
export class OutsideRoomError extends Error {
  override readonly name: string = 'OutsideRoomError'

  constructor() {
    super('This client has left the room, or was not let in; join it anew.')
  }
}

/** The files of a room: what is loaded when there is someone to share with. */
export class RoomShare extends FileShare {
  readonly #room: RoomShareOptions

  constructor(options: RoomShareOptions) {
    super(options)
    this.#room = options
  }

  /** See `RoomFiles.offer`. */
  async offerInside(file: SourceFile, peers?: readonly PeerId[]): Promise<void> {
    const status = await awaitEntry(this.#room.membership())
    const to = peers ?? this.#room.peers()
    // Whoever is refused while in a call is still connected to the others.
    if (status === 'left' || (status === 'refused' && this.#room.peers().length === 0)) throw new OutsideRoomError()
    this.offer(file, to)
  }
}
