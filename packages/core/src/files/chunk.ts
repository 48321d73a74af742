import { MAX_CHUNK_BYTES } from '@patchbay/protocol'

/** Stream number (4 bytes) and offset in the file (8 bytes, a double), both big-endian. */
const HEADER_BYTES = 12
/** File bytes in one chunk. */
export const PIECE_BYTES: number = MAX_CHUNK_BYTES - HEADER_BYTES

/**
 * How far a sender may be ahead of what the receiver has written, over all its files: when the receiver is the slower
 * end, chat queues behind at most this many bytes.
 */
export const WINDOW_BYTES = 4_194_304

/** A piece of a file, as sent. */
export interface Chunk {
  readonly stream: number
  readonly offset: number
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** Encodes a chunk `into` a buffer of {@link MAX_CHUNK_BYTES}, which can be reused because `send` copies it. */
export function packChunk({ stream, offset, bytes }: Chunk, into: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const view = new DataView(into.buffer)
  view.setUint32(0, stream)
  view.setFloat64(4, offset)
  into.set(bytes, HEADER_BYTES)
  return into.subarray(0, HEADER_BYTES + bytes.length)
}

/** Decodes a chunk. @returns `undefined` when the message is too short, too long, or has an invalid offset. */
export function unpackChunk(message: ArrayBuffer): Chunk | undefined {
  if (message.byteLength <= HEADER_BYTES || message.byteLength > MAX_CHUNK_BYTES) return undefined
  const view = new DataView(message)
  const offset = view.getFloat64(4)
  if (!Number.isSafeInteger(offset) || offset < 0) return undefined
  return { stream: view.getUint32(0), offset, bytes: new Uint8Array(message, HEADER_BYTES) }
}
