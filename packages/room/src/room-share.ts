import { FileShare, type FileShareOptions, type SourceFile } from '@patchbay/core/files'
import { hasShownKey, type PeerView } from '@patchbay/core/mesh'
import { awaitEntry, type RosterState } from '@patchbay/core/signaling'
import type { Store } from '@patchbay/core/store'
import type { PeerId } from '@patchbay/protocol'
import { browserFileStore } from './browser-file-store.ts'

/** What files need from their room. */
export interface RoomShareOptions extends FileShareOptions {
  /** Everyone else in the room. */
  readonly peers: () => Store<readonly PeerView[]>
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

  /** @param options without a store, received files go where the browser keeps them; outside of one they are declined. */
  constructor(options: RoomShareOptions) {
    const store = options.store ?? (typeof window === 'undefined' ? undefined : browserFileStore())
    super({ ...options, store })
    this.#room = options
  }

  /** See `RoomFiles.offer`. */
  async offerInside(file: SourceFile, peers?: readonly PeerId[]): Promise<void> {
    const status = await awaitEntry(this.#room.membership())
    const there = this.#room.peers().getSnapshot()
    const proven = there.filter(hasShownKey).map(idOf)
    // Whoever is refused while in a call is still connected to the others.
    if (status === 'left' || (status === 'refused' && proven.length === 0)) throw new OutsideRoomError()
    this.offer(file, peers ?? proven)
    if (peers === undefined) this.#offerLater(file, new Set(there.map(idOf).filter((id) => !proven.includes(id))))
  }

  /** Offers a file to each of those who have not shown the key of the room, once they have. */
  #offerLater(file: SourceFile, waiting: Set<PeerId>): void {
    if (waiting.size === 0) return
    const peers = this.#room.peers()
    const stop = peers.subscribe(() => {
      const views = new Map(peers.getSnapshot().map((view) => [view.info.id, view]))
      for (const id of waiting) {
        const view = views.get(id)
        // One that is not there for a moment may be back.
        if (view === undefined || !hasShownKey(view)) continue
        waiting.delete(id)
        this.offer(file, [id])
      }
      if (waiting.size === 0) stop()
    })
  }
}

const idOf = ({ info }: PeerView) => info.id
