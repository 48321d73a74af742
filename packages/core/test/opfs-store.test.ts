import type { PeerId } from '@patchbay/protocol'
import { describe, expect, test } from 'vitest'
import { OpfsStore, type SinkRequest } from '../src/files/index.ts'

const SEGMENT_BYTES = 4_194_304

/** A folder in memory, with as much of WHATWG File System as is used: what is written shows up when it is closed. */
class Folder {
  readonly kind = 'directory'
  readonly children = new Map<string, Folder | { bytes: Uint8Array<ArrayBuffer>; lastModified: number }>()
  readonly clock: { now: number; isFull?: boolean }
  /** Nothing in it can be read: another tab is at it. */
  locked = false

  constructor(clock: Folder['clock'] = { now: 0 }) {
    this.clock = clock
  }

  async getDirectoryHandle(name: string, { create = false } = {}): Promise<Folder> {
    const known = this.children.get(name)
    if (known instanceof Folder) return known
    if (!create) throw new DOMException('none', 'NotFoundError')
    const folder = new Folder(this.clock)
    this.children.set(name, folder)
    return folder
  }

  async getFileHandle(name: string, { create = false } = {}) {
    if (!this.children.has(name)) {
      if (!create) throw new DOMException('none', 'NotFoundError')
      this.children.set(name, { bytes: new Uint8Array(), lastModified: this.clock.now })
    }
    return this.#handleOf(name)
  }

  #handleOf(name: string) {
    const entry = () => this.children.get(name) as { bytes: Uint8Array<ArrayBuffer>; lastModified: number }
    return {
      kind: 'file',
      getFile: async () => Object.assign(new Blob([entry().bytes]), { lastModified: entry().lastModified, name }),
      createWritable: async () => {
        if (this.clock.isFull === true) throw new DOMException('full', 'QuotaExceededError')
        let written = new Uint8Array()
        return {
          write: async (bytes: Uint8Array<ArrayBuffer>) => void (written = bytes.slice()),
          close: async () => void this.children.set(name, { bytes: written, lastModified: this.clock.now }),
        }
      },
    }
  }

  async removeEntry(name: string, { recursive = false } = {}): Promise<void> {
    if (!recursive) throw new DOMException('not empty', 'InvalidModificationError')
    this.children.delete(name)
  }

  async *keys() {
    yield* [...this.children.keys()]
  }

  async *entries() {
    if (this.locked) throw new DOMException('locked', 'NoModificationAllowedError')
    for (const [name, child] of this.children) yield [name, child instanceof Folder ? child : this.#handleOf(name)]
  }
}

const request = (size: number, id = 'A'.repeat(22)): SinkRequest => ({
  self: 'S'.repeat(22) as PeerId,
  peer: 'P'.repeat(22) as PeerId,
  id,
  size,
  name: 'holiday.jpg',
  mime: 'image/jpeg',
})

function storeOf(freeBytes = Infinity) {
  const root = new Folder()
  const disk = { freeBytes }
  const store = new OpfsStore(root as unknown as FileSystemDirectoryHandle, () => Promise.resolve(disk.freeBytes))
  return { root, disk, store }
}

/** Repeats after a prime number of bytes, so that no two segments are the same. */
const pattern = Uint8Array.from({ length: 251 }, (_, i) => i * 31)
const bytesOf = (size: number) => new Uint8Array(Buffer.alloc(size, pattern))

async function kept(sink: { kept(): AsyncIterable<Uint8Array> }): Promise<number> {
  let size = 0
  for await (const bytes of sink.kept()) size += bytes.length
  return size
}

describe('a file on the disk', () => {
  test.each([
    ['nothing', 0, 1_000],
    ['less than a segment', 10_000, 3_000],
    ['a segment', SEGMENT_BYTES, 65_524],
    ['a segment and a byte', SEGMENT_BYTES + 1, 65_524],
    ['several segments, in pieces larger than one', 2 * SEGMENT_BYTES + 77, SEGMENT_BYTES + 1_000],
  ])('of %s comes out as it went in, as nothing that a browser would open', async (_, size, pieceBytes) => {
    const { store } = storeOf()
    const sink = await store.open(request(size))
    const whole = bytesOf(size)
    for (let at = 0; at < size; at += pieceBytes) await sink.write(whole.slice(at, at + pieceBytes))
    const file = await sink.finish()
    expect(file.type).toBe('application/octet-stream')
    expect(file.size).toBe(size)
    expect(Buffer.from(await file.arrayBuffer()).equals(Buffer.from(whole))).toBe(true)
  })

  test('goes on after a reload where its last whole segment ends', async () => {
    const { store } = storeOf()
    const whole = bytesOf(2 * SEGMENT_BYTES + 500)
    const before = await store.open(request(whole.length))
    expect([before.size, await kept(before)]).toEqual([0, 0])
    await before.write(whole.slice(0, SEGMENT_BYTES + 1_000))
    const after = await store.open(request(whole.length))
    expect([after.size, await kept(after)]).toEqual([SEGMENT_BYTES, SEGMENT_BYTES])
    await after.write(whole.slice(SEGMENT_BYTES))
    const file = await after.finish()
    expect(Buffer.from(await file.arrayBuffer()).equals(Buffer.from(whole))).toBe(true)
  })

  test('ends at a segment that was created and never written, whatever comes behind it', async () => {
    const { root, store } = storeOf()
    const sink = await store.open(request(3 * SEGMENT_BYTES))
    await sink.write(bytesOf(2 * SEGMENT_BYTES))
    const [folder] = [...root.children.values()] as Folder[]
    folder?.children.set('00000000', { bytes: new Uint8Array(), lastModified: 0 })
    expect((await store.open(request(3 * SEGMENT_BYTES))).size).toBe(0)
  })

  test('is known from the moment it was begun until it is thrown away, by all that it is', async () => {
    const { root, store } = storeOf()
    expect(await store.has(request(10))).toBe(false)
    const sink = await store.open(request(10))
    expect(await store.has(request(10))).toBe(true)
    for (const other of [
      request(11),
      request(10, 'B'.repeat(22)),
      { ...request(10), peer: 'X'.repeat(22) as PeerId },
      { ...request(10), self: 'X'.repeat(22) as PeerId },
      { ...request(10), self: undefined },
      { ...request(10), name: 'holiday.exe' },
      { ...request(10), mime: 'application/x-msdownload' },
    ])
      expect(await store.has(other)).toBe(false)
    await sink.discard()
    expect(await store.has(request(10))).toBe(false)
    expect(root.children.size).toBe(0)
  })

  test('that is complete and off the list stays to be saved, and begins anew when it is offered again', async () => {
    const { root, store } = storeOf()
    const size = SEGMENT_BYTES + 10
    const sink = await store.open(request(size))
    await sink.write(bytesOf(size))
    const file = await sink.finish()
    await sink.leave?.()
    expect(Buffer.from(await file.arrayBuffer()).equals(Buffer.from(bytesOf(size)))).toBe(true)
    expect([await store.has(request(size)), root.children.size]).toEqual([false, 1])
    expect((await store.open(request(size))).size).toBe(0)
    expect(await store.has(request(size))).toBe(true)
  })

  test('of somebody who is not known yet has a place as well', async () => {
    const { store } = storeOf()
    await store.open({ ...request(10), self: undefined })
    expect(await store.has({ ...request(10), self: undefined })).toBe(true)
  })

  test('for whose rest there is no room is refused, and leaves nothing behind', async () => {
    const { root, disk, store } = storeOf(10)
    await expect(store.open(request(11))).rejects.toThrow(RangeError)
    expect(root.children.size).toBe(0)
    const sink = await store.open(request(10))
    disk.freeBytes = SEGMENT_BYTES
    const large = await store.open(request(SEGMENT_BYTES, 'B'.repeat(22)))
    await large.write(bytesOf(SEGMENT_BYTES))
    // All of it is there.
    disk.freeBytes = 0
    expect((await store.open(request(SEGMENT_BYTES, 'B'.repeat(22)))).size).toBe(SEGMENT_BYTES)
    expect(sink.size).toBe(0)
  })

  test('that cannot be begun leaves nothing behind, and one that was begun stays', async () => {
    const { root, store } = storeOf()
    await store.open(request(10))
    root.clock.isFull = true
    await expect(store.open(request(11))).rejects.toThrow('full')
    expect(await store.has(request(11))).toBe(false)
    await expect(store.open(request(10))).rejects.toThrow('full')
    expect(await store.has(request(10))).toBe(true)
  })
})

describe('what was left behind', () => {
  const DAY = 86_400_000

  test('is thrown away when nobody has touched it for a day', async () => {
    const { root, store } = storeOf()
    await store.open(request(1, 'old'))
    root.clock.now = 1_000
    const sink = await store.open(request(2 * SEGMENT_BYTES, 'begun early'))
    root.clock.now = 2_000
    await sink.write(bytesOf(SEGMENT_BYTES))
    const left = () => [...root.children.keys()].map((name) => name.split('.')[2])
    await store.tidy(DAY)
    expect(left()).toEqual(['old', 'begun early'])
    await store.tidy(DAY + 1)
    expect(left()).toEqual(['begun early'])
    await store.tidy(DAY + 2_000)
    expect(left()).toEqual(['begun early'])
    await store.tidy(DAY + 2_001)
    expect(left()).toEqual([])
  })

  test('stays where another tab is at it, and does not keep the rest from being thrown away', async () => {
    const { root, store } = storeOf()
    for (const id of ['first', 'second']) await store.open(request(1, id))
    const [first] = [...root.children.values()] as Folder[]
    if (first !== undefined) first.locked = true
    await store.tidy(2 * DAY)
    expect([...root.children.keys()].map((name) => name.split('.')[2])).toEqual(['first'])
  })
})
