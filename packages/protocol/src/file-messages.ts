import * as v from 'valibot'

/** Largest file that can be offered, in bytes: below 2 ** 53, so a double holds every offset exactly. */
export const MAX_FILE_BYTES = 2 ** 44
/** Longest file name as offered, in UTF-16 code units. */
export const MAX_FILE_NAME_LENGTH = 255
/** Largest chunk, in bytes, including its header. */
export const MAX_CHUNK_BYTES = 65_536

const wellFormed = v.check((text: string) => text.isWellFormed(), 'not well-formed Unicode')
const bytes = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(MAX_FILE_BYTES))
/** Names one transfer between two peers: 22 characters of base64url. */
const transferId = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{22}$/))
/** Short name of a transfer on one channel, from 1, carried by each of its chunks. */
const stream = v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(0xffff_ffff))
const sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))

/** Peer → peer over the `files` data channel, by `type`; see docs/files.md. */
export const fileMessageSchemas = {
  /** From the sender: offers a file. When the same file is offered again, on any channel, the transfer resumes. */
  offer: v.object({
    type: v.literal('offer'),
    id: transferId,
    stream,
    name: v.pipe(v.string(), v.maxLength(MAX_FILE_NAME_LENGTH), wellFormed),
    size: bytes,
    mime: v.pipe(v.string(), v.maxLength(127), wellFormed),
  }),
  /** From the receiver: start sending at byte `from`. */
  accept: v.object({ type: v.literal('accept'), id: transferId, from: bytes }),
  /** From the receiver: bytes written so far. The sender stays at most one window ahead. */
  got: v.object({ type: v.literal('got'), id: transferId, bytes }),
  /** From the sender, after the last byte: the hash of the whole file. */
  end: v.object({ type: v.literal('end'), id: transferId, sha256 }),
  /** From the receiver: the file is complete and its hash matches. */
  done: v.object({ type: v.literal('done'), id: transferId, sha256 }),
  /** From either end: the transfer is over, and why. */
  stop: v.object({
    type: v.literal('stop'),
    id: transferId,
    why: v.picklist(['declined', 'cancelled', 'unreadable', 'no_space', 'corrupt']),
  }),
}
