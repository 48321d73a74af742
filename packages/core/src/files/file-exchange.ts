import {
  decodeFileMessage,
  encode,
  type FileMessage,
  type InstanceId,
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
import { IncomingFile } from './incoming-file.ts'
import { OfferQueue } from './offer-queue.ts'
import { OutgoingFile } from './outgoing-file.ts'
import type { FileStore, SourceFile, StopReason, Transfer } from './transfer.ts'
import { isTooMany, listTransfers, makeRoom, movingOf } from './transfer-list.ts'

/** What one peer may send: texts, of which a fast transfer needs a few per MiB, and chunks, nearly all of them of 64 KiB. */
const RATES = { texts: { perSecond: 1_000, burst: 2_000 }, chunks: { perSecond: 8_000, burst: 8_000 } }
const WATCH_MS = 5_000
/** Stream number of a file that was not offered on the current channel. */
const NO_STREAM = -1

/** All files between this client and one peer, over successive connections. */
export class FileExchange {
  readonly #peer: PeerId
  readonly #host: FileExchangeHost
  readonly #outgoing = new Map<string, OutgoingFile>()
  readonly #incoming = new Map<string, IncomingFile>()
  #channel: RTCDataChannel | undefined
  #instance: InstanceId | undefined
  #takesFiles = true
  #stopWatch: (() => void) | undefined
  #link: FileLink = { passes: false, cut: () => {} }
  /** Files being opened, so that `accept` is sent once. */
  readonly #opening = new Set<IncomingFile>()
  #streams = 0
  /** Highest stream number the peer has used on this channel. */
  #theirStreams = 0
  readonly #texts: TokenBucket
  readonly #chunks: TokenBucket
  readonly #pump: FilePump
  readonly #offers = new OfferQueue(this.#outgoing, (message) => this.#send(message))

  constructor(peer: PeerId, host: FileExchangeHost) {
    this.#peer = peer
    this.#host = host
    this.#texts = new TokenBucket(RATES.texts, host.clock.now())
    this.#chunks = new TokenBucket(RATES.chunks, host.clock.now())
    this.#pump = new FilePump({
      queueBytes: () => host.queueBytes(),
      chunk: host.chunk,
      channel: () => this.#channel,
      files: () => this.#outgoing.values(),
      send: (message) => this.#send(message),
      changed: () => host.changed(),
    })
  }

  /** Starts using a new connection's channel. */
  attach({ instance, capabilities }: PeerInfo, { channel, early }: OpenedFileChannel, link: FileLink): void {
    this.#pause()
    this.#takesFiles = capabilities.files
    if (!capabilities.files) for (const outgoing of this.#outgoing.values()) outgoing.stop('unsupported', false)
    this.#channel = channel
    this.#link = link
    this.#theirStreams = 0
    // Stream numbers are valid on one channel only; each file gets a new one when it is offered again.
    for (const incoming of this.#incoming.values()) incoming.stream = NO_STREAM
    if (instance !== this.#instance) for (const incoming of this.#incoming.values()) incoming.offeredAs = NO_STREAM
    this.#offers.attach(instance)
    this.#instance = instance
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
    const outgoing = new OutgoingFile(id, file, cleanFileName(file.name), (this.#streams += 1), at)
    this.#outgoing.set(id, outgoing)
    if (this.#takesFiles) this.#offers.advance()
    else outgoing.stop('unsupported', false)
    this.#host.changed()
  }

  /** Accepts an offer, if it is still the one that was shown. */
  accept(shown: Transfer): void {
    const incoming = this.#incoming.get(shown.id)
    if (incoming?.state.phase === 'offered' && incoming.isShownAs(shown)) void this.#open(incoming)
  }

  /** Declines an offer, or cancels a transfer. */
  stop(direction: 'in' | 'out', id: string): void {
    const transfer = (direction === 'in' ? this.#incoming : this.#outgoing).get(id)
    if (transfer === undefined || transfer.over) return
    const why = direction === 'in' && transfer.state.phase === 'offered' ? 'declined' : 'cancelled'
    transfer.stop(why, true)
    this.#send({ type: 'stop', id, why })
    this.#offers.advance()
    this.#host.changed()
  }

  /** Removes a finished or stopped transfer from the list; see {@link FileShare.dismiss}. */
  dismiss(direction: 'in' | 'out', id: string, { saving }: { readonly saving: boolean }): void {
    if (direction === 'out') {
      if (this.#outgoing.get(id)?.over === true) this.#outgoing.delete(id)
    } else if (this.#incoming.get(id)?.over === true) {
      this.#incoming.get(id)?.release(saving)
      this.#incoming.delete(id)
    }
    this.#host.changed()
  }

  /** Whether a file is being sent to the peer. */
  get sending(): boolean {
    return this.#channel !== undefined && [...this.#outgoing.values()].some(({ sending }) => sending)
  }

  transfers(): Transfer[] {
    return listTransfers(this.#peer, this.#incoming.values(), this.#outgoing.values())
  }

  /** Whether the peer has offered files that were not answered. */
  get hasOffers(): boolean {
    return [...this.#incoming.values()].some(({ state }) => state.phase === 'offered')
  }

  get isConnected(): boolean {
    return this.#channel !== undefined
  }

  /** Whether anything is left to show or to go on with. */
  get isEmpty(): boolean {
    return this.#channel === undefined && this.#incoming.size === 0 && this.#outgoing.size === 0
  }

  /** Forgets offers that were not answered: whoever made them is gone. */
  forgetOffers(): void {
    for (const [id, incoming] of this.#incoming)
      if (incoming.state.phase === 'offered' && !this.#opening.has(incoming)) this.#withdrawn(id, 'cancelled')
    this.#host.changed()
  }

  /** Gives up files of which nothing comes although it could. A sender sends some at a time, so one may have to wait for others. */
  #watch(): void {
    this.#stopWatch?.()
    this.#stopWatch = undefined
    if (this.#channel === undefined) return
    const all = [...this.#incoming.values()]
    if (!this.#link.passes) for (const incoming of all) incoming.wait()
    const { moving, stalled } = movingOf(all, this.#host.clock.now())
    if (moving.length > stalled.length) this.#stopWatch = this.#host.clock.after(WATCH_MS, () => this.#watch())
    for (const incoming of stalled) {
      incoming.stop('stalled', true)
      this.#send({ type: 'stop', id: incoming.request.id, why: 'cancelled' })
    }
  }

  #pause(): void {
    this.#channel = undefined
    this.#watch()
    for (const transfer of [...this.#outgoing.values(), ...this.#incoming.values()]) transfer.pause()
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
    for (const incoming of this.#incoming.values()) incoming.stop('lied', true)
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
    if (chunk === undefined || chunk.stream === 0 || chunk.stream > this.#theirStreams) return this.#reject()
    // No match: the chunk was in flight when the transfer was ended here.
    for (const incoming of this.#incoming.values())
      if (incoming.stream === chunk.stream) return incoming.take(chunk.offset, chunk.bytes)
  }

  #take(message: FileMessage): void {
    const { id } = message
    const outgoing = this.#outgoing.get(id)
    switch (message.type) {
      case 'offer':
        return this.#offered(message)
      case 'end':
        return void this.#ended(id, message.sha256)
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
        this.#withdrawn(id, message.why)
    }
    this.#offers.advance()
    this.#host.changed()
    this.#pump.start()
  }

  #offered({ id, stream, name, size, mime }: Extract<FileMessage, { type: 'offer' }>): void {
    this.#theirStreams = Math.max(this.#theirStreams, stream)
    const before = this.#incoming.get(id)
    if (before !== undefined && before.request.size === size && before.state.phase !== 'stopped') {
      before.offeredAgain(stream)
      if (before.state.phase === 'done') this.#send({ type: 'done', id, sha256: before.state.sha256 })
      else if (before.state.phase !== 'offered') void this.#open(before)
      return
    }
    const stoppedAlready = before?.state.phase === 'stopped' && before.state.byUs && before.offeredAs === stream
    before?.stop('cancelled', false)
    // The sender did not get our `stop`, or there is no space for the file.
    if (stoppedAlready || this.#host.store === undefined || !makeRoom(this.#incoming))
      return void this.#send({ type: 'stop', id, why: 'declined' })
    const incoming: IncomingFile = new IncomingFile(
      { self: this.#host.self(), peer: this.#peer, id, size, name: cleanFileName(name), mime },
      stream,
      {
        now: () => this.#host.clock.now(),
        waitingBytes: () => [...this.#incoming.values()].reduce((sum, { waitingBytes }) => sum + waitingBytes, 0),
        got: (bytes) => this.#send({ type: 'got', id, bytes }),
        failed: () => this.#send({ type: 'stop', id, why: 'no_space' }),
        lied: () => this.#reject(),
        changed: () => this.#host.changed(),
      },
    )
    this.#incoming.set(id, incoming)
    this.#host.changed()
    void this.#resume(incoming, this.#host.store)
  }

  /** The sender stopped the transfer: if it was never accepted, drop it silently. */
  #withdrawn(id: string, why: StopReason): void {
    const incoming = this.#incoming.get(id)
    const unanswered = incoming?.state.phase === 'offered'
    incoming?.stop(why, false)
    if (unanswered) this.#incoming.delete(id)
  }

  /** Resumes a file that was accepted before a reload, without asking again. */
  async #resume(incoming: IncomingFile, store: FileStore): Promise<void> {
    if ((await store.has(incoming.request)) && incoming.state.phase === 'offered') await this.#open(incoming)
  }

  async #open(incoming: IncomingFile): Promise<void> {
    const { store } = this.#host
    if (store === undefined || this.#opening.has(incoming)) return
    this.#opening.add(incoming)
    const { id } = incoming.request
    const from = isTooMany(incoming, this.#incoming.values()) ? 'too_many' : await incoming.open(store)
    this.#opening.delete(incoming)
    if (from === undefined || incoming.over) return
    if (typeof from === 'number') {
      // Its offer is still to be repeated on this channel.
      if (this.#channel === undefined || incoming.stream === NO_STREAM) return incoming.pause()
      this.#send({ type: 'accept', id, from })
      return this.#watch()
    }
    incoming.stop(from, true)
    this.#send({ type: 'stop', id, why: 'no_space' })
  }

  async #ended(id: string, sha256: string): Promise<void> {
    const incoming = this.#incoming.get(id)
    if (incoming === undefined || incoming.over) return
    const outcome = await incoming.end(sha256)
    if (outcome === 'lied') return this.#reject()
    if (outcome === 'done') return void this.#send({ type: 'done', id, sha256 })
    if (outcome === undefined) return
    incoming.stop(outcome, true)
    this.#send({ type: 'stop', id, why: outcome === 'no_space' ? 'no_space' : 'corrupt' })
  }
}
