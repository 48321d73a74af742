import { createFileHash, type FileHash } from './file-hash.ts'
import { WINDOW_BYTES } from './chunk.ts'
import { RateMeter } from './rate.ts'
import type { FileSink, FileStore, SinkRequest, StopReason, Transfer, TransferState } from './transfer.ts'

/** Bytes written between two `got` messages. */
const TELL_EVERY_BYTES = 262_144
/** How fast a slow device reads and hashes. */
const READ_BYTES_PER_MS = 10_000

/** What an incoming file needs from its exchange. */
export interface IncomingFileHost {
  now(): number
  /** Sends `got`. */
  got(bytes: number): void
  /** Bytes received and not yet written, over all files of this peer. */
  waitingBytes(): number
  /** Writing failed. */
  failed(): void
  /** The sender broke the protocol. */
  lied(): void
  changed(): void
}

/** One file from one peer: its chunks are checked, hashed and written in order. */
export class IncomingFile {
  readonly request: SinkRequest
  readonly at: number = Date.now()
  /** Its number on the current channel. */
  stream: number
  /** Stream number of its offer. The sender's page repeats it when it offers the file again on a new channel. */
  offeredAs: number
  /** `false` once it was dismissed and the sender is still to be told that it was stopped. */
  isListed = true
  readonly #host: IncomingFileHost
  readonly #rate = new RateMeter()
  #kept: { readonly sink: FileSink; readonly hash: FileHash } | undefined
  #received = 0
  #written = 0
  #told = 0
  #movedAt = 0
  /** What is done with the store, one after another. */
  #work: Promise<void>
  #state: TransferState = { phase: 'offered' }

  /** @param free resolves when the store has nothing more to do for an earlier file of the same request. */
  constructor(request: SinkRequest, stream: number, host: IncomingFileHost, free: Promise<void> = Promise.resolve()) {
    this.#work = free
    this.request = request
    this.stream = stream
    this.offeredAs = stream
    this.#host = host
  }

  get state(): TransferState {
    return this.#state
  }

  get over(): boolean {
    return this.#state.phase === 'done' || this.#state.phase === 'stopped'
  }

  /** Whether this is what a list of transfers shows, rather than another file with the same id. */
  isShownAs({ at, name, size }: Transfer): boolean {
    return at === this.at && name === this.request.name && size === this.request.size
  }

  /** When something of it has come last, or can be expected for the first time. */
  get movedAt(): number {
    return this.#movedAt
  }

  /** The sender has offered it on the current channel. */
  offeredAgain(stream: number): void {
    this.stream = stream
    this.offeredAs = stream
  }

  /** Nothing can come at the moment. A sender that reads again what is before keeps the time for that. */
  wait(): void {
    this.#movedAt = Math.max(this.#movedAt, this.#host.now())
  }

  /** Bytes received and not yet written. */
  get waitingBytes(): number {
    return this.over ? 0 : this.#received - this.#written
  }

  /** Resolves when the store has nothing to do for this file. */
  get settled(): Promise<void> {
    return this.#work
  }

  /** Whether a part of it is kept, from before this page was loaded. A store that cannot tell has none. */
  async isKept(store: FileStore): Promise<boolean> {
    await this.#work
    try {
      return await store.has(this.request)
    } catch {
      return false
    }
  }

  /**
   * Opens its sink, or continues with the open one.
   * @returns the byte to start at, or why the file cannot be received; `undefined` when it was cancelled meanwhile.
   */
  open(store: FileStore): Promise<number | StopReason | undefined> {
    // Chunks from an earlier connection may still be queued for writing.
    const opened = this.#work.then(() => this.#open(store))
    this.#work = opened.then(() => {})
    return opened
  }

  async #open(store: FileStore): Promise<number | StopReason | undefined> {
    try {
      if (this.#kept === undefined) {
        const sink = await store.open(this.request)
        // Nobody is asked again about a file of which a part is kept.
        if (!this.over && sink.size > 0) this.#show({ phase: 'waiting', bytes: sink.size })
        const hash = await createFileHash()
        for await (const bytes of sink.kept()) {
          if (this.over) break
          hash.update(bytes)
        }
        if (this.over) {
          await sink.discard()
          return undefined
        }
        this.#kept = { sink, hash }
        this.#received = sink.size
        this.#written = sink.size
      }
    } catch {
      return 'no_space'
    }
    if (this.over) return undefined
    this.#told = this.#received
    // A sender whose page was reloaded reads all of it again first.
    this.#movedAt = this.#host.now() + this.#received / READ_BYTES_PER_MS
    this.#rate.reset()
    this.#show({ phase: 'moving', bytes: this.#written, bytesPerSecond: 0 })
    return this.#received
  }

  /** Accepts a chunk. Its size, offset and rate are untrusted, so each is checked. */
  take(offset: number, bytes: Uint8Array<ArrayBuffer>): void {
    const kept = this.#kept
    if (this.over) return
    const fits = offset === this.#received && offset + bytes.length <= this.request.size
    const ahead = this.#host.waitingBytes() > 2 * WINDOW_BYTES
    if (this.#state.phase !== 'moving' || kept === undefined || !fits || ahead) return this.#host.lied()
    this.#received += bytes.length
    this.#movedAt = this.#host.now()
    this.#do(async () => {
      if (this.over) return
      kept.hash.update(bytes)
      await kept.sink.write(bytes)
      this.#written += bytes.length
      const whole = this.#written === this.request.size
      if (this.#state.phase !== 'moving' || (this.#written - this.#told < TELL_EVERY_BYTES && !whole)) return
      this.#told = this.#written
      this.#host.got(this.#written)
      const bytesPerSecond = this.#rate.note(this.#host.now(), this.#written)
      this.#show({ phase: 'moving', bytes: this.#written, bytesPerSecond })
    })
  }

  /** The sender has sent `end`. @returns the outcome once everything is written; `undefined` when already over. */
  end(expected: string): Promise<'done' | StopReason | undefined> {
    if (this.#received !== this.request.size) return Promise.resolve('lied')
    return new Promise((resolve) => {
      this.#do(async () => {
        const kept = this.#kept
        if (this.over || kept === undefined) return resolve(undefined)
        const found = kept.hash.digest()
        if (found !== expected) return resolve('corrupt')
        const file = await kept.sink.finish().catch(() => undefined)
        // It may have been cancelled meanwhile.
        if (this.over) return resolve(undefined)
        if (file === undefined) return resolve('no_space')
        this.#show({ phase: 'done', sha256: found, file })
        resolve('done')
      })
    })
  }

  /** The connection is lost. */
  pause(): void {
    if (this.#state.phase === 'moving') this.#show({ phase: 'waiting', bytes: this.#written })
  }

  /** Stops the transfer and deletes the received data. Nothing of it stays in memory while it is listed. */
  stop(why: StopReason, byUs: boolean): void {
    if (this.over) return
    this.#show({ phase: 'stopped', why, byUs })
    const sink = this.#kept?.sink
    this.#kept = undefined
    if (sink !== undefined) this.#end(() => sink.discard())
  }

  /** A finished file was removed from the list: its data is deleted, unless it is being saved. */
  release(isBeingSaved: boolean): void {
    const sink = this.#kept?.sink
    if (this.#state.phase !== 'done' || sink === undefined) return
    this.#end(() => (isBeingSaved ? sink.leave?.() : sink.discard()))
  }

  #end(task: () => Promise<void> | void): void {
    this.#work = this.#work.then(task).catch(() => {})
  }

  /** Runs tasks one after another; a failed write ends the transfer. */
  #do(task: () => Promise<void>): void {
    this.#work = this.#work.then(task).catch(() => this.#failed())
  }

  #failed(): void {
    if (this.over) return
    this.stop('no_space', true)
    this.#host.failed()
  }

  #show(state: TransferState): void {
    this.#state = state
    this.#host.changed()
  }
}
