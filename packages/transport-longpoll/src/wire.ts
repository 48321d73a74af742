/** Name of the transport, as members of a room see it. */
export const NAME = 'longpoll'
/** Largest frame either way, in bytes of UTF-8. A larger one ends the line. */
export const MAX_FRAME_BYTES = 65_536
/** Largest request body: a batch of frames with JSON escapes. */
export const MAX_BODY_BYTES = 524_288
/** Bytes that may be buffered in the server for a slow client before its line is cut. */
export const MAX_WAITING_BYTES = 1_048_576
/** Header with a frame count: in a POST, frames before its first one; in a GET, frames the client has received. */
export const CURSOR_HEADER = 'patchbay-cursor'

/** Durations of a line, in milliseconds. Both ends must roughly agree on them. */
export interface LongPollTimes {
  /** How long a GET is held when there are no frames. */
  readonly holdMs: number
  /** How long a line survives without a GET, or without an answer. */
  readonly graceMs: number
}

export const defaultTimes: LongPollTimes = { holdMs: 10_000, graceMs: 5_000 }

/**
 * Answer to the POST that opens a line. Both are sent with every other request, in `Authorization`, so all lines have one
 * URL: a browser asks once, not once for each line, whether a page of another origin may (CORS preflight, Fetch §4.8).
 */
export interface Opened {
  readonly id: string
  readonly secret: string
}

/** The value of `Authorization` with every request of a line. */
export function credentialOf({ id, secret }: Opened): string {
  return `Bearer ${id}.${secret}`
}

/** Body of every other POST. */
export interface Sent {
  readonly frames: readonly string[]
  /** These are the last frames: the client ends the line. */
  readonly leave?: true
}

/** Answer to a GET. */
export interface Received {
  readonly frames: readonly string[]
  /** These are the last frames: the server has ended the line. */
  readonly closed?: true
}

const isFrames = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((frame) => typeof frame === 'string')

/** @returns the body of a POST or the answer to a GET; `undefined` when malformed. */
export function readFrames(value: unknown): (Sent & Received) | undefined {
  const body = value as Partial<Sent & Received> | null
  return typeof body === 'object' && body !== null && isFrames(body.frames) ? (body as Sent & Received) : undefined
}
