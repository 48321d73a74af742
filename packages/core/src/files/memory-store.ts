import type { FileSink, FileStore, SinkRequest } from './transfer.ts'

/** What is received is gathered in segments of this size. */
const SEGMENT_BYTES = 1_048_576

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
    let segments: Uint8Array<ArrayBuffer>[] = []
    /** What is free of the last segment. */
    let open = new Uint8Array()
    let left = size
    let promised = size
    const release = () => {
      segments = []
      open = new Uint8Array()
    }
    const leave = () => {
      release()
      this.#promisedBytes -= promised
      promised = 0
    }
    return Promise.resolve({
      size: 0,
      async *kept() {},
      // Copied: a piece of one byte holds all of the message that it came in.
      write(bytes) {
        for (let rest = bytes; rest.length > 0;) {
          if (open.length === 0) {
            open = new Uint8Array(Math.min(left, SEGMENT_BYTES) || rest.length)
            left = Math.max(0, left - open.length)
            segments.push(open)
          }
          const taken = rest.subarray(0, open.length)
          open.set(taken)
          open = open.subarray(taken.length)
          rest = rest.subarray(taken.length)
        }
        return Promise.resolve()
      },
      finish() {
        const all = new Blob(segments)
        const file = all.slice(0, all.size - open.length, 'application/octet-stream')
        // It has a copy of them.
        release()
        return Promise.resolve(file)
      },
      discard: () => Promise.resolve(leave()),
      leave,
    })
  }
}
