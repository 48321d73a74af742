import type { FileSink, FileStore, SinkRequest } from '../../src/files/index.ts'

/** Keeps complete segments across reloads, like the browser's OPFS store; incomplete ones are lost. */
export class KeepingStore implements FileStore {
  readonly #segmentBytes: number
  readonly #kept = new Map<string, Uint8Array<ArrayBuffer>[]>()
  /** Files that are complete and off the list. */
  readonly #left = new Set<string>()
  /** The file that was asked for last. */
  last: SinkRequest | undefined

  constructor(segmentBytes: number) {
    this.#segmentBytes = segmentBytes
  }

  get keptBytes(): number {
    return [...this.#kept.values()].flat().reduce((sum, { length }) => sum + length, 0)
  }

  has(request: SinkRequest): Promise<boolean> {
    this.last = request
    const key = JSON.stringify(request)
    return Promise.resolve(!this.#left.has(key) && (this.#kept.get(key)?.length ?? 0) > 0)
  }

  async open(request: SinkRequest): Promise<FileSink> {
    await Promise.resolve()
    this.last = request
    const key = JSON.stringify(request)
    const kept = (this.#left.delete(key) ? undefined : this.#kept.get(key)) ?? []
    this.#kept.set(key, kept)
    const size = kept.reduce((sum, { length }) => sum + length, 0)
    let open = new Uint8Array()
    return {
      size,
      async *kept() {
        yield* [...kept]
      },
      write: async (bytes) => {
        await Promise.resolve()
        const grown = new Uint8Array(open.length + bytes.length)
        grown.set(open)
        grown.set(bytes, open.length)
        open = grown
        for (; open.length >= this.#segmentBytes; open = open.slice(this.#segmentBytes))
          kept.push(open.slice(0, this.#segmentBytes))
      },
      finish: async () => {
        await Promise.resolve()
        return new Blob([...kept, open])
      },
      leave: () => void this.#left.add(key),
      discard: async () => {
        await Promise.resolve()
        this.#kept.delete(key)
        open = new Uint8Array()
      },
    }
  }
}
