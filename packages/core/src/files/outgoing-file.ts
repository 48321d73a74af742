import type { FileMessage } from '@patchbay/protocol'
import { BlockReader } from './block-reader.ts'
import { RateMeter } from './rate.ts'
import type { SourceFile, StopReason, TransferState } from './transfer.ts'

/** A part of a file, as sent in one chunk. */
export interface Piece {
  readonly offset: number
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** One file to one peer: reads and hashes it, and supplies the next piece to send. */
export class OutgoingFile {
  readonly id: string
  readonly file: SourceFile
  readonly name: string
  readonly stream: number
  readonly at: number
  /** `false` once it was dismissed and the peer is still to be told that it was stopped. */
  isListed = true
  readonly #blocks: BlockReader
  #next = 0
  #got = 0
  #ended = false
  readonly #rate = new RateMeter()
  #state: TransferState = { phase: 'offered' }

  constructor(id: string, file: SourceFile, name: string, stream: number, at: number = Date.now()) {
    this.id = id
    this.file = file
    this.name = name
    this.stream = stream
    this.at = at
    this.#blocks = new BlockReader(file)
  }

  get state(): TransferState {
    return this.#state
  }

  get over(): boolean {
    return this.#state.phase === 'done' || this.#state.phase === 'stopped'
  }

  /** Whether the receiver has accepted and there is something left to send. */
  get sending(): boolean {
    return this.#state.phase === 'moving' && !this.#ended
  }

  /** Bytes sent and not yet confirmed as written by the receiver. */
  get aheadBytes(): number {
    return this.#state.phase === 'moving' ? this.#next - this.#got : 0
  }

  offer(): FileMessage {
    const { id, stream, name } = this
    return { type: 'offer', id, stream, name, size: this.file.size, mime: this.file.type.slice(0, 127).toWellFormed() }
  }

  /** The receiver accepted, starting at byte `from`. @returns `false` when `from` is beyond the end, or it has done so already. */
  accept(from: number): boolean {
    if (this.over) return true
    if (from > this.file.size || this.#state.phase === 'moving') return false
    this.#next = from
    this.#got = from
    this.#ended = false
    this.#rate.reset()
    this.#state = { phase: 'moving', bytes: from, bytesPerSecond: 0 }
    return true
  }

  /** The receiver has written this many bytes. @returns `false` when that is impossible. */
  confirm(bytes: number, now: number): boolean {
    if (this.#state.phase !== 'moving') return true
    if (bytes > this.#next || bytes < this.#got) return false
    this.#got = bytes
    this.#state = { phase: 'moving', bytes, bytesPerSecond: this.#rate.note(now, bytes) }
    return true
  }

  /** The connection is lost. */
  pause(): void {
    if (this.#state.phase === 'moving') this.#state = { phase: 'waiting', bytes: this.#got }
  }

  /** The receiver has the whole file, with this hash. @returns `false` when that is impossible. */
  finish(hash: string): boolean {
    if (this.over) return true
    // Also valid without another byte: the receiver may have written everything before the connection was lost.
    if (this.#state.phase === 'moving' && this.#next < this.file.size) return false
    if (this.#blocks.digest !== undefined && this.#blocks.digest !== hash) return false
    this.#end({ phase: 'done', sha256: hash, file: undefined })
    return true
  }

  stop(why: StopReason, byUs: boolean): void {
    if (!this.over) this.#end({ phase: 'stopped', why, byUs })
  }

  /**
   * Reads one block at most. @returns the next piece, or the hash when there is none left; `undefined` while what is before
   * the next piece is being read again, for the hash.
   * @throws {Error} when the file cannot be read or has changed.
   */
  async take(): Promise<Piece | { sha256: string } | undefined> {
    if (!(await this.#blocks.approach(() => this.#next))) return undefined
    const piece = this.held()
    if (piece !== undefined) return piece
    this.#ended = true
    return { sha256: await this.#blocks.finish() }
  }

  /** Returns the next piece if it was read and hashed already. */
  held(): Piece | undefined {
    const offset = this.#next
    const bytes = this.#blocks.piece(offset)
    if (bytes === undefined) return undefined
    this.#next += bytes.length
    return { offset, bytes }
  }

  /** Sets a final state and releases the buffers. */
  #end(state: TransferState): void {
    this.#state = state
    this.#blocks.release()
  }
}
