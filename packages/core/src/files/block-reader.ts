import { PIECE_BYTES } from './chunk.ts'
import { createFileHash, type FileHash } from './file-hash.ts'
import type { SourceFile } from './transfer.ts'

/** Bytes read from the disk at a time. */
const BLOCK_BYTES = 2_097_152
interface Block {
  readonly at: number
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** The file has changed since it was chosen. */
class UnreadableFileError extends Error {
  override readonly name: string = 'UnreadableFileError'
}

/** Reads a file block by block, the next one ahead, and hashes it on the way. */
export class BlockReader {
  readonly #file: SourceFile
  #block: Block = { at: 0, bytes: new Uint8Array() }
  /** Read-ahead of the next block. */
  #ahead: { readonly at: number; readonly bytes: Promise<Uint8Array<ArrayBuffer>> } | undefined
  #hash: FileHash | undefined
  #hashedTo = 0
  #digest: string | undefined
  #isReleased = false

  constructor(file: SourceFile) {
    this.#file = file
  }

  /** SHA-256 of the file, once it was asked for. */
  get digest(): string | undefined {
    return this.#digest
  }

  /** The piece at that place, if it was read and hashed already. */
  piece(offset: number): Uint8Array<ArrayBuffer> | undefined {
    if (offset >= this.#file.size || offset >= this.#hashedTo || !this.#holds(offset)) return undefined
    const { at, bytes } = this.#block
    return bytes.subarray(offset - at, offset - at + PIECE_BYTES)
  }

  /**
   * Reads and hashes a block on the way to a place, unless it is reached.
   * @param place looked at anew afterwards: while the block is read, a new connection may ask for another.
   * @returns whether the place is reached. @throws {Error} when the file cannot be read or has changed.
   */
  async approach(place: () => number): Promise<boolean> {
    const isReached = () => this.#hashedTo >= place() && (place() >= this.#file.size || this.#holds(place()))
    if (!isReached()) await this.#load(Math.min(this.#hashedTo, place()))
    return isReached()
  }

  /** SHA-256 of all that was read, which is the whole file once its end was reached. */
  async finish(): Promise<string> {
    return (this.#digest ??= (await this.#hashed()).digest())
  }

  /** Releases the buffers. Nothing is read from then on. */
  release(): void {
    this.#isReleased = true
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
    if (this.#isReleased) return
    const end = at + bytes.length
    this.#block = { at, bytes }
    if (end < this.#file.size) {
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
    const end = Math.min(at + BLOCK_BYTES, this.#file.size)
    const bytes = new Uint8Array(await this.#file.slice(at, end).arrayBuffer())
    if (bytes.length !== end - at) throw new UnreadableFileError('The file has changed since it was chosen.')
    return bytes
  }
}
