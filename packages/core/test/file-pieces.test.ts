import { createHash } from 'node:crypto'
import { MAX_CHUNK_BYTES } from '@patchbay/protocol'
import { describe, expect, test } from 'vitest'
import { PIECE_BYTES, packChunk, unpackChunk } from '../src/files/chunk.ts'
import { cleanFileName, MemoryStore } from '../src/files/index.ts'
import { OutgoingFile } from '../src/files/outgoing-file.ts'
import { RateMeter } from '../src/files/rate.ts'
import { ada, fileOf, MIB } from './support/file-side.ts'

const id = 'A'.repeat(22)
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

describe('a piece of a file', () => {
  const memory = new Uint8Array(MAX_CHUNK_BYTES)
  const pack = (stream: number, offset: number, bytes: Uint8Array<ArrayBuffer>) =>
    packChunk({ stream, offset, bytes }, memory).slice().buffer

  test.each([
    [1, 0, 1],
    [2 ** 32 - 1, 2 ** 44, PIECE_BYTES],
  ])('of stream %i at %i with %i bytes is read as it was written', (stream, offset, size) => {
    const bytes = Uint8Array.from({ length: size }, (_, i) => i % 256)
    const message = pack(stream, offset, bytes)
    expect(message.byteLength).toBe(12 + size)
    const read = unpackChunk(message)
    expect([read?.stream, read?.offset]).toEqual([stream, offset])
    expect(Buffer.from(read?.bytes ?? []).equals(bytes)).toBe(true)
  })

  test('fills the largest message to the last byte', () => {
    expect(12 + PIECE_BYTES).toBe(MAX_CHUNK_BYTES)
    expect(unpackChunk(new ArrayBuffer(MAX_CHUNK_BYTES))?.bytes).toHaveLength(PIECE_BYTES)
    expect(unpackChunk(new ArrayBuffer(MAX_CHUNK_BYTES + 1))).toBeUndefined()
    expect(unpackChunk(new ArrayBuffer(13))).toEqual({ stream: 0, offset: 0, bytes: new Uint8Array(1) })
    for (const size of [0, 11, 12]) expect(unpackChunk(new ArrayBuffer(size))).toBeUndefined()
  })

  test.each([-1, 0.5, NaN, Infinity, 2 ** 53])('is none at the offset %d', (offset) => {
    expect(unpackChunk(pack(1, offset, new Uint8Array(1)))).toBeUndefined()
  })
})

describe('a speed', () => {
  test('is that of the last three seconds', () => {
    const meter = new RateMeter()
    expect(meter.note(1_000, 500)).toBe(0)
    expect(meter.note(1_000, 700)).toBe(0)
    expect(meter.note(2_000, 1_500)).toBe(1_000)
    expect(meter.note(3_000, 1_500)).toBe(500)
    // The first two are too long ago by now; the one at two seconds is just old enough to measure from.
    expect(meter.note(5_000, 7_500)).toBe(2_000)
    expect(meter.note(5_500, 7_500)).toBe(6_000 / 3.5)
  })

  test('does not count what lay before it began anew', () => {
    const meter = new RateMeter()
    meter.note(0, 0)
    meter.reset()
    expect([meter.note(1_000, 1_000), meter.note(2_000, 1_500)]).toEqual([0, 500])
  })
})

describe('a file on its way out', () => {
  const outgoing = (size: number) => {
    const source = fileOf(size)
    return { source, file: new OutgoingFile(id, source, 'x.png', 7) }
  }

  test('is offered with what it is; a type that is too long or ill-formed is mended', () => {
    const { file, source } = outgoing(10)
    expect(file.offer()).toEqual({ type: 'offer', id, stream: 7, name: 'x.png', size: 10, mime: 'image/png' })
    const odd = new OutgoingFile(id, { ...source, type: `${'x'.repeat(126)}🧑` }, 'x', 1)
    expect(odd.offer()).toMatchObject({ mime: `${'x'.repeat(126)}\uFFFD` })
  })

  test('is read in order from the asked byte, and ends with the hash of the whole', async () => {
    const { file, source } = outgoing(5 * MIB + 3)
    expect(file.sending).toBe(false)
    for (const from of [0, 3 * MIB + 1, source.size]) {
      // As on a new connection each time.
      file.pause()
      expect(file.accept(from)).toBe(true)
      expect(file.sending).toBe(true)
      let at = from
      for (;;) {
        const piece = await file.take()
        if (piece === undefined) throw new Error('not read')
        if ('sha256' in piece) {
          expect(piece.sha256).toBe(sha256(source.bytes))
          break
        }
        expect(piece.offset).toBe(at)
        expect(Buffer.from(piece.bytes).equals(source.bytes.subarray(at, at + piece.bytes.length))).toBe(true)
        at += piece.bytes.length
      }
      expect(at).toBe(source.size)
      expect([file.sending, file.over]).toEqual([false, false])
      expect(file.aheadBytes).toBe(source.size - from)
    }
  })

  test('knows how far it is ahead of what was written, and takes no other count for it', async () => {
    const { file } = outgoing(200_000)
    expect([file.confirm(1, 0), file.aheadBytes]).toEqual([true, 0])
    file.accept(1_000)
    await file.take()
    expect(file.aheadBytes).toBe(PIECE_BYTES)
    const most = 1_000 + PIECE_BYTES
    expect([file.confirm(most + 1, 0), file.confirm(999, 0), file.confirm(1_000, 0)]).toEqual([false, false, true])
    expect([file.confirm(most, 1_000), file.aheadBytes]).toEqual([true, 0])
    expect(file.state).toEqual({ phase: 'moving', bytes: most, bytesPerSecond: PIECE_BYTES })
    file.pause()
    expect([file.state, file.aheadBytes, file.sending]).toEqual([{ phase: 'waiting', bytes: most }, 0, false])
  })

  test('is not begun behind its end, and nothing is taken back of one that is over', () => {
    const { file } = outgoing(10)
    expect([file.accept(11), file.state]).toEqual([false, { phase: 'offered' }])
    file.pause()
    expect(file.state).toEqual({ phase: 'offered' })
    file.stop('declined', false)
    const stopped = { phase: 'stopped', why: 'declined', byUs: false }
    file.stop('cancelled', true)
    expect([file.accept(0), file.accept(11), file.finish('x'), file.confirm(99, 0)]).toEqual([true, true, true, true])
    file.pause()
    expect([file.state, file.over, file.sending]).toEqual([stopped, true, false])
  })

  test('is done when the other end has the hash that this one has, and not with another', async () => {
    const { file, source } = outgoing(10)
    file.accept(0)
    expect(file.finish(sha256(source.bytes))).toBe(false)
    await file.take()
    await file.take()
    expect(file.finish('0'.repeat(64))).toBe(false)
    expect(file.finish(sha256(source.bytes))).toBe(true)
    expect([file.state, file.over]).toEqual([{ phase: 'done', sha256: sha256(source.bytes), file: undefined }, true])
  })

  test('that has become shorter or cannot be read is not sent', async () => {
    const { source } = outgoing(10)
    const shorter = new OutgoingFile(id, { ...source, size: 11 }, 'x', 1)
    shorter.accept(0)
    await expect(shorter.take()).rejects.toThrow('changed')
    const gone = { ...source, slice: () => ({ arrayBuffer: () => Promise.reject(new Error('gone')) }) }
    const unreadable = new OutgoingFile(id, gone, 'x', 1)
    unreadable.accept(0)
    await expect(unreadable.take()).rejects.toThrow('gone')
  })
})

test('files in memory share one limit, and what is thrown away makes room', async () => {
  const store = new MemoryStore(100)
  const request = { self: ada.id, peer: ada.id, id, size: 60, name: 'a', mime: '' }
  const sink = await store.open(request)
  expect([await store.has(), sink.size]).toEqual([false, 0])
  await expect(store.open({ ...request, size: 41 })).rejects.toThrow('100 bytes')
  await store.open({ ...request, size: 40 })
  for (const text of ['one', 'two']) await sink.write(new TextEncoder().encode(text))
  const file = await sink.finish()
  expect([file.type, await file.text()]).toEqual(['application/octet-stream', 'onetwo'])
  await sink.discard()
  expect((await sink.finish()).size).toBe(0)
  await expect(store.open({ ...request, size: 61 })).rejects.toThrow(RangeError)
  await store.open(request)
})

test.each([
  ['aux', '_aux'],
  ['aux.txt', '_aux.txt'],
  ['lpt9.', '_lpt9'],
  ['auxiliary', 'auxiliary'],
  ['my con', 'my con'],
  ['com', 'com'],
  ['a\t \n b.txt', 'a b.txt'],
  ['.. .x', 'x'],
  [`${'x'.repeat(300)}.extension`, `${'x'.repeat(110)}.extension`],
  [`${'x'.repeat(300)}.${'y'.repeat(16)}`, `${'x'.repeat(103)}.${'y'.repeat(16)}`],
  [`${'x'.repeat(300)}.${'y'.repeat(17)}`, 'x'.repeat(120)],
  ['x'.repeat(120), 'x'.repeat(120)],
  [`${'x'.repeat(118)}. b`, 'x'.repeat(118)],
  [`invoice.pdf${'\u3164'.repeat(50)}.exe`, 'invoice.pdf.exe'],
  [`${'é'.repeat(61)}.a`, `${'é'.repeat(59)}.a`],
])('a file called %j is saved as %j', (name, clean) => {
  expect(cleanFileName(name)).toBe(clean)
})

test('a name of a million characters is cleaned by its beginning and its end', () => {
  expect(cleanFileName(`a${'.'.repeat(1_000_000)}b.txt`)).toMatch(/^a\.+txt$/)
})
