import { pictureSizeOf } from './picture-size'

/** How a file can be shown in the page. The type is what it is shown as; of sound and film never the one that its sender claims. */
export type FileView =
  /** Width and height in pixels, before a camera's orientation is applied. */
  | { readonly kind: 'picture'; readonly type: string; readonly width: number; readonly height: number }
  | { readonly kind: 'audio' | 'video'; readonly type: string }

/**
 * Raster image types: decoded only, never executed. Not AVIF: browsers decode its frame at the size that the frame has, whatever
 * size the file states.
 */
const raster: ReadonlySet<string> = new Set(['image/png', 'image/jpeg', 'image/webp', 'image/gif'])
/** Largest picture shown. */
const MAX_PICTURE_BYTES = 20_971_520
/** Most pixels to decode: a small file may expand to any number. */
const MAX_PIXELS = 40_000_000
/** Most times that one side is longer than the other: of more there is nothing to be seen. */
const MAX_RATIO = 100
/** Bytes read from the start of a file, where the image size is stated. */
const HEAD_BYTES = 262_144

/** What a file is likely to be shown as, before any of it is here: by the type that its sender claims, and its size in bytes. */
export function likelyKind(mime: string, size: number): FileView['kind'] | undefined {
  if (raster.has(mime) && size <= MAX_PICTURE_BYTES) return 'picture'
  const [kind] = mime.split('/')
  return kind === 'audio' || kind === 'video' ? kind : undefined
}

/** @returns how to show a file; `undefined` if not at all. */
export async function viewOf(file: Blob, mime: string): Promise<FileView | undefined> {
  const kind = likelyKind(mime, file.size)
  if (kind === undefined) return undefined
  const head = new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer())
  return kind === 'picture' ? pictureOf(head, mime) : mediumOf(head, kind === 'video')
}

function pictureOf(head: Uint8Array<ArrayBuffer>, type: string): FileView | undefined {
  const { width, height } = pictureSizeOf(head) ?? { width: 0, height: 0 }
  const ratio = Math.max(width, height) / Math.min(width, height)
  return width * height <= MAX_PIXELS && ratio <= MAX_RATIO ? { kind: 'picture', type, width, height } : undefined
}

/** Containers of sound and film, by how they begin. Nothing else is given to a player: a list of addresses would be fetched. */
function mediumOf(head: Uint8Array, isVideo: boolean): FileView | undefined {
  const letters = (start: number, end: number) => String.fromCodePoint(...head.subarray(start, end))
  const sound = (type: string): FileView => ({ kind: 'audio', type: `audio/${type}` })
  const either = (type: string): FileView => (isVideo ? { kind: 'video', type: `video/${type}` } : sound(type))
  const [first = 0, second = 0] = head
  if (letters(4, 8) === 'ftyp') return either('mp4')
  if (letters(0, 4) === '\u001AE\u00DF\u00A3') return either('webm')
  if (letters(0, 4) === 'OggS') return either('ogg')
  if (letters(0, 4) === 'fLaC') return sound('flac')
  if (letters(0, 4) === 'RIFF' && letters(8, 12) === 'WAVE') return sound('wav')
  if (letters(0, 3) === 'ID3') return sound('mpeg')
  // A frame of MPEG audio begins with eleven bits that are set; of ADTS, its layer is 0 (ISO/IEC 11172-3, 13818-7).
  if (first !== 0xff || (second & 0xe0) !== 0xe0) return undefined
  return sound((second & 0x06) === 0 ? 'aac' : 'mpeg')
}
