import type { FileSink, FileStore, SinkRequest } from './transfer.ts'

/** A file is kept in segments of this size: what is lost with a page is less than one. */
const SEGMENT_BYTES = 4_194_304
/** Shows when a file was begun, as long as none of its segments is there. */
const MARK = 'begun'
/** What nobody has touched for a day is thrown away. */
const KEEP_MS = 86_400_000

/**
 * Keeps received files in the browser's private file system (File System, WHATWG), outside memory and over reloads. A
 * segment is a file of its own, whole or not there at all.
 */
export class OpfsStore implements FileStore {
  readonly #folder: FileSystemDirectoryHandle
  /** @returns bytes that are free. */
  readonly #free: () => Promise<number>

  constructor(folder: FileSystemDirectoryHandle, free: () => Promise<number>) {
    this.#folder = folder
    this.#free = free
  }

  async has(request: SinkRequest): Promise<boolean> {
    try {
      await this.#folder.getDirectoryHandle(nameOf(request))
      return true
    } catch {
      return false
    }
  }

  /** @throws {RangeError} when the disk has no room for the rest of it. */
  async open(request: SinkRequest): Promise<FileSink> {
    const name = nameOf(request)
    const folder = await this.#folder.getDirectoryHandle(name, { create: true })
    const mark = await (await folder.getFileHandle(MARK, { create: true })).createWritable()
    await mark.close()
    const segments = await segmentsOf(folder)
    const size = segments.reduce((sum, segment) => sum + segment.size, 0)
    const discard = () => this.#folder.removeEntry(name, { recursive: true })
    if (request.size - size > (await this.#free())) {
      await discard()
      throw new RangeError('There is no room for this file.')
    }
    return new OpfsSink(folder, segments, size, request.size - size, discard)
  }

  /** Throws away what was left behind and not touched for a day. */
  async tidy(now: number): Promise<void> {
    const names: string[] = []
    for await (const name of this.#folder.keys()) names.push(name)
    for (const name of names) {
      try {
        const files = await filesOf(await this.#folder.getDirectoryHandle(name))
        const touched = Math.max(0, ...[...files.values()].map(({ lastModified }) => lastModified))
        if (touched < now - KEEP_MS) await this.#folder.removeEntry(name, { recursive: true })
      } catch {
        // Another tab is at it.
      }
    }
  }
}

class OpfsSink implements FileSink {
  readonly size: number
  readonly discard: () => Promise<void>
  readonly #folder: FileSystemDirectoryHandle
  readonly #segments: File[]
  /** The segment that is being filled, once there is something for it, and how far it is. */
  #open = new Uint8Array()
  #openBytes = 0
  /** Bytes that are still to come. */
  #leftBytes: number

  constructor(
    folder: FileSystemDirectoryHandle,
    segments: File[],
    size: number,
    leftBytes: number,
    discard: () => Promise<void>,
  ) {
    this.#folder = folder
    this.#leftBytes = leftBytes
    this.#segments = segments
    this.size = size
    this.discard = discard
  }

  async *kept(): AsyncGenerator<Uint8Array> {
    for (const segment of [...this.#segments]) yield new Uint8Array(await segment.arrayBuffer())
  }

  async write(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    if (this.#open.length === 0) this.#open = new Uint8Array(Math.min(this.#leftBytes, SEGMENT_BYTES))
    const room = this.#open.length - this.#openBytes
    this.#open.set(bytes.subarray(0, room), this.#openBytes)
    const taken = Math.min(room, bytes.length)
    this.#openBytes += taken
    this.#leftBytes -= taken
    if (this.#openBytes === this.#open.length) await this.#flush()
    if (bytes.length > room) await this.write(bytes.subarray(room))
  }

  async finish(): Promise<Blob> {
    await this.#flush()
    this.#open = new Uint8Array()
    // Never a type that a browser would open.
    return new Blob(this.#segments, { type: 'application/octet-stream' })
  }

  async #flush(): Promise<void> {
    if (this.#openBytes === 0) return
    const name = String(this.#segments.length).padStart(8, '0')
    const handle = await this.#folder.getFileHandle(name, { create: true })
    // What is written shows up all at once, when the stream is closed.
    const stream = await handle.createWritable()
    await stream.write(this.#open.subarray(0, this.#openBytes))
    await stream.close()
    this.#openBytes = 0
    this.#segments.push(await handle.getFile())
  }
}

/** Ids and sizes are all of safe characters. */
function nameOf({ self, peer, id, size }: SinkRequest): string {
  return `${self ?? 'unknown'}.${peer}.${id}.${size}`
}

async function filesOf(folder: FileSystemDirectoryHandle): Promise<Map<string, File>> {
  const found = new Map<string, File>()
  for await (const [name, handle] of folder.entries()) {
    if (handle.kind === 'file') found.set(name, await handle.getFile())
  }
  return found
}

/** The segments in order; one that was created and never written ends them. */
async function segmentsOf(folder: FileSystemDirectoryHandle): Promise<File[]> {
  const found = await filesOf(folder)
  const segments: File[] = []
  for (let i = 0; ; i += 1) {
    const segment = found.get(String(i).padStart(8, '0'))
    if (segment === undefined || segment.size === 0) return segments
    segments.push(segment)
  }
}
