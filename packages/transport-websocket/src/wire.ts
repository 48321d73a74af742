/** Name of the transport, as members of a room see it. */
export const NAME = 'websocket'
/** Subprotocol that both ends must offer (RFC 6455 §1.9). */
export const SUBPROTOCOL = 'patchbay.1'
/** Query parameter that carries the line's id, which the client generates. */
export const LINE_PARAMETER = 'line'
/** Finds the line's id, 1–64 characters of base64url, in the URL of a request. */
export const LINE_ID: RegExp = /[?&]line=([A-Za-z0-9_-]{1,64})(?:&|$)/
/** Largest frame either way, in bytes of UTF-8. A larger one ends the line with close code 1009. */
export const MAX_FRAME_BYTES = 65_536
/** Bytes that may be buffered in the server for a slow client before its line is cut. */
export const MAX_WAITING_BYTES = 1_048_576

/** Close codes of a deliberate close; any other means that the line broke (RFC 6455 §7.4.1). */
const goodbyeCodes: ReadonlySet<number> = new Set([1000, 1001, 1005])

/** Maps a WebSocket close code to the close reason at the end that did not close. */
export function reasonOf(code: number): 'remote' | 'lost' {
  return goodbyeCodes.has(code) ? 'remote' : 'lost'
}
