import { sha256 } from '@noble/hashes/sha2.js'
import type { PeerId, PeerInfo } from '@patchbay/protocol'
import { toBase64Url } from '../base64url.ts'
import type { ChannelUse } from '../mesh/index.ts'
import { createStore, type Store } from '../store.ts'
import { type Clock, systemClock } from '../transport/index.ts'
import { FileExchange, type FileExchangeHost } from './file-exchange.ts'
import type { FileStore, SourceFile, Transfer } from './transfer.ts'

/** What a share of files is made of. */
export interface FileShareOptions {
  /** This client's own peer id, once it is known. */
  readonly self: () => PeerId | undefined
  /** Where received files go; without one every offer is declined. */
  readonly store?: FileStore | undefined
  readonly clock?: Clock
}

/**
 * What is queued in a channel before sending waits, when files go to one peer and when they go to several: those compete for
 * the processor, and chat on the same connections is to wait for little. Chromium closes a channel that holds 16 MiB.
 */
const QUEUE_BYTES = { alone: 1_048_576, beside: 131_072 }
/** How often what changes all the time is shown, in milliseconds. */
const SHOW_EVERY_MS = 100

/** Files between this client and everyone else: a channel of its own on each connection of a mesh. */
export class FileShare implements ChannelUse, Store<readonly Transfer[]> {
  readonly label = 'files'
  readonly id = 1
  readonly #options: FileShareOptions
  readonly #host: FileExchangeHost
  readonly #exchanges = new Map<PeerId, FileExchange>()
  readonly #store = createStore<readonly Transfer[]>([])
  #showing = false

  constructor(options: FileShareOptions) {
    this.#options = options
    const clock = options.clock ?? systemClock
    this.#host = {
      clock,
      store: options.store,
      self: options.self,
      queueBytes: () => QUEUE_BYTES[this.#sendingPeers() > 1 ? 'beside' : 'alone'],
      changed: () => this.#changed(clock),
    }
  }

  readonly getSnapshot = (): readonly Transfer[] => this.#store.getSnapshot()
  readonly subscribe = (listener: () => void): (() => void) => this.#store.subscribe(listener)

  attach(peer: PeerInfo, channel: RTCDataChannel, cut: () => void): void {
    this.#exchangeWith(peer.id).attach(peer.instance, channel, cut)
  }

  detach(peer: PeerInfo, channel: RTCDataChannel): void {
    this.#exchangeWith(peer.id).detach(channel)
  }

  /** Offers a file to each of `peers`; whoever is not connected just now is asked when they are. */
  offer(file: SourceFile, peers: readonly PeerId[]): void {
    const id = idOf(file, this.#options.self())
    for (const peer of peers) this.#exchangeWith(peer).offer(id, file)
  }

  /** Says yes to an offer. */
  accept(transfer: Transfer): void {
    this.#exchangeWith(transfer.peer).accept(transfer.id)
  }

  /** Says no to an offer, or ends a transfer. */
  stop(transfer: Transfer): void {
    this.#exchangeWith(transfer.peer).stop(transfer.direction, transfer.id)
  }

  /**
   * Takes a transfer that is over off the list, and what was kept of it away. `saving`: a copy of it may be under way, which
   * would be cut short; it stays until the store is tidied.
   */
  dismiss(transfer: Transfer, { saving = false }: { readonly saving?: boolean } = {}): void {
    this.#exchangeWith(transfer.peer).dismiss(transfer.direction, transfer.id, { saving })
  }

  #exchangeWith(peer: PeerId): FileExchange {
    const known = this.#exchanges.get(peer)
    if (known !== undefined) return known
    const exchange = new FileExchange(peer, this.#host)
    this.#exchanges.set(peer, exchange)
    return exchange
  }

  #sendingPeers(): number {
    return [...this.#exchanges.values()].filter(({ sending }) => sending).length
  }

  #changed(clock: Clock): void {
    if (this.#showing) return
    this.#showing = true
    clock.after(SHOW_EVERY_MS, () => {
      this.#showing = false
      this.#store.set([...this.#exchanges.values()].flatMap((exchange) => exchange.transfers()))
    })
  }
}

/** The same file of the same person has the same id, so that it goes on when it is chosen again after a reload. */
function idOf({ name, size, lastModified }: SourceFile, self: PeerId | undefined): string {
  const hash = sha256(new TextEncoder().encode(JSON.stringify([self, name, size, lastModified])))
  return toBase64Url(hash.subarray(0, 17)).slice(0, 22)
}
