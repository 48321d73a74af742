import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import type { FileSink, FileStore, SinkRequest } from './transfer.ts'

/** A file is stored in segments of this size, so a closed page loses less than one segment. */
const SEGMENT_BYTES = 4_194_304
/** Marker file: dates a transfer that has no segment yet. */
const MARK = 'begun'
/** Marker file: the transfer is complete and off the list. What is there may still be being saved. */
const LEFT = 'left'
/** Data not touched for a day is deleted. */
const KEEP_MS = 86_400_000

/**
 * Keeps received files in the browser's origin-private file system (WHATWG File System), outside memory and across
 * reloads. Each segment is a separate file, either complete or absent.
 */
export class OpfsStore implements FileStore {
  readonly #folder: FileSystemDirectoryHandle
  /** @returns free bytes. */
  readonly #free: () => Promise<number>

  constructor(folder: FileSystemDirectoryHandle, free: () => Promise<number>) {
    this.#folder = folder
    this.#free = free
  }

  async has(request: SinkRequest): Promise<boolean> {
    try {
      const folder = await this.#folder.getDirectoryHandle(nameOf(request))
      return await folder.getFileHandle(LEFT).then(
        () => false,
        () => true,
      )
    } catch {
      return false
    }
  }

  /**
   * A folder that is made for nothing is removed: by its folder, a file counts as begun.
   * @throws {RangeError} when the disk has no space for the rest of the file.
   */
  async open(request: SinkRequest): Promise<FileSink> {
    const name = nameOf(request)
    const discard = () => this.#folder.removeEntry(name, { recursive: true })
    let isKept = await this.has(request)
    // What was left there is not gone on with.
    if (!isKept) await discard().catch(() => {})
    const folder = await this.#folder.getDirectoryHandle(name, { create: true })
    try {
      const mark = await (await folder.getFileHandle(MARK, { create: true })).createWritable()
      await mark.close()
      const segments = await segmentsOf(folder)
      const size = segments.reduce((sum, segment) => sum + segment.size, 0)
      if (request.size - size > (await this.#free())) {
        isKept = false
        throw new RangeError('There is not enough space for this file.')
      }
      return new OpfsSink(folder, segments, size, request.size - size, discard)
    } catch (error) {
      if (!isKept) await discard().catch(() => {})
      throw error
    }
  }

  /** Deletes data that was left behind and not touched for a day. */
  async tidy(now: number): Promise<void> {
    const names: string[] = []
    for await (const name of this.#folder.keys()) names.push(name)
    for (const name of names) {
      try {
        const files = await filesOf(await this.#folder.getDirectoryHandle(name))
        const touched = Math.max(0, ...[...files.values()].map(({ lastModified }) => lastModified))
        if (touched < now - KEEP_MS) await this.#folder.removeEntry(name, { recursive: true })
      } catch {
        // Another tab is deleting or writing it.
      }
    }
  }
}

class OpfsSink implements FileSink {
  readonly size: number
  readonly discard: () => Promise<void>
  readonly #folder: FileSystemDirectoryHandle
  readonly #segments: File[]
  /** The segment being filled, allocated when its first bytes arrive, and its fill level. */
  #open = new Uint8Array()
  #openBytes = 0
  /** Bytes still to be received. */
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
    // Never a type that a browser would open as a document.
    return new Blob(this.#segments, { type: 'application/octet-stream' })
  }

  async leave(): Promise<void> {
    await this.#folder.getFileHandle(LEFT, { create: true })
  }

  async #flush(): Promise<void> {
    if (this.#openBytes === 0) return
    const name = String(this.#segments.length).padStart(8, '0')
    const handle = await this.#folder.getFileHandle(name, { create: true })
    // The file appears atomically, when the stream is closed.
    const stream = await handle.createWritable()
    await stream.write(this.#open.subarray(0, this.#openBytes))
    await stream.close()
    this.#openBytes = 0
    this.#segments.push(await handle.getFile())
  }
}

/** Ids and sizes consist of characters that are safe in file names; what the sender has written is hashed. */
function nameOf({ self, peer, id, size, name, mime }: SinkRequest): string {
  const hash = sha256(new TextEncoder().encode(JSON.stringify([name, mime])))
  return `${self ?? 'unknown'}.${peer}.${id}.${size}.${bytesToHex(hash.subarray(0, 16))}`
}

async function filesOf(folder: FileSystemDirectoryHandle): Promise<Map<string, File>> {
  const found = new Map<string, File>()
  for await (const [name, handle] of folder.entries()) {
    if (handle.kind === 'file') found.set(name, await handle.getFile())
  }
  return found
}

/** The segments in order, up to the first that is missing or empty. */
async function segmentsOf(folder: FileSystemDirectoryHandle): Promise<File[]> {
  const found = await filesOf(folder)
  const segments: File[] = []
  for (let i = 0; ; i += 1) {
    const segment = found.get(String(i).padStart(8, '0'))
    if (segment === undefined || segment.size === 0) return segments
    segments.push(segment)
  }
}
