import { MAX_CHUNK_BYTES } from '@patchbay/protocol'

/** Stream number (4 bytes) and offset in the file (8 bytes, a double), both big-endian. */
const HEADER_BYTES = 12
/** Bytes of a file in one chunk. */
export const PIECE_BYTES: number = MAX_CHUNK_BYTES - HEADER_BYTES

/**
 * How far ahead of what the receiver has written a sender goes with all its files together: chat waits for no more than this
 * where the receiver is the slower end.
 */
export const WINDOW_BYTES = 4_194_304

/** A piece of a file on its way. */
export interface Chunk {
  readonly stream: number
  readonly offset: number
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** Writes a chunk as one message `into` memory that has {@link MAX_CHUNK_BYTES} and may be used for the next: to send copies. */
export function packChunk({ stream, offset, bytes }: Chunk, into: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const view = new DataView(into.buffer)
  view.setUint32(0, stream)
  view.setFloat64(4, offset)
  into.set(bytes, HEADER_BYTES)
  return into.subarray(0, HEADER_BYTES + bytes.length)
}

/** Reads a chunk. @returns `undefined` when the message is none: too short, too long, or with an offset that is none. */
export function unpackChunk(message: ArrayBuffer): Chunk | undefined {
  if (message.byteLength <= HEADER_BYTES || message.byteLength > MAX_CHUNK_BYTES) return undefined
  const view = new DataView(message)
  const offset = view.getFloat64(4)
  if (!Number.isSafeInteger(offset) || offset < 0) return undefined
  return { stream: view.getUint32(0), offset, bytes: new Uint8Array(message, HEADER_BYTES) }
}
