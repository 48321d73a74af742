import { createFileHash, type FileHash } from './file-hash.ts'
import { WINDOW_BYTES } from './chunk.ts'
import { RateMeter } from './rate.ts'
import type { FileSink, FileStore, SinkRequest, StopReason, TransferState } from './transfer.ts'

/** Written bytes after which the sender is told. */
const TELL_EVERY_BYTES = 262_144

/** What an incoming file tells its exchange. */
export interface IncomingFileHost {
  now(): number
  /** So much is written. */
  got(bytes: number): void
  /** Bytes of all files of this peer that have come and are not written. */
  waitingBytes(): number
  /** It could not be written. */
  failed(): void
  /** The sender did not keep its word. */
  lied(): void
  changed(): void
}

/** One file on its way from one peer: checked, hashed and written in the order it comes. */
export class IncomingFile {
  readonly request: SinkRequest
  readonly name: string
  readonly mime: string
  /** Its number on the channel in use. */
  stream: number
  /** The number it was offered with, on any channel of the sender's page: offered again by itself, it has the same. */
  offeredAs: number
  readonly #host: IncomingFileHost
  readonly #rate = new RateMeter()
  #kept: { readonly sink: FileSink; readonly hash: FileHash } | undefined
  #received = 0
  #written = 0
  #told = 0
  #work: Promise<void> = Promise.resolve()
  #state: TransferState = { phase: 'offered' }

  constructor(request: SinkRequest, about: { name: string; mime: string; stream: number }, host: IncomingFileHost) {
    this.request = request
    this.name = about.name
    this.mime = about.mime
    this.stream = about.stream
    this.offeredAs = about.stream
    this.#host = host
  }

  get state(): TransferState {
    return this.#state
  }

  get over(): boolean {
    return this.#state.phase === 'done' || this.#state.phase === 'stopped'
  }

  /** What has come and is not written. */
  get waitingBytes(): number {
    return this.over ? 0 : this.#received - this.#written
  }

  /**
   * Opens a place for it, or goes on with the one it has.
   * @returns the byte to begin with, or why there is none; `undefined` when it was cancelled meanwhile.
   */
  async open(store: FileStore): Promise<number | StopReason | undefined> {
    try {
      if (this.#kept === undefined) {
        const hash = await createFileHash()
        const sink = await store.open(this.request)
        for await (const bytes of sink.kept()) hash.update(bytes)
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
    // What came over an earlier connection may still be on its way to the disk.
    await this.#work
    if (this.over) return undefined
    this.#told = this.#received
    this.#rate.reset()
    this.#show({ phase: 'moving', bytes: this.#written, bytesPerSecond: 0 })
    return this.#received
  }

  /** Takes a piece. No promise of the sender's is trusted: not the size, not the place, not the pace. */
  take(offset: number, bytes: Uint8Array<ArrayBuffer>): void {
    const kept = this.#kept
    if (this.over) return
    const fits = offset === this.#received && offset + bytes.length <= this.request.size
    const ahead = this.#host.waitingBytes() > 2 * WINDOW_BYTES
    if (this.#state.phase !== 'moving' || kept === undefined || !fits || ahead) return this.#host.lied()
    this.#received += bytes.length
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

  /** The sender has sent everything. @returns what comes of it, once all is written; `undefined` when it was over before. */
  end(expected: string): Promise<'done' | StopReason | undefined> {
    if (this.#received !== this.request.size) return Promise.resolve('lied')
    return new Promise((resolve) => {
      this.#do(async () => {
        const kept = this.#kept
        if (this.over || kept === undefined) return resolve(undefined)
        const found = kept.hash.digest()
        if (found !== expected) return resolve('corrupt')
        const file = await kept.sink.finish()
        this.#show({ phase: 'done', sha256: found, file })
        resolve('done')
      })
    })
  }

  /** The connection is lost. */
  pause(): void {
    if (this.#state.phase === 'moving') this.#show({ phase: 'waiting', bytes: this.#written })
  }

  /** Comes to nothing, and what was kept is thrown away. */
  stop(why: StopReason, byUs: boolean): void {
    if (this.over) return
    this.#show({ phase: 'stopped', why, byUs })
    const sink = this.#kept?.sink
    if (sink !== undefined) this.#work = this.#work.then(() => sink.discard()).catch(() => {})
  }

  /** It is taken off the list: what was kept of it goes too. */
  release(): void {
    const sink = this.#kept?.sink
    if (this.#state.phase === 'done' && sink !== undefined) void sink.discard().catch(() => {})
  }

  /** One thing after the other; what fails for want of room ends the transfer. */
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
