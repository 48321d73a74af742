import type { FileShare, FileShareOptions, SourceFile, Transfer } from '@patchbay/core/files'
import { type Feature, type LinkFeature, type LinkPort, openFileChannel } from '@patchbay/core/mesh'
import { createStore, type Store } from '@patchbay/core/store'
import type { PeerId } from '@patchbay/protocol'

/** What a peer may send before the code is there: a few offers. */
const MAX_EARLY = { messages: 256, bytes: 262_144 }

/** What files need from their room. */
export interface RoomFilesOptions extends Omit<FileShareOptions, 'store'> {
  /** Where received files go; asked for with the code. */
  readonly store: () => FileShareOptions['store']
  /** Everyone in the room. */
  readonly peers: () => readonly PeerId[]
}

/**
 * Files between this client and the others: a `FileShare` whose code is fetched when there is someone to share with. The
 * snapshot lists all transfers.
 */
export class RoomFiles implements Feature<never>, Store<readonly Transfer[]> {
  readonly name = 'files'
  readonly handles = [] as const
  readonly #load: () => Promise<FileShare>
  readonly #peers: RoomFilesOptions['peers']
  readonly #store = createStore<readonly Transfer[]>([])
  #loading: Promise<FileShare> | undefined
  #share: FileShare | undefined

  constructor({ peers, store, ...options }: RoomFilesOptions) {
    this.#peers = peers
    this.#load = async () => {
      const { FileShare: Share } = await import('@patchbay/core/files')
      return new Share({ ...options, store: store() })
    }
  }

  readonly getSnapshot = (): readonly Transfer[] => this.#store.getSnapshot()
  readonly subscribe = (listener: () => void): (() => void) => this.#store.subscribe(listener)

  /**
   * Offers a file to everyone in the room, or to `peers`; those that are not connected get the offer when they are.
   * @throws {InvalidFieldError} for a size, name or type that cannot be: see `FileShare.offer`.
   */
  async offer(file: SourceFile, peers: readonly PeerId[] = this.#peers()): Promise<void> {
    const share = await this.#loaded()
    share.offer(file, peers)
  }

  /** Accepts an offer. */
  accept(transfer: Transfer): void {
    this.#share?.accept(transfer)
  }

  /** Declines an offer, or cancels a transfer. */
  stop(transfer: Transfer): void {
    this.#share?.stop(transfer)
  }

  /** Takes a finished or stopped transfer off the list; see `FileShare.dismiss`. */
  dismiss(transfer: Transfer, how?: { readonly saving?: boolean }): void {
    this.#share?.dismiss(transfer, how)
  }

  attach(port: LinkPort): LinkFeature<never> {
    const share = this.#share
    return share === undefined ? new EarlyFiles(port, () => this.#loaded()) : share.attach(port)
  }

  async #loaded(): Promise<FileShare> {
    this.#loading ??= this.#load()
    try {
      const share = await this.#loading
      if (this.#share === undefined) {
        this.#share = share
        share.subscribe(() => this.#store.set(share.getSnapshot()))
      }
      return share
    } catch (error) {
      // The next use tries again.
      this.#loading = undefined
      throw error
    }
  }
}

/** The files of a link that was made before the code was there. What the peer sends meanwhile is kept. */
class EarlyFiles implements LinkFeature<never> {
  readonly #port: LinkPort
  readonly #loaded: () => Promise<FileShare>
  readonly #channel: RTCDataChannel
  readonly #early: unknown[] = []
  #bytes = 0
  #files: LinkFeature<never> | undefined
  #isClosed = false
  readonly #keep = ({ data }: MessageEvent<unknown>) => {
    this.#early.push(data)
    this.#bytes += typeof data === 'string' ? data.length : (data as ArrayBuffer).byteLength
    if (this.#early.length > MAX_EARLY.messages || this.#bytes > MAX_EARLY.bytes) return this.#port.cut()
    void this.#begin()
  }

  constructor(port: LinkPort, loaded: () => Promise<FileShare>) {
    this.#port = port
    this.#loaded = loaded
    this.#channel = openFileChannel(port.connection)
    this.#channel.addEventListener('message', this.#keep)
  }

  opened(): void {
    void this.#begin()
  }

  closed(): void {
    this.#isClosed = true
    this.#channel.removeEventListener('message', this.#keep)
    this.#files?.closed?.()
  }

  async #begin(): Promise<void> {
    const share = await this.#loaded().catch(() => undefined)
    if (share === undefined || this.#isClosed || this.#files !== undefined) return
    this.#channel.removeEventListener('message', this.#keep)
    this.#files = share.attach(this.#port, { channel: this.#channel, early: this.#early })
  }
}
