import type { FileMessage } from '@patchbay/protocol'
import { PIECE_BYTES } from './chunk.ts'
import { createFileHash, type FileHash } from './file-hash.ts'
import { RateMeter } from './rate.ts'
import type { SourceFile, StopReason, TransferState } from './transfer.ts'

/** Bytes read from the disk at a time. */
const BLOCK_BYTES = 2_097_152
interface Block {
  readonly at: number
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** A part of a file, as sent in one chunk. */
export interface Piece {
  readonly offset: number
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** The file has changed since it was chosen. */
class UnreadableFileError extends Error {
  override readonly name: string = 'UnreadableFileError'
}

/** One file to one peer: reads and hashes it, and supplies the next piece to send. */
export class OutgoingFile {
  readonly id: string
  readonly file: SourceFile
  readonly name: string
  readonly stream: number
  #hash: FileHash | undefined
  #hashedTo = 0
  #digest: string | undefined
  #block: Block = { at: 0, bytes: new Uint8Array() }
  /** Read-ahead of the next block. */
  #ahead: { readonly at: number; readonly bytes: Promise<Uint8Array<ArrayBuffer>> } | undefined
  #next = 0
  #got = 0
  #ended = false
  readonly #rate = new RateMeter()
  #state: TransferState = { phase: 'offered' }

  constructor(id: string, file: SourceFile, name: string, stream: number) {
    this.id = id
    this.file = file
    this.name = name
    this.stream = stream
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
    if (this.#digest !== undefined && this.#digest !== hash) return false
    this.#end({ phase: 'done', sha256: hash, file: undefined })
    return true
  }

  stop(why: StopReason, byUs: boolean): void {
    if (!this.over) this.#end({ phase: 'stopped', why, byUs })
  }

  /**
   * Returns the next piece, or the hash when there is none left.
   * @throws {Error} when the file cannot be read or has changed.
   */
  async take(): Promise<Piece | { sha256: string }> {
    // Looked at anew after each block: while it is read, a new connection may ask for another place.
    while (this.#hashedTo < this.#next || (this.#next < this.file.size && !this.#holds(this.#next)))
      await this.#load(Math.min(this.#hashedTo, this.#next))
    const piece = this.held()
    if (piece !== undefined) return piece
    this.#ended = true
    return { sha256: (this.#digest ??= (await this.#hashed()).digest()) }
  }

  /** Returns the next piece if it was read and hashed already. */
  held(): Piece | undefined {
    const offset = this.#next
    if (offset >= this.file.size || offset >= this.#hashedTo || !this.#holds(offset)) return undefined
    const { at, bytes } = this.#block
    const piece = bytes.subarray(offset - at, offset - at + PIECE_BYTES)
    this.#next += piece.length
    return { offset, bytes: piece }
  }

  /** Sets a final state and releases the buffers. */
  #end(state: TransferState): void {
    this.#state = state
    this.#block = { at: 0, bytes: new Uint8Array() }
    this.#ahead = undefined
  }

  #holds(place: number): boolean {
    const { at, bytes } = this.#block
    return place >= at && place < at + bytes.length
  }

  async #load(at: number): Promise<void> {
    const ahead = this.#ahead
    this.#ahead = undefined
    const bytes = await (ahead?.at === at ? ahead.bytes : this.#read(at))
    const end = at + bytes.length
    this.#block = { at, bytes }
    if (end < this.file.size) {
      this.#ahead = { at: end, bytes: this.#read(end) }
      // The consumer handles the rejection; this only silences "unhandled rejection".
      this.#ahead.bytes.catch(() => {})
    }
    if (end <= this.#hashedTo) return
    ;(await this.#hashed()).update(bytes.subarray(this.#hashedTo - at))
    this.#hashedTo = end
  }

  async #hashed(): Promise<FileHash> {
    return (this.#hash ??= await createFileHash())
  }

  async #read(at: number): Promise<Uint8Array<ArrayBuffer>> {
    const end = Math.min(at + BLOCK_BYTES, this.file.size)
    const bytes = new Uint8Array(await this.file.slice(at, end).arrayBuffer())
    if (bytes.length !== end - at) throw new UnreadableFileError('The file has changed since it was chosen.')
    return bytes
  }
}
