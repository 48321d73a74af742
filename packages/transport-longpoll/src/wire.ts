/** Name of the transport, as members of a room see it. */
export const NAME = 'longpoll'
/** Largest frame either way, in bytes of UTF-8. A larger one ends the line. */
export const MAX_FRAME_BYTES = 65_536
/** Largest body of a request: what one turn of the client's may hold. */
export const MAX_BODY_BYTES = 524_288
/** Bytes a reader may leave waiting in the server before its line is cut. */
export const MAX_WAITING_BYTES = 1_048_576
/** Header with the number of frames before the first one of a POST, or taken by the one who asks in a GET. */
export const CURSOR_HEADER = 'patchbay-cursor'

/** Durations of a line, in milliseconds. Both ends must agree on them roughly. */
export interface LongPollTimes {
  /** A GET with nothing to say is held so long. */
  readonly holdMs: number
  /** A line without a GET, or without an answer, is lost after so long. */
  readonly graceMs: number
}

export const defaultTimes: LongPollTimes = { holdMs: 10_000, graceMs: 5_000 }

/** Answer to the POST that opens a line. */
export interface Opened {
  readonly id: string
  /** Shown in `Authorization` with every other request; never in a URL. */
  readonly secret: string
}

/** Body of every other POST. */
export interface Sent {
  readonly frames: readonly string[]
  /** These are the last ones: the line ends. */
  readonly leave?: true
}

/** Answer to a GET. */
export interface Received {
  readonly frames: readonly string[]
  /** These are the last ones: the server has ended the line. */
  readonly closed?: true
}

const isFrames = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((frame) => typeof frame === 'string')

/** @returns the body of a POST or the answer to a GET; `undefined` when it is neither. */
export function readFrames(value: unknown): (Sent & Received) | undefined {
  const body = value as Partial<Sent & Received> | null
  return typeof body === 'object' && body !== null && isFrames(body.frames) ? (body as Sent & Received) : undefined
}
