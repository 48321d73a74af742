import type { FileShare, SourceFile, Transfer } from '@patchbay/core/files'
import { type Feature, type LinkFeature, type LinkPort, openFileChannel } from '@patchbay/core/mesh'
import { createStore, type Store } from '@patchbay/core/store'
import type { PeerId } from '@patchbay/protocol'
import type { RoomShare, RoomShareOptions } from './room-share.ts'

/** What a peer may send before the code is there: a few offers. */
const MAX_EARLY = { messages: 256, bytes: 262_144 }
/** Heartbeats between two attempts to fetch the code while something waits for it. */
const RETRY_BEATS = 5

/**
 * Files between this client and the others: a `FileShare` whose code is fetched when there is someone to share with. The
 * snapshot lists all transfers.
 */
export class RoomFiles implements Feature<never>, Store<readonly Transfer[]> {
  readonly name = 'files'
  readonly handles = [] as const
  readonly #load: () => Promise<RoomShare>
  readonly #store = createStore<readonly Transfer[]>([])
  /** Links that were made before the code was there. */
  readonly #early = new Set<EarlyFiles>()
  #loading: Promise<RoomShare> | undefined
  #share: RoomShare | undefined

  constructor(options: RoomShareOptions) {
    this.#load = async () => {
      const { RoomShare: Share } = await import('./room-share.ts')
      return new Share(options)
    }
  }

  readonly getSnapshot = (): readonly Transfer[] => this.#store.getSnapshot()
  readonly subscribe = (listener: () => void): (() => void) => this.#store.subscribe(listener)

  /**
   * Offers a file to everyone in the room, or to `peers`; those that are not connected get the offer when they are, and those who
   * have not shown the room's key once they have. While the room is being entered, this waits until it is known who is there.
   * @throws {InvalidFieldError} for a size, name or type that cannot be: see `FileShare.offer`.
   * @throws {OutsideRoomError} when the room was left, or this client was not let in.
   */
  async offer(file: SourceFile, peers?: readonly PeerId[]): Promise<void> {
    const share = await this.#loaded()
    await share.offerInside(file, peers)
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
    if (share !== undefined) return share.attach(port)
    const early = new EarlyFiles(port, {
      load: () => void this.#loaded().catch(() => {}),
      closed: () => this.#early.delete(early),
    })
    this.#early.add(early)
    return early
  }

  async #loaded(): Promise<RoomShare> {
    this.#loading ??= this.#load()
    try {
      const share = await this.#loading
      if (this.#share === undefined) {
        this.#share = share
        share.subscribe(() => this.#store.set(share.getSnapshot()))
        for (const early of this.#early) early.begin(share)
        this.#early.clear()
      }
      return share
    } catch (error) {
      // The next use tries again.
      this.#loading = undefined
      throw error
    }
  }
}

/** What the files of a link without the code tell those of the room. */
interface EarlyFilesHost {
  /** There is something to do: the code is needed. */
  load(): void
  closed(): void
}

/** The files of a link that was made before the code was there. What the peer sends meanwhile is kept. */
class EarlyFiles implements LinkFeature<never> {
  readonly #port: LinkPort
  readonly #host: EarlyFilesHost
  readonly #channel: RTCDataChannel
  readonly #early: unknown[] = []
  #bytes = 0
  #beats = 0
  #files: LinkFeature<never> | undefined
  readonly #keep = ({ data }: MessageEvent<unknown>) => {
    this.#early.push(data)
    this.#bytes += typeof data === 'string' ? data.length : (data as ArrayBuffer).byteLength
    if (this.#early.length > MAX_EARLY.messages || this.#bytes > MAX_EARLY.bytes) return this.#port.cut()
    this.#host.load()
  }

  constructor(port: LinkPort, host: EarlyFilesHost) {
    this.#port = port
    this.#host = host
    this.#channel = openFileChannel(port.connection)
    this.#channel.addEventListener('message', this.#keep)
  }

  opened(): void {
    this.#host.load()
  }

  beat(): void {
    if (this.#files !== undefined || this.#early.length === 0) return
    this.#beats += 1
    if (this.#beats % RETRY_BEATS === 0) this.#host.load()
  }

  closed(): void {
    this.#channel.removeEventListener('message', this.#keep)
    this.#host.closed()
    this.#files?.closed?.()
  }

  /** The code is there. */
  begin(share: FileShare): void {
    this.#channel.removeEventListener('message', this.#keep)
    this.#files = share.attach(this.#port, { channel: this.#channel, early: this.#early })
  }
}
