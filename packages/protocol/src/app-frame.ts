/** Longest payload of a message on an application channel, in bytes. */
export const MAX_APP_BYTES = 65_536
const MAX_HEADER_BYTES = 256

/** Why a request got no answer from the peer's app. */
export type RequestFailure = 'unsupported' | 'busy' | 'failed'

/** What comes before a payload. `bytes`: it is bytes rather than JSON. */
export type AppHeader =
  | { readonly kind: 'message'; readonly channel: string; readonly bytes: boolean }
  | { readonly kind: 'request'; readonly channel: string; readonly bytes: boolean; readonly id: number }
  | { readonly kind: 'response'; readonly channel: string; readonly bytes: boolean; readonly id: number }
  | { readonly kind: 'failure'; readonly channel: string; readonly id: number; readonly code: RequestFailure }
  | { readonly kind: 'cancel'; readonly channel: string; readonly id: number }

/** What an application sends: JSON, or bytes. */
export type AppValue = unknown

/** One frame of an application channel. */
export interface AppFrame {
  readonly header: AppHeader
  readonly value: AppValue
}

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })

/** @returns whether channels may have that name: 1 to 64 letters, digits, `_`, `.`, `:` and `-`. */
export function isChannelName(name: string): boolean {
  return /^[\w.:-]{1,64}$/.test(name)
}

/** The payload of a value; `undefined` if it is neither bytes nor JSON. */
export function payloadOf(value: AppValue): { readonly bytes: boolean; readonly payload: Uint8Array } | undefined {
  if (value instanceof ArrayBuffer) return { bytes: true, payload: new Uint8Array(value) }
  if (ArrayBuffer.isView(value))
    return { bytes: true, payload: new Uint8Array(value.buffer, value.byteOffset, value.byteLength) }
  try {
    // Undefined for what JSON has no form for, such as a function.
    const text = JSON.stringify(value) as string | undefined
    return text === undefined ? undefined : { bytes: false, payload: encoder.encode(text) }
  } catch {
    return undefined
  }
}

/** A frame: the length of the header in two bytes, the header as JSON, the payload. */
export function encodeAppFrame(header: AppHeader, payload: Uint8Array = new Uint8Array()): Uint8Array<ArrayBuffer> {
  const head = encoder.encode(JSON.stringify(header))
  const frame = new Uint8Array(2 + head.length + payload.length)
  new DataView(frame.buffer).setUint16(0, head.length)
  frame.set(head, 2)
  frame.set(payload, 2 + head.length)
  return frame
}

/** @returns `undefined` for what is not a frame, or is of a kind that this version does not know. */
export function decodeAppFrame(data: ArrayBuffer): AppFrame | undefined {
  if (data.byteLength < 2) return undefined
  const length = new DataView(data).getUint16(0)
  const end = 2 + length
  if (length > MAX_HEADER_BYTES || end > data.byteLength || data.byteLength - end > MAX_APP_BYTES) return undefined
  try {
    const header = readHeader(JSON.parse(decoder.decode(new Uint8Array(data, 2, length))) as HeaderMembers)
    if (header === undefined) return undefined
    const payload = new Uint8Array(data.slice(end))
    if (!('bytes' in header)) return { header, value: undefined }
    return { header, value: header.bytes ? payload : JSON.parse(decoder.decode(payload)) }
  } catch {
    return undefined
  }
}

type HeaderMembers = Readonly<Record<'kind' | 'channel' | 'bytes' | 'id' | 'code', unknown>>

/** Members that are not known are dropped. */
function readHeader({ kind, channel, bytes, id, code }: HeaderMembers): AppHeader | undefined {
  if (typeof channel !== 'string' || !isChannelName(channel)) return undefined
  if (kind === 'message') return typeof bytes === 'boolean' ? { kind, channel, bytes } : undefined
  if (typeof id !== 'number' || !Number.isSafeInteger(id) || id < 1) return undefined
  switch (kind) {
    case 'request':
    case 'response':
      return typeof bytes === 'boolean' ? { kind, channel, bytes, id } : undefined
    case 'failure':
      return code === 'unsupported' || code === 'busy' || code === 'failed' ? { kind, channel, id, code } : undefined
    case 'cancel':
      return { kind, channel, id }
    default:
      return undefined
  }
}
