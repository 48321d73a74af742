import { expect, test } from 'vitest'
import { viewOf } from '../src/lib/file-view'

const fileOf = (...parts: (string | readonly number[])[]) =>
  new Blob(parts.map((part) => (typeof part === 'string' ? part : new Uint8Array(part))))

/** The beginning of a PNG of that size (PNG §5.2, §11.2.1). */
function pngOf(width: number, height: number): Blob {
  const bytes = (value: number) => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255]
  return fileOf([0x89], 'PNG\r\n\u001A\n', bytes(13), 'IHDR', bytes(width), bytes(height), [1, 0, 0, 0, 0], bytes(0))
}

test('a picture is shown by its type and size, unless it has too many pixels or is next to a line', async () => {
  const picture = { kind: 'picture', type: 'image/png', width: 640, height: 480 }
  expect(await viewOf(pngOf(640, 480), 'image/png')).toEqual(picture)
  for (const [width, height] of [
    [12_000, 12_000],
    [1, 1_000],
    [0, 10],
  ] as const)
    expect(await viewOf(pngOf(width, height), 'image/png')).toBeUndefined()
  expect(await viewOf(fileOf('<svg xmlns="http://www.w3.org/2000/svg"/>'), 'image/svg+xml')).toBeUndefined()
  expect(await viewOf(fileOf('<svg xmlns="http://www.w3.org/2000/svg"/>'), 'image/png')).toBeUndefined()
  expect(await viewOf(pngOf(640, 480), 'text/html')).toBeUndefined()
})

test('an AVIF is not shown: its frame may be larger than it says', async () => {
  const size = [
    0,
    0,
    0,
    20,
    ...Array.from('ispe', (letter) => letter.charCodeAt(0)),
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    64,
    0,
    0,
    0,
    64,
  ]
  expect(await viewOf(fileOf([0, 0, 0, 16], 'ftypavif', Array<number>(8).fill(0), size), 'image/avif')).toBeUndefined()
})

const twoBytes = (value: number) => [value >>> 8, value & 255]
const gifBytes = (...values: readonly number[]) => values.flatMap((value) => twoBytes(value).toReversed())

/** The beginning of a GIF with a screen of 100 × 100, two colors and a comment, whose first frame is at 10, 20 (GIF89a). */
function gifOf(width: number, height: number): Blob {
  const screen = [...gifBytes(100, 100), 0x80, 0, 0, 0, 0, 0, 255, 255, 255]
  return fileOf('GIF89a', screen, [0x21, 0xfe, 2], 'hi', [0], [0x2c, ...gifBytes(10, 20, width, height), 0])
}

test('a GIF is as large as its screen and its first frame', async () => {
  const picture = { kind: 'picture', type: 'image/gif', width: 100, height: 100 }
  expect(await viewOf(gifOf(90, 80), 'image/gif')).toEqual(picture)
  expect(await viewOf(gifOf(95, 85), 'image/gif')).toEqual({ ...picture, width: 105, height: 105 })
  expect(await viewOf(gifOf(16_000, 16_000), 'image/gif')).toBeUndefined()
  expect(await viewOf(gifOf(90, 80).slice(0, 30), 'image/gif'), 'no frame').toBeUndefined()
})

/** The beginning of a JPEG of 100 × 100 with these bytes before its frame header (ITU-T T.81 §B.2.2). */
const jpegOf = (before: readonly number[]) =>
  fileOf([0xff, 0xd8], before, [0xff, 0xc2, 0, 17, 8, ...twoBytes(100), ...twoBytes(100), 3], Array<number>(10).fill(0))

test('a JPEG is shown unless what comes before its frame header is no segment: its size would be a guess', async () => {
  const segment = [0xff, 0xe0, 0, 4, 0xff, 0xd8]
  for (const before of [segment, [...segment, 0, 0xff, ...segment]])
    expect(await viewOf(jpegOf(before), 'image/jpeg')).toMatchObject({ width: 100, height: 100 })
  const jumped = [0, 6, 0, 0, 0, 0]
  for (const marker of [0x00, 0x01, 0xd0, 0xd7, 0xd8, 0xd9])
    expect(await viewOf(jpegOf([...segment, 0xff, marker, ...jumped]), 'image/jpeg')).toBeUndefined()
})

test.each([
  ['video/mp4', fileOf([0, 0, 0, 32], 'ftypisom'), { kind: 'video', type: 'video/mp4' }],
  ['audio/x-m4a', fileOf([0, 0, 0, 32], 'ftypM4A '), { kind: 'audio', type: 'audio/mp4' }],
  ['video/x-matroska', fileOf([0x1a, 0x45, 0xdf, 0xa3]), { kind: 'video', type: 'video/webm' }],
  ['audio/opus', fileOf('OggS'), { kind: 'audio', type: 'audio/ogg' }],
  ['audio/flac', fileOf('fLaC'), { kind: 'audio', type: 'audio/flac' }],
  ['audio/wav', fileOf('RIFF', [1, 2, 3, 4], 'WAVE'), { kind: 'audio', type: 'audio/wav' }],
  ['audio/mp3', fileOf('ID3'), { kind: 'audio', type: 'audio/mpeg' }],
  ['video/mpeg', fileOf([0xff, 0xfb]), { kind: 'audio', type: 'audio/mpeg' }],
  ['audio/aac', fileOf([0xff, 0xf1]), { kind: 'audio', type: 'audio/aac' }],
])('%s is played as what it is', async (mime, file, view) => {
  expect(await viewOf(file, mime)).toEqual(view)
})

test.each([
  ['a list of addresses', fileOf('#EXTM3U\nhttps://elsewhere.example/1.ts')],
  ['a page', fileOf('<!doctype html>')],
  ['other RIFF', fileOf('RIFF', [1, 2, 3, 4], 'AVI ')],
  ['nothing', fileOf()],
])('%s is not given to a player, whatever its sender says', async (_, file) => {
  for (const mime of ['video/mp4', 'audio/mpeg', 'video/']) expect(await viewOf(file, mime)).toBeUndefined()
})
