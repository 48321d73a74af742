import { RECORDINGS } from './tidy'

/** What is recorded is written in segments of about this size, so that memory holds no more than a few of them. */
const SEGMENT_BYTES = 4_194_304
const MAX_WAITING_BYTES = 8 * SEGMENT_BYTES

/** A recording on disk, in the browser's own file system (WHATWG File System), where no other page sees it. */
export class RecordingFile {
  readonly #folder: FileSystemDirectoryHandle
  readonly #segments: File[] = []
  #waiting: Blob[] = []
  #waitingBytes = 0
  /** Bytes on their way to the disk. */
  #movingBytes = 0
  #writing: Promise<void> = Promise.resolve()

  private constructor(folder: FileSystemDirectoryHandle) {
    this.#folder = folder
  }

  /** Begins a file. */
  static async create(): Promise<RecordingFile> {
    const root = await navigator.storage.getDirectory()
    const all = await root.getDirectoryHandle(RECORDINGS, { create: true })
    return new RecordingFile(await all.getDirectoryHandle(String(Date.now()), { create: true }))
  }

  /** Appends. @returns a promise that is fulfilled once the disk keeps up. @throws {Error} when it is full, or too slow. */
  async write(part: Blob): Promise<void> {
    if (this.#waitingBytes + this.#movingBytes > MAX_WAITING_BYTES) throw new RangeError('The disk is too slow.')
    this.#waiting.push(part)
    this.#waitingBytes += part.size
    if (this.#waitingBytes >= SEGMENT_BYTES) await this.#flush()
  }

  /** @returns what was written, which stays on disk, and whether that is everything. */
  async finish(): Promise<{ readonly file: Blob; readonly isWhole: boolean }> {
    // What is on disk is worth keeping, even if the rest does not fit.
    const isWhole = await this.#flush().then(
      () => true,
      () => false,
    )
    return { file: new Blob(this.#segments, { type: 'application/octet-stream' }), isWhole }
  }

  /** Deletes what was written. */
  async discard(): Promise<void> {
    const root = await navigator.storage.getDirectory()
    const all = await root.getDirectoryHandle(RECORDINGS)
    await all.removeEntry(this.#folder.name, { recursive: true })
  }

  #flush(): Promise<void> {
    const parts = this.#waiting
    const bytes = this.#waitingBytes
    this.#waiting = []
    this.#waitingBytes = 0
    if (bytes === 0) return this.#writing
    this.#movingBytes += bytes
    this.#writing = this.#writing.then(async () => {
      const name = String(this.#segments.length).padStart(6, '0')
      const handle = await this.#folder.getFileHandle(name, { create: true })
      const stream = await handle.createWritable()
      await stream.write(new Blob(parts))
      await stream.close()
      this.#movingBytes -= bytes
      this.#segments.push(await handle.getFile())
    })
    return this.#writing
  }
}
