import * as v from 'valibot'
import { closeCodeNames } from './codes.ts'
import { instanceIdSchema, peerIdSchema, roomIdSchema } from './ids.ts'
import { shownNameSchema } from './text.ts'

/** Version of the protocol that this package implements; sent in `hello` and `welcome`. */
export const PROTOCOL_VERSION = 1
/** Largest frame either way, in bytes of UTF-8. */
export const MAX_FRAME_BYTES = 65_536

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))

/** How many reliable messages this end has sent and received in this session so far. */
const counts = { sent: count, received: count }

/** Keep-alive, both ways: asks for a `pong`. */
export const pingSchema = v.object({ type: v.literal('ping'), ...counts })
/** Keep-alive, both ways: the answer to a `ping`. */
export const pongSchema = v.object({ type: v.literal('pong'), ...counts })
/** Both ways: frees the other end's replay buffer. */
export const ackSchema = v.object({ type: v.literal('ack'), ...counts })

/** The longest that a duration may be, in milliseconds: a day. */
export const MAX_DURATION_MS = 86_400_000

export const durationMs = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(MAX_DURATION_MS))

/** Both ways: the last frame of a line that its sender ends, and why. */
export const closeSchema = v.object({
  type: v.literal('close'),
  code: v.picklist(closeCodeNames),
  /** Do not redial sooner than this. */
  retryAfterMs: v.exactOptional(durationMs),
})

/** What a peer supports; devices support less than browsers. */
export const capabilitiesSchema = v.object({
  /** Sends and accepts candidates one by one (RFC 8838). */
  trickle: v.boolean(),
  /** Accepts a second offer on a live connection. */
  renegotiate: v.boolean(),
  media: v.boolean(),
  data: v.boolean(),
  /** Takes files. */
  files: v.boolean(),
  /** Which roles it can take in an offer/answer exchange. */
  role: v.picklist(['both', 'offer', 'answer']),
})
export type Capabilities = v.InferOutput<typeof capabilitiesSchema>

/** Whether a value is what a greeting may have as capabilities. */
export const areCapabilities = (value: unknown): value is Capabilities => v.is(capabilitiesSchema, value)

/** The capabilities of a current browser. */
export const fullCapabilities: Capabilities = {
  trickle: true,
  renegotiate: true,
  media: true,
  data: true,
  files: true,
  role: 'both',
}

/** Name of a transport. */
export const LINE_NAME: RegExp = /^[a-z0-9-]{1,32}$/

/** A member of a room as other members see it. */
export const peerInfoSchema = v.object({
  id: peerIdSchema,
  instance: instanceIdSchema,
  name: shownNameSchema,
  /** Name of the transport that its signaling line uses. */
  line: v.pipe(v.string(), v.regex(LINE_NAME)),
  /** `away`: its signaling line is down and it may come back. */
  state: v.picklist(['here', 'away']),
  capabilities: capabilitiesSchema,
  /** May lock the room, let people in and remove them. */
  host: v.exactOptional(v.literal(true)),
})
export type PeerInfo = v.InferOutput<typeof peerInfoSchema>

/** @returns a member as described, for signaling that has no schemas of its own; `undefined` for anything else. */
export function parsePeerInfo(value: unknown): PeerInfo | undefined {
  const parsed = v.safeParse(peerInfoSchema, value, { abortEarly: true })
  return parsed.success ? parsed.output : undefined
}

/** Why a member was removed: it left, or it was silent for too long. */
export const removeReasonSchema = v.picklist(['left', 'lost'])
export type RemoveReason = v.InferOutput<typeof removeReasonSchema>

/** An entry of `RTCConfiguration.iceServers` (W3C WebRTC §4.2.4). */
export const iceServerSchema = v.object({
  urls: v.pipe(v.array(v.pipe(v.string(), v.regex(/^(stun|turn)s?:[^\s]{1,256}$/))), v.minLength(1), v.maxLength(8)),
  username: v.exactOptional(v.pipe(v.string(), v.maxLength(512))),
  credential: v.exactOptional(v.pipe(v.string(), v.maxLength(512))),
})
export type IceServer = v.InferOutput<typeof iceServerSchema>

export const roomField = { room: roomIdSchema }
export const countField = count
