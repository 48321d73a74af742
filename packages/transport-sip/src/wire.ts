import type { LineMessage, MessageQueueLimits } from '@patchbay/core/transport'

/** Name of the transport, as members of a room see it. */
export const NAME = 'sip'
/** Largest frame either way, in bytes of UTF-8. A larger one ends the line. */
export const MAX_FRAME_BYTES = 65_536
/**
 * Of the queue at either end, in UTF-16 code units. Frames in one MESSAGE are as JSON at most 48 KiB, which SIP over one
 * connection carries; one is under way at a time (RFC 3428 §8).
 */
export const QUEUE_LIMITS: MessageQueueLimits = { messageSize: 8_192, waitingSize: 1_048_576 }
/** Content type of all bodies. */
export const CONTENT_TYPE = 'application/json'

/** An address at the exchange, such as `sip:page@exchange.example`. */
export const ADDRESS: RegExp = /^sip:[^\s@]+@[^\s@]+$/

/** An account at the exchange. */
export interface SipLogin {
  /** The account's own address, such as `sip:page@exchange.example`. */
  readonly uri: string
  /** User name of the digest; by default the user of `uri`. */
  readonly username?: string
  readonly password: string
}

/** The body of a MESSAGE, either way. */
export interface Packet {
  /** Key of the line: 256 random bits that the client makes. Whoever knows it is the client or the server of the line. */
  readonly k: string
  /** Asks for a line; the client's own GRUU (RFC 5627), to which the server sends. Granted with 200. */
  readonly o?: string
  /** Frames, in order; the first goes on with what the last message has begun. */
  readonly f?: readonly string[]
  /** The last frame goes on in the next message. */
  readonly m?: true
  /** This end closes the line, after these frames. */
  readonly b?: true
  /** The server has given the line up. */
  readonly g?: true
}

/** @returns the body of a message of the line with this key. */
export function writePacket(k: string, { frames, goesOn, isLast }: LineMessage): string {
  const packet: Packet = {
    k,
    ...(frames.length > 0 && { f: frames }),
    ...(goesOn && { m: true }),
    ...(isLast && { b: true }),
  }
  return JSON.stringify(packet)
}

/** @returns the frames of a packet, as a `FrameReader` takes them. */
export function partsOf({ f = [], m }: Packet): Pick<LineMessage, 'frames' | 'goesOn'> {
  return { frames: f, goesOn: m === true }
}

const KEY = /^[A-Za-z0-9_-]{43}$/

/** @returns the packet in a body; `undefined` when it is not one. */
export function readPacket(body: string): Packet | undefined {
  try {
    const { k, o, f, m, b, g } = JSON.parse(body) as Record<string, unknown>
    if (typeof k !== 'string' || !KEY.test(k)) return undefined
    if (o !== undefined && (typeof o !== 'string' || o.length > 512)) return undefined
    if (f !== undefined && !(Array.isArray(f) && f.every((one) => typeof one === 'string'))) return undefined
    return {
      k,
      ...(o !== undefined && { o }),
      ...(f !== undefined && { f }),
      ...(m === true && { m }),
      ...(b === true && { b }),
      ...(g === true && { g }),
    }
  } catch {
    return undefined
  }
}

/** @returns the account in what the server has made for a person; `undefined` when there is none in it. */
export function readLogin(credentials: unknown): Required<SipLogin> | undefined {
  const { uri, username, password } = (credentials ?? {}) as Record<string, unknown>
  if (typeof uri !== 'string' || typeof username !== 'string' || typeof password !== 'string') return undefined
  return { uri, username, password }
}
