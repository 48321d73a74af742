import { imageDimensionsFromData } from 'image-dimensions'

/** Width and height of a picture in pixels. */
export interface PictureSize {
  readonly width: number
  readonly height: number
}

/** @returns the size to which a decoder unfolds a picture that begins so; `undefined` when decoders may not agree on it. */
export function pictureSizeOf(head: Uint8Array<ArrayBuffer>): PictureSize | undefined {
  const size = imageDimensionsFromData(head)
  if (size?.type === 'gif') return gifSizeOf(new DataView(head.buffer), size)
  if (size?.type === 'jpeg' && !isPlainJpeg(head)) return undefined
  return size
}

/** Browsers widen the screen of a GIF to its first frame (GIF89a §18 to §20). */
function gifSizeOf(bytes: DataView, screen: PictureSize): PictureSize | undefined {
  const byte = (at: number) => (at < bytes.byteLength ? bytes.getUint8(at) : 0)
  const flags = byte(10)
  let at = 13 + ((flags & 0x80) === 0 ? 0 : 3 << ((flags & 7) + 1))
  // Extensions: two bytes, then blocks that begin with their length, up to an empty one.
  while (byte(at) === 0x21) {
    at += 2
    while (byte(at) > 0) at += byte(at) + 1
    at += 1
  }
  if (byte(at) !== 0x2c || at + 9 > bytes.byteLength) return undefined
  /** Where the first frame ends: its distance from the left or the top, and its width or height behind that. */
  const end = (field: number) => bytes.getUint16(at + field, true) + bytes.getUint16(at + field + 4, true)
  return { width: Math.max(screen.width, end(1)), height: Math.max(screen.height, end(3)) }
}

/**
 * Whether only segments come before a JPEG's frame header. Decoders ignore bytes FF 00, and markers without a segment, where
 * a reader of sizes takes the next two bytes for a length and jumps over the true frame header (ITU-T T.81 §B.1.1).
 */
function isPlainJpeg(head: Uint8Array): boolean {
  let at = 2
  while (at + 3 < head.length) {
    const [first = 0, marker = 0, high = 0, low = 0] = head.subarray(at, at + 4)
    // Bytes between segments, and a marker may begin with more than one FF.
    if (first !== 0xff || marker === 0xff) {
      at += 1
      continue
    }
    if (marker < 0xc0 || (marker >= 0xd0 && marker <= 0xd9)) return false
    if (marker < 0xd0 && ![0xc4, 0xc8, 0xcc].includes(marker)) return true
    at += 2 + high * 256 + low
  }
  return false
}
