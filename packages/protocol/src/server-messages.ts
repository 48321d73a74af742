import * as v from 'valibot'
import { errorCodeNames } from './codes.ts'
import { epochSchema, peerIdSchema, roomIdSchema, sessionIdSchema } from './ids.ts'
import {
  ackSchema,
  closeSchema,
  countField,
  durationMs,
  iceServerSchema,
  peerInfoSchema,
  pingSchema,
  pongSchema,
  removeReasonSchema,
  roomField,
} from './shared-messages.ts'
import { shownNameSchema } from './text.ts'

/** Most members that a `peers` message can list and still fit in a frame, whatever their names. */
export const MAX_ROSTER = 100

const iceServersFields = {
  iceServers: v.pipe(v.array(iceServerSchema), v.maxLength(16)),
  /** How long the credentials in them are valid; absent: they do not expire. */
  iceLifetimeMs: v.exactOptional(durationMs),
}
/** How long the token is valid, from now; absent: it does not expire. */
const tokenFields = { tokenLifetimeMs: v.exactOptional(durationMs) }
const fromMember = { ...roomField, from: peerIdSchema }

/** Server → client, by `type`. Members that a schema does not know are dropped: the server may be newer than the page. */
export const serverMessageSchemas = {
  /** Answer to `hello` and `resume`, and the first frame the server sends. */
  welcome: v.object({
    type: v.literal('welcome'),
    version: v.pipe(v.number(), v.safeInteger()),
    epoch: epochSchema,
    session: sessionIdSchema,
    you: peerIdSchema,
    /** `true`: the old session continues and missed messages follow. `false`: a new one; rooms must be joined again. */
    recovered: v.boolean(),
    /** Reliable messages the server has received in this session so far. */
    received: countField,
    /** The server sends something at least this often. */
    heartbeatMs: durationMs,
    /** A line silent for this long is dead. */
    deadMs: durationMs,
    /** How long the session outlives its line. */
    resumeMs: durationMs,
    ...tokenFields,
    ...iceServersFields,
  }),
  /** Answer to `renew_ice_servers`. */
  ice_servers: v.object({ type: v.literal('ice_servers'), ...iceServersFields }),
  /** Answer to `renew_token`. */
  token_renewed: v.object({ type: v.literal('token_renewed'), ...tokenFields }),
  ping: pingSchema,
  pong: pongSchema,
  ack: ackSchema,
  close: closeSchema,
  /** Answer to `join`: all other members of the room. Live changes follow without a gap. */
  peers: v.object({
    type: v.literal('peers'),
    ...roomField,
    title: v.exactOptional(shownNameSchema),
    /** Whether this client is a host. */
    host: v.exactOptional(v.literal(true)),
    /** It has shown a key, and whether that makes it a host is not known yet: it hears if it is. */
    undecided: v.exactOptional(v.literal(true)),
    /** Whether newcomers have to be let in. */
    locked: v.exactOptional(v.literal(true)),
    peers: v.pipe(v.array(peerInfoSchema), v.maxLength(MAX_ROSTER)),
  }),
  new_peer: v.object({ type: v.literal('new_peer'), ...roomField, peer: peerInfoSchema }),
  /** A member's line went down, came back or changed. */
  peer_update: v.object({ type: v.literal('peer_update'), ...roomField, peer: peerInfoSchema }),
  remove_peer: v.object({
    type: v.literal('remove_peer'),
    ...roomField,
    peer: peerIdSchema,
    reason: removeReasonSchema,
  }),
  /** A host has locked the room, or unlocked it. */
  lock: v.object({ type: v.literal('lock'), ...roomField, locked: v.boolean() }),
  /** To hosts: somebody asks to be let in, and asks again every 2 s. */
  knock: v.object({
    type: v.literal('knock'),
    ...roomField,
    peer: v.object({ id: peerIdSchema, name: shownNameSchema }),
  }),
  /** Relayed from one member; `from` is stamped by the server. */
  offer: v.object({ type: v.literal('offer'), ...fromMember }),
  answer: v.object({ type: v.literal('answer'), ...fromMember }),
  ice_candidate: v.object({ type: v.literal('ice_candidate'), ...fromMember }),
  message: v.object({ type: v.literal('message'), ...fromMember }),
  /** One request was refused; nothing else is affected. */
  error: v.object({
    type: v.literal('error'),
    code: v.picklist(errorCodeNames),
    room: v.exactOptional(roomIdSchema),
    to: v.exactOptional(peerIdSchema),
  }),
}
