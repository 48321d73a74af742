import * as v from 'valibot'
import { peerIdSchema } from './ids.ts'
import { nameSchema } from './text.ts'

/** Most features of a page, and the longest name of one, in UTF-16 code units. */
export const MAX_FEATURES = 64
export const MAX_FEATURE_NAME = 32
/** Longest session description, in UTF-16 code units. */
export const MAX_SDP_LENGTH = 49_152

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const token = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,32}$/))
const streamId = v.pipe(v.string(), v.maxLength(64))

/** Numbers the RTCPeerConnections of one page, so a description never reaches the wrong one; a newer one is greater. */
const connectionNumber = v.pipe(v.number(), v.safeInteger(), v.minValue(1))

/** Body of `offer` and `answer`, on any path. */
export const descriptionSchema = v.object({
  /** The sender's connection. */
  connection: connectionNumber,
  /** The receiver's connection as the sender knows it; `null` before the first description. */
  peerConnection: v.nullable(connectionNumber),
  /** Number of the offer, counted by the offerer; the answer repeats it. */
  n: count,
  /** Offers the sender has made so far. The receiver discards earlier offers: they were rolled back. */
  offers: count,
  sdp: v.pipe(v.string(), v.maxLength(MAX_SDP_LENGTH)),
})
export type Description = v.InferOutput<typeof descriptionSchema>

/** Body of `ice_candidate`, on any path: an `RTCIceCandidateInit` (W3C WebRTC §4.8.1). Empty text: end of candidates. */
export const candidateSchema = v.object({
  /** The sender's connection. */
  connection: connectionNumber,
  candidate: v.pipe(v.string(), v.maxLength(512)),
  sdpMid: v.nullable(v.pipe(v.string(), v.maxLength(32))),
  sdpMLineIndex: v.nullable(v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(512))),
  usernameFragment: v.nullable(v.pipe(v.string(), v.maxLength(256))),
})
export type Candidate = v.InferOutput<typeof candidateSchema>

/** Plaintext of the sealed body of `offer`, `answer` and `ice_candidate` between members who share a room key. */
export const sealedContentSchema = v.object({
  /** Increases with each signal sealed since the sender's page was loaded. */
  n: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  /** The sender's display name, which the server does not learn. */
  name: nameSchema,
  /** The body as it would be without a key. */
  body: v.string(),
})
export type SealedContent = v.InferOutput<typeof sealedContentSchema>

/**
 * Peer → peer over the `chat` data channel, by `type`. Pages of one major version that differ in age meet in a room: members
 * that a schema does not know are dropped, and types that are not here are ignored.
 */
export const peerMessageSchemas = {
  /** Heartbeat of the data channel: asks for a `pong` with the same number. */
  ping: v.object({ type: v.literal('ping'), n: count }),
  pong: v.object({ type: v.literal('pong'), n: count }),
  /** Renegotiation over the peers' own channel; the body is a {@link Description}. */
  offer: v.object({ type: v.literal('offer') }),
  answer: v.object({ type: v.literal('answer') }),
  /** The body is a {@link Candidate}. */
  ice_candidate: v.object({ type: v.literal('ice_candidate') }),
  /** First of the chat on every channel: the sender's chat stream, and the number before the first message it may still send. */
  sync: v.object({ type: v.literal('sync'), stream: token, before: count }),
  /** One chat message; the body is its text. `seq` numbers it in its stream, so it is delivered once on any channel. */
  chat: v.object({ type: v.literal('chat'), id: token, seq: count }),
  /** The number of the last message received in the other's stream of that id. */
  ack: v.object({ type: v.literal('ack'), stream: token, heard: count }),
  /** Begins a comparison of safety codes: SHA-256 of the sender's nonce, base64url. */
  safety_commit: v.object({ type: v.literal('safety_commit'), hash: v.pipe(v.string(), v.regex(/^[\w-]{43}$/)) }),
  /** The nonce itself, once both ends have committed to theirs. */
  safety_reveal: v.object({
    type: v.literal('safety_reveal'),
    nonce: v.pipe(v.string(), v.regex(/^[\w-]{22}$/)),
  }),
  /** A signal for another member that the sender cannot reach otherwise; the body is the signal's own frame. */
  relay: v.object({ type: v.literal('relay'), to: peerIdSchema }),
  /** A `relay` on its second leg; the relaying member states who sent it. */
  relayed: v.object({ type: v.literal('relayed'), from: peerIdSchema }),
  /** State of the sender's microphone, camera and screen, and the streams that carry them. */
  media: v.object({
    type: v.literal('media'),
    microphone: v.picklist(['off', 'on', 'muted']),
    camera: v.picklist(['off', 'on']),
    screen: v.picklist(['off', 'on']),
    stream: v.nullable(streamId),
    screenStream: v.nullable(streamId),
  }),
  /** How large the receiver's camera and screen are shown at the sender, in pixels of height; 0: not at all. */
  view: v.object({ type: v.literal('view'), camera: count, screen: count }),
  /** Whether the sender's hand is up, as of someone who would like to speak. */
  hand: v.object({ type: v.literal('hand'), up: v.boolean() }),
  /** Whether the sender records what it sees and hears of the room. */
  recording: v.object({ type: v.literal('recording'), up: v.boolean() }),
  /**
   * First on every channel: what the sender's page has besides the connection itself, such as `files`. What it has not is
   * not sent to it.
   */
  features: v.object({
    type: v.literal('features'),
    names: v.pipe(v.array(v.pipe(v.string(), v.maxLength(MAX_FEATURE_NAME))), v.maxLength(MAX_FEATURES)),
  }),
  /** The sender has signaling again, after a time without. Whoever has none yet need not wait before the next attempt. */
  signaling_back: v.object({ type: v.literal('signaling_back') }),
  /** The sender is leaving; the connection ends at once. */
  bye: v.object({ type: v.literal('bye') }),
}
