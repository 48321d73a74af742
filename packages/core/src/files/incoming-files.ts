import type { FileMessage, InstanceId, PeerId } from '@patchbay/protocol'
import type { Chunk } from './chunk.ts'
import type { FileExchangeHost, FileLink } from './file-exchange-host.ts'
import { cleanFileName } from './file-name.ts'
import { IncomingFile } from './incoming-file.ts'
import type { FileStore, StopReason, Transfer } from './transfer.ts'
import { isStoppedByUs, isTooMany, makeRoom, movingOf } from './transfer-list.ts'

const WATCH_MS = 5_000
/** Stream number of a file that was not offered on the current channel. */
const NO_STREAM = -1

/** What the incoming files need from their exchange. */
export interface IncomingFilesHost {
  readonly share: FileExchangeHost
  isConnected(): boolean
  link(): FileLink
  send(message: FileMessage): void
  /** The peer broke the protocol. */
  reject(): void
}

/** The files from one peer: which are listed, asked about, resumed and given up. */
export class IncomingFiles {
  readonly #peer: PeerId
  readonly #host: IncomingFilesHost
  readonly #files = new Map<string, IncomingFile>()
  /** Files being opened, so that `accept` is sent once. */
  readonly #opening = new Set<IncomingFile>()
  /** What the store still has to do for files that are off the list. */
  readonly #leaving = new Map<string, Promise<void>>()
  #instance: InstanceId | undefined
  /** Highest stream number the peer has used on this channel. */
  #streams = 0
  #stopWatch: (() => void) | undefined

  constructor(peer: PeerId, host: IncomingFilesHost) {
    this.#peer = peer
    this.#host = host
  }

  get all(): readonly IncomingFile[] {
    return [...this.#files.values()]
  }

  get(id: string): IncomingFile | undefined {
    return this.#files.get(id)
  }

  /** There is another channel, with this instance of the peer. Stream numbers are valid on one channel only. */
  attach(instance: InstanceId): void {
    this.#streams = 0
    for (const incoming of this.#files.values()) incoming.stream = NO_STREAM
    if (instance !== this.#instance) {
      // A page that was loaded anew knows of none of them; it offers again what its person chooses again.
      this.forgetOffers()
      for (const [id, incoming] of this.#files) {
        incoming.offeredAs = NO_STREAM
        if (!incoming.isListed) this.#drop(id)
      }
    }
    this.#instance = instance
  }

  /** Accepts an offer, if it is still the one that was shown. */
  accept(shown: Transfer): void {
    const incoming = this.#files.get(shown.id)
    if (incoming?.state.phase === 'offered' && incoming.isShownAs(shown)) void this.#open(incoming)
  }

  /** @param how whether it is being saved, and whether the sender has heard what it was told. */
  dismiss(id: string, { saving, isInReach }: { readonly saving: boolean; readonly isInReach: boolean }): void {
    const incoming = this.#files.get(id)
    if (incoming?.over !== true) return
    incoming.release(saving)
    // Its sender may offer it once more, and is told then.
    if (!isInReach && isStoppedByUs(incoming) && incoming.offeredAs !== NO_STREAM) incoming.isListed = false
    else this.#drop(id)
  }

  /** Forgets offers that were not answered: whoever made them is gone. */
  forgetOffers(): void {
    for (const [id, incoming] of this.#files)
      if (incoming.state.phase === 'offered' && !this.#opening.has(incoming)) this.withdrawn(id, 'cancelled')
  }

  /** Gives up files of which nothing comes although it could. A sender sends some at a time, so one may have to wait for others. */
  watch(): void {
    this.#stopWatch?.()
    this.#stopWatch = undefined
    if (!this.#host.isConnected()) return
    const { all } = this
    const { clock } = this.#host.share
    if (!this.#host.link().passes) for (const incoming of all) incoming.wait()
    const { moving, stalled } = movingOf(all, clock.now())
    if (moving.length > stalled.length) this.#stopWatch = clock.after(WATCH_MS, () => this.watch())
    for (const incoming of stalled) {
      incoming.stop('stalled', true)
      this.#host.send({ type: 'stop', id: incoming.request.id, why: 'cancelled' })
    }
  }

  /** @returns `false` for a chunk of a file that was not offered. */
  take(chunk: Chunk): boolean {
    if (chunk.stream === 0 || chunk.stream > this.#streams) return false
    // No match: the chunk was in flight when the transfer was ended here.
    for (const incoming of this.#files.values()) {
      if (incoming.stream !== chunk.stream) continue
      incoming.take(chunk.offset, chunk.bytes)
      break
    }
    return true
  }

  offered({ id, stream, name, size, mime }: Extract<FileMessage, { type: 'offer' }>): void {
    const { share } = this.#host
    this.#streams = Math.max(this.#streams, stream)
    const before = this.#files.get(id)
    if (before !== undefined && before.request.size === size && before.state.phase !== 'stopped') {
      before.offeredAgain(stream)
      if (before.state.phase === 'done') this.#host.send({ type: 'done', id, sha256: before.state.sha256 })
      else if (before.state.phase !== 'offered') void this.#open(before)
      return
    }
    const stoppedAlready = before !== undefined && isStoppedByUs(before) && before.offeredAs === stream
    if (stoppedAlready && !before.isListed) this.#drop(id)
    before?.stop('cancelled', false)
    const isHere = before?.state.phase === 'done'
    // The sender did not get our `stop`, has another file under the id of one that is here, or there is no space for it.
    if (stoppedAlready || isHere || share.store === undefined || !makeRoom(this.#files, (one) => this.#drop(one)))
      return this.#host.send({ type: 'stop', id, why: 'declined' })
    const incoming: IncomingFile = new IncomingFile(
      { self: share.self(), peer: this.#peer, id, size, name: cleanFileName(name), mime },
      stream,
      {
        now: () => share.clock.now(),
        waitingBytes: () => this.all.reduce((sum, { waitingBytes }) => sum + waitingBytes, 0),
        got: (bytes) => this.#host.send({ type: 'got', id, bytes }),
        failed: () => this.#host.send({ type: 'stop', id, why: 'no_space' }),
        lied: () => this.#host.reject(),
        changed: () => share.changed(),
      },
      before?.settled ?? this.#leaving.get(id),
    )
    this.#files.set(id, incoming)
    share.changed()
    void this.#resume(incoming, share.store)
  }

  /** The sender stopped the transfer: if it was never accepted, drop it silently. */
  withdrawn(id: string, why: StopReason): void {
    const incoming = this.#files.get(id)
    const unanswered = incoming?.state.phase === 'offered'
    incoming?.stop(why, false)
    if (unanswered || incoming?.isListed === false) this.#drop(id)
  }

  async ended(id: string, sha256: string): Promise<void> {
    const incoming = this.#files.get(id)
    if (incoming === undefined || incoming.over) return
    const outcome = await incoming.end(sha256)
    if (outcome === 'lied') return this.#host.reject()
    if (outcome === 'done') return this.#host.send({ type: 'done', id, sha256 })
    if (outcome === undefined) return
    incoming.stop(outcome, true)
    this.#host.send({ type: 'stop', id, why: outcome === 'no_space' ? 'no_space' : 'corrupt' })
  }

  /** Takes a file off the list. */
  #drop(id: string): void {
    const settled = this.#files.get(id)?.settled
    if (settled === undefined) return
    this.#files.delete(id)
    this.#leaving.set(id, settled)
    void settled.then(() => this.#leaving.get(id) === settled && this.#leaving.delete(id))
  }

  /** Resumes a file that was accepted before a reload, without asking again. */
  async #resume(incoming: IncomingFile, store: FileStore): Promise<void> {
    if ((await incoming.isKept(store)) && incoming.state.phase === 'offered') await this.#open(incoming)
  }

  async #open(incoming: IncomingFile): Promise<void> {
    const { store } = this.#host.share
    if (store === undefined || this.#opening.has(incoming)) return
    this.#opening.add(incoming)
    const { id } = incoming.request
    const from = isTooMany(incoming, this.#files.values()) ? 'too_many' : await incoming.open(store)
    this.#opening.delete(incoming)
    if (from === undefined || incoming.over) return
    if (typeof from === 'number') {
      // Its offer is still to be repeated on this channel.
      if (!this.#host.isConnected() || incoming.stream === NO_STREAM) return incoming.pause()
      this.#host.send({ type: 'accept', id, from })
      return this.watch()
    }
    incoming.stop(from, true)
    this.#host.send({ type: 'stop', id, why: 'no_space' })
  }
}
