import {
  decodeFileMessage,
  encode,
  type FileMessage,
  type PeerInfo,
  type PeerId,
  ProtocolError,
} from '@patchbay/protocol'
import { TokenBucket } from '../token-bucket.ts'
import { trySend } from '../try-send.ts'
import { unpackChunk } from './chunk.ts'
import type { FileExchangeHost, FileLink, OpenedFileChannel } from './file-exchange-host.ts'
import { cleanFileName } from './file-name.ts'
import { FilePump } from './file-pump.ts'
import { IncomingFiles } from './incoming-files.ts'
import { OfferQueue } from './offer-queue.ts'
import { OutgoingFile } from './outgoing-file.ts'
import type { SourceFile, Transfer } from './transfer.ts'
import { listTransfers } from './transfer-list.ts'

/** What one peer may send: texts, of which a fast transfer needs a few per MiB, and chunks, nearly all of them of 64 KiB. */
const RATES = { texts: { perSecond: 1_000, burst: 2_000 }, chunks: { perSecond: 8_000, burst: 8_000 } }

/** All files between this client and one peer, over successive connections. */
export class FileExchange {
  readonly #peer: PeerId
  readonly #host: FileExchangeHost
  readonly #outgoing = new Map<string, OutgoingFile>()
  readonly #incoming: IncomingFiles
  #channel: RTCDataChannel | undefined
  #takesFiles = true
  #link: FileLink = { passes: false, cut: () => {} }
  readonly #texts: TokenBucket
  readonly #chunks: TokenBucket
  readonly #pump: FilePump
  readonly #offers = new OfferQueue(this.#outgoing, (message) => this.#send(message))

  constructor(peer: PeerId, host: FileExchangeHost) {
    this.#peer = peer
    this.#host = host
    this.#texts = new TokenBucket(RATES.texts, host.clock.now())
    this.#chunks = new TokenBucket(RATES.chunks, host.clock.now())
    this.#incoming = new IncomingFiles(peer, {
      share: host,
      isConnected: () => this.isConnected,
      link: () => this.#link,
      send: (message) => void this.#send(message),
      reject: () => this.#reject(),
    })
    this.#pump = new FilePump({
      queueBytes: () => host.queueBytes(),
      chunk: host.chunk,
      channel: () => this.#channel,
      files: () => this.#outgoing.values(),
      send: (message) => this.#send(message),
      failed: () => this.#freed(),
    })
  }

  /** Starts using a new connection's channel. */
  attach({ instance, capabilities }: PeerInfo, { channel, early }: OpenedFileChannel, link: FileLink): void {
    this.#pause()
    this.#takesFiles = capabilities.files
    if (!capabilities.files) for (const outgoing of this.#outgoing.values()) outgoing.stop('unsupported', false)
    this.#channel = channel
    this.#link = link
    this.#incoming.attach(instance)
    // Each file gets a new stream number when it is offered again.
    this.#offers.attach(instance)
    const on = (type: string, act: () => void) =>
      channel.addEventListener(type, () => this.#channel === channel && act())
    on('open', () => this.#offers.repeat())
    on('close', () => this.#pause())
    on('bufferedamountlow', () => this.#pump.start())
    channel.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      if (this.#channel === channel) this.#receive(data)
    })
    if (early !== undefined && channel.readyState === 'open') this.#offers.repeat()
    for (const data of early ?? []) this.#receive(data)
  }

  /** The connection of this channel has ended. */
  detach(channel: RTCDataChannel): void {
    if (this.#channel === channel) this.#pause()
  }

  /** Offers a file, unless it is already being offered or sent. @param at wall clock, milliseconds since 1970. */
  offer(id: string, file: SourceFile, at: number): void {
    if (this.#outgoing.get(id)?.over === false) return
    const outgoing = new OutgoingFile(id, file, cleanFileName(file.name), this.#host.nextStream(this.#peer), at)
    this.#outgoing.set(id, outgoing)
    if (this.#takesFiles) this.#offers.advance()
    else outgoing.stop('unsupported', false)
    this.#host.changed()
  }

  /** Accepts an offer, if it is still the one that was shown. */
  accept(shown: Transfer): void {
    this.#incoming.accept(shown)
  }

  /** Declines an offer, or cancels a transfer. */
  stop(direction: 'in' | 'out', id: string): void {
    const transfer = (direction === 'in' ? this.#incoming : this.#outgoing).get(id)
    if (transfer === undefined || transfer.over) return
    const why = direction === 'in' && transfer.state.phase === 'offered' ? 'declined' : 'cancelled'
    transfer.stop(why, true)
    this.#send({ type: 'stop', id, why })
    this.#freed()
  }

  /** Removes a finished or stopped transfer from the list; see {@link FileShare.dismiss}. */
  dismiss(direction: 'in' | 'out', id: string, { saving }: { readonly saving: boolean }): void {
    const isInReach = this.#channel?.readyState === 'open' && this.#link.passes
    if (direction === 'out') this.#offers.dismiss(id, isInReach)
    else this.#incoming.dismiss(id, { saving, isInReach })
    this.#host.changed()
  }

  /** Whether a file is being sent to the peer. */
  get sending(): boolean {
    return this.#channel !== undefined && [...this.#outgoing.values()].some(({ sending }) => sending)
  }

  transfers(): Transfer[] {
    return listTransfers(this.#peer, this.#incoming.all, this.#outgoing.values())
  }

  /** Whether the peer has offered files that were not answered. */
  get hasOffers(): boolean {
    return this.#incoming.all.some(({ state }) => state.phase === 'offered')
  }

  get isConnected(): boolean {
    return this.#channel !== undefined
  }

  /** Whether anything is left to show or to go on with. */
  get isEmpty(): boolean {
    return this.#channel === undefined && this.#incoming.all.length === 0 && this.#outgoing.size === 0
  }

  /** Forgets offers that were not answered: whoever made them is gone. */
  forgetOffers(): void {
    this.#incoming.forgetOffers()
    this.#host.changed()
  }

  #pause(): void {
    this.#channel = undefined
    this.#incoming.watch()
    for (const transfer of [...this.#outgoing.values(), ...this.#incoming.all]) transfer.pause()
    this.#host.changed()
  }

  /** @returns whether it was sent. */
  #send(message: FileMessage): boolean {
    if (this.#channel?.readyState !== 'open') return false
    const isSent = trySend(this.#channel, encode(message))
    if (!isSent) this.#link.cut()
    return isSent
  }

  /** Ends the connection and the incoming transfers of a peer that breaks the protocol; offers of it are forgotten. */
  #reject(): void {
    this.forgetOffers()
    for (const incoming of this.#incoming.all) incoming.stop('lied', true)
    this.#host.changed()
    this.#link.cut()
  }

  #receive(data: unknown): void {
    if (data instanceof ArrayBuffer) return this.#takeChunk(data)
    if (!this.#texts.tryTake(1, this.#host.clock.now())) return this.#reject()
    try {
      if (typeof data !== 'string') return this.#reject()
      const message = decodeFileMessage(data)
      if (message !== undefined) this.#take(message)
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      this.#reject()
    }
  }

  #takeChunk(data: ArrayBuffer): void {
    const chunk = this.#chunks.tryTake(1, this.#host.clock.now()) ? unpackChunk(data) : undefined
    if (chunk === undefined || !this.#incoming.take(chunk)) this.#reject()
  }

  #take(message: FileMessage): void {
    const { id } = message
    const outgoing = this.#outgoing.get(id)
    switch (message.type) {
      case 'offer':
        return this.#incoming.offered(message)
      case 'end':
        return void this.#incoming.ended(id, message.sha256)
      case 'accept':
        if (outgoing === undefined) this.#send({ type: 'stop', id, why: 'cancelled' })
        else if (!outgoing.accept(message.from)) return this.#reject()
        break
      case 'got':
        if (outgoing?.confirm(message.bytes, this.#host.clock.now()) === false) return this.#reject()
        break
      case 'done':
        if (outgoing?.finish(message.sha256) === false) return this.#reject()
        break
      case 'stop':
        outgoing?.stop(message.why, false)
        this.#incoming.withdrawn(id, message.why)
    }
    this.#freed()
    this.#pump.start()
  }

  /** A file may have made room for the offer of another. */
  #freed(): void {
    this.#offers.advance()
    this.#host.changed()
  }
}
