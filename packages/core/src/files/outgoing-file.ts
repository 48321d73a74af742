import type { FileMessage } from '@patchbay/protocol'
import { PIECE_BYTES } from './chunk.ts'
import { createFileHash, type FileHash } from './file-hash.ts'
import { RateMeter } from './rate.ts'
import type { SourceFile, StopReason, TransferState } from './transfer.ts'

/** Read from the disk at a time. */
const BLOCK_BYTES = 2_097_152
interface Block {
  readonly at: number
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** A file was not what it was when it was chosen. */
class UnreadableFileError extends Error {
  override readonly name: string = 'UnreadableFileError'
}

/** One file on its way to one peer: what is read, hashed and sent next. */
export class OutgoingFile {
  readonly id: string
  readonly file: SourceFile
  readonly name: string
  readonly stream: number
  #hash: FileHash | undefined
  #hashedTo = 0
  #digest: string | undefined
  #block: Block = { at: 0, bytes: new Uint8Array() }
  /** The block behind it, on its way from the disk. */
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

  /** Whether there is something left to send to a receiver who wants it. */
  get sending(): boolean {
    return this.#state.phase === 'moving' && !this.#ended
  }

  /** Bytes sent that the receiver has not written yet, as far as is known. */
  get aheadBytes(): number {
    return this.#state.phase === 'moving' ? this.#next - this.#got : 0
  }

  offer(): FileMessage {
    const { id, stream, name } = this
    return { type: 'offer', id, stream, name, size: this.file.size, mime: this.file.type.slice(0, 127).toWellFormed() }
  }

  /** The receiver wants it, from there. @returns `false` when there is no such place in it. */
  accept(from: number): boolean {
    if (this.over) return true
    if (from > this.file.size) return false
    this.#next = from
    this.#got = from
    this.#ended = false
    this.#rate.reset()
    this.#state = { phase: 'moving', bytes: from, bytesPerSecond: 0 }
    return true
  }

  /** The receiver has written so much. @returns `false` when that was never sent. */
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

  /** All was received, with this hash. @returns `false` when that cannot be. */
  finish(hash: string): boolean {
    if (this.over) return true
    // It may have been written by the time a new connection asks for the rest, which is nothing.
    if (this.#state.phase === 'moving' && this.#next < this.file.size) return false
    if (this.#digest !== undefined && this.#digest !== hash) return false
    this.#end({ phase: 'done', sha256: hash, file: undefined })
    return true
  }

  stop(why: StopReason, byUs: boolean): void {
    if (!this.over) this.#end({ phase: 'stopped', why, byUs })
  }

  /**
   * Takes the next piece, or the hash when there is none left.
   * @throws {Error} when the file cannot be read, or is not what it was.
   */
  async take(): Promise<{ readonly offset: number; readonly bytes: Uint8Array<ArrayBuffer> } | { sha256: string }> {
    while (this.#hashedTo < this.#next) await this.#load(this.#hashedTo)
    const { size } = this.file
    if (this.#next === size) {
      this.#ended = true
      return { sha256: (this.#digest ??= (await this.#hashed()).digest()) }
    }
    while (!this.#holds(this.#next)) await this.#load(this.#next)
    const offset = this.#next
    const { at, bytes } = this.#block
    const piece = bytes.subarray(offset - at, offset - at + PIECE_BYTES)
    this.#next += piece.length
    return { offset, bytes: piece }
  }

  /** What was read of the file is let go. */
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
      // Whoever takes it hears of it.
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
