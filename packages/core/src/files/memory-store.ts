import type { FileSink, FileStore, SinkRequest } from './transfer.ts'

/** Keeps received files in memory, up to a total limit; for platforms without persistent storage. */
export class MemoryStore implements FileStore {
  readonly #limitBytes: number
  #promisedBytes = 0

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes
  }

  has(): Promise<boolean> {
    return Promise.resolve(false)
  }

  /** @throws {RangeError} when the file would not fit beside the others. */
  open({ size }: SinkRequest): Promise<FileSink> {
    if (this.#promisedBytes + size > this.#limitBytes)
      return Promise.reject(new RangeError(`Files in memory may have ${this.#limitBytes} bytes together.`))
    this.#promisedBytes += size
    let pieces: Uint8Array<ArrayBuffer>[] = []
    let promised = size
    const leave = () => {
      pieces = []
      this.#promisedBytes -= promised
      promised = 0
    }
    return Promise.resolve({
      size: 0,
      async *kept() {},
      write(bytes) {
        pieces.push(bytes)
        return Promise.resolve()
      },
      finish() {
        const file = new Blob(pieces, { type: 'application/octet-stream' })
        // It has a copy of them.
        pieces = []
        return Promise.resolve(file)
      },
      discard: () => Promise.resolve(leave()),
      leave,
    })
  }
}
