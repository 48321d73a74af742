import { sha256 } from '@noble/hashes/sha2.js'
import { MAX_CHUNK_BYTES, MAX_FILE_BYTES, type PeerId } from '@patchbay/protocol'
import { toBase64Url } from '../base64url.ts'
import { type Feature, type LinkFeature, type LinkPort, openFileChannel } from '../mesh/index.ts'
import { InvalidFieldError } from '../signaling/index.ts'
import { createStore, type Store } from '../store.ts'
import { type Clock, systemClock } from '../transport/index.ts'
import { FileExchange } from './file-exchange.ts'
import type { FileExchangeHost, OpenedFileChannel } from './file-exchange-host.ts'
import type { FileStore, SourceFile, Transfer } from './transfer.ts'
import { keepUnchanged } from './transfer-list.ts'

/** Options of a file share. */
export interface FileShareOptions {
  /** This client's own peer id, once it is known. */
  readonly self: () => PeerId | undefined
  /** Where received files go; without one every offer is declined. */
  readonly store?: FileStore | undefined
  readonly clock?: Clock
}

/**
 * Bytes queued on a channel before sending pauses, when files go to one peer and when they go to several: several
 * transfers compete for the CPU, and chat on the same connections must not be delayed. Chromium closes a channel with
 * 16 MiB queued.
 */
const QUEUE_BYTES = { alone: 1_048_576, beside: 131_072 }
/** How often the snapshot is updated during transfers, in milliseconds. */
const SHOW_EVERY_MS = 100
/** Offers of someone who has been gone for this long are taken off the list. A page that is reloaded is back sooner. */
const FORGET_OFFERS_MS = 30_000

/** Files between this client and all peers, over a separate channel on each connection of a mesh. */
export class FileShare implements Feature<never>, Store<readonly Transfer[]> {
  readonly name = 'files'
  readonly handles = [] as const
  readonly #options: FileShareOptions
  readonly #clock: Clock
  readonly #host: FileExchangeHost
  readonly #exchanges = new Map<PeerId, FileExchange>()
  readonly #store = createStore<readonly Transfer[]>([])
  /** Ids of the files that were offered: two that differ only in their contents have two. */
  readonly #ids = new WeakMap<SourceFile, string>()
  readonly #taken = new Set<string>()
  /** How many files each peer was offered. A receiver that has declined one knows the offer again by its number. */
  readonly #streams = new Map<PeerId, number>()
  #showing = false

  constructor(options: FileShareOptions) {
    this.#options = options
    const clock = options.clock ?? systemClock
    this.#clock = clock
    this.#host = {
      clock,
      store: options.store,
      chunk: new Uint8Array(MAX_CHUNK_BYTES),
      self: options.self,
      queueBytes: () => QUEUE_BYTES[this.#sendingPeers() > 1 ? 'beside' : 'alone'],
      nextStream: (peer) => {
        const stream = (this.#streams.get(peer) ?? 0) + 1
        this.#streams.set(peer, stream)
        return stream
      },
      changed: () => this.#changed(),
    }
  }

  readonly getSnapshot = (): readonly Transfer[] => this.#store.getSnapshot()
  readonly subscribe = (listener: () => void): (() => void) => this.#store.subscribe(listener)

  /** @param opened the link's channel, if it was made before, and what came on it meanwhile. */
  attach(
    port: LinkPort,
    opened: OpenedFileChannel = { channel: openFileChannel(port.connection) },
  ): LinkFeature<never> {
    const { id } = port.peer
    const { channel } = opened
    this.#exchangeWith(id).attach(port.peer, opened, port)
    return { closed: () => this.#detach(id, channel) }
  }

  /**
   * Offers a file to each of `peers`; peers that are not connected get the offer when they connect. The same object is the
   * same file; another one is another file, even of the same name, size and time.
   * @throws {InvalidFieldError} for a size that is no whole number of bytes up to `MAX_FILE_BYTES`, or a name or type that is not text.
   */
  offer(file: SourceFile, peers: readonly PeerId[]): void {
    requireUsable(file)
    const id = this.#idOf(file)
    const at = Date.now()
    for (const peer of peers) this.#exchangeWith(peer).offer(id, file, at)
  }

  /** Accepts an offer, unless its sender has replaced it with another one under the same id since. */
  accept(transfer: Transfer): void {
    this.#exchangeWith(transfer.peer).accept(transfer)
  }

  /** Declines an offer, or cancels a transfer. */
  stop(transfer: Transfer): void {
    this.#exchangeWith(transfer.peer).stop(transfer.direction, transfer.id)
  }

  /**
   * Removes a finished or stopped transfer from the list and deletes its data. `saving`: the data stays until the store
   * is tidied, because a download of it may be in progress.
   */
  dismiss(transfer: Transfer, { saving = false }: { readonly saving?: boolean } = {}): void {
    this.#exchanges.get(transfer.peer)?.dismiss(transfer.direction, transfer.id, { saving })
    this.#forget(transfer.peer)
  }

  /** Peers of whom anything is kept. */
  get peers(): number {
    return this.#exchanges.size
  }

  #detach(peer: PeerId, channel: RTCDataChannel): void {
    const exchange = this.#exchanges.get(peer)
    exchange?.detach(channel)
    this.#forget(peer)
    if (exchange?.hasOffers !== true) return
    this.#clock.after(FORGET_OFFERS_MS, () => {
      if (exchange.isConnected) return
      exchange.forgetOffers()
      this.#forget(peer)
    })
  }

  /** Lets go of what is kept for a peer that is gone and has no file in the list. */
  #forget(peer: PeerId): void {
    if (this.#exchanges.get(peer)?.isEmpty === true) this.#exchanges.delete(peer)
  }

  #exchangeWith(peer: PeerId): FileExchange {
    const known = this.#exchanges.get(peer)
    if (known !== undefined) return known
    const exchange = new FileExchange(peer, this.#host)
    this.#exchanges.set(peer, exchange)
    return exchange
  }

  /** The first file of a name, size and time gets the same id after a reload, so choosing it again resumes the transfer. */
  #idOf(file: SourceFile): string {
    const known = this.#ids.get(file)
    if (known !== undefined) return known
    const { name, size, lastModified } = file
    const about: unknown[] = [this.#options.self(), name, size, lastModified]
    let id = idFrom(about)
    for (let copy = 1; this.#taken.has(id); copy += 1) id = idFrom([...about, copy])
    this.#ids.set(file, id)
    this.#taken.add(id)
    return id
  }

  #sendingPeers(): number {
    return [...this.#exchanges.values()].filter(({ sending }) => sending).length
  }

  #changed(): void {
    if (this.#showing) return
    this.#showing = true
    this.#clock.after(SHOW_EVERY_MS, () => {
      this.#showing = false
      const transfers = [...this.#exchanges.values()].flatMap((exchange) => exchange.transfers())
      this.#store.set(keepUnchanged(this.#store.getSnapshot(), transfers))
    })
  }
}

/** @throws {InvalidFieldError} for what the receivers would take for a broken protocol. */
function requireUsable({ name, size, type }: Readonly<Record<'name' | 'size' | 'type', unknown>>): void {
  if (typeof name !== 'string') throw new InvalidFieldError('name', 'a text')
  if (typeof type !== 'string') throw new InvalidFieldError('type', 'a text')
  if (!Number.isSafeInteger(size) || Number(size) < 0 || Number(size) > MAX_FILE_BYTES)
    throw new InvalidFieldError('size', `a whole number from 0 to ${MAX_FILE_BYTES}`)
}

function idFrom(about: readonly unknown[]): string {
  const hash = sha256(new TextEncoder().encode(JSON.stringify(about)))
  return toBase64Url(hash.subarray(0, 17)).slice(0, 22)
}
