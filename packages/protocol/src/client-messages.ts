import * as v from 'valibot'
import { hostKeySchema, instanceIdSchema, peerIdSchema, peerSecretSchema, sessionIdSchema } from './ids.ts'
import {
  ackSchema,
  capabilitiesSchema,
  closeSchema,
  countField,
  pingSchema,
  pongSchema,
  roomField,
} from './shared-messages.ts'
import { nameSchema } from './text.ts'

/** Longest token, in UTF-16 code units. */
export const MAX_TOKEN_LENGTH = 8_192
const tokenField = v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_TOKEN_LENGTH))

/**
 * Client → server, by `type`. The schemas are strict: an unknown property makes the frame invalid. Bundlers leave them out of
 * clients, which only write these messages; a spread at the top level would keep them in.
 */
export const clientMessageSchemas = /* @__PURE__ */ defineClientMessages()

function defineClientMessages() {
  const identity = {
    version: v.pipe(v.number(), v.safeInteger()),
    secret: peerSecretSchema,
    instance: instanceIdSchema,
    capabilities: capabilitiesSchema,
    /** Numbers the greetings of this instance: one that a slow line delivers after a later one is refused. Absent: 0. */
    attempt: v.optional(countField),
    /** Does not take the session of another instance over as long as that one has a line. */
    yields: v.exactOptional(v.literal(true)),
    /** Says who this is, where the server asks; opaque here. */
    token: v.exactOptional(tokenField),
  }
  const toMember = { ...roomField, to: peerIdSchema }

  return {
    /** First frame of a new session. */
    hello: v.strictObject({ type: v.literal('hello'), ...identity }),
    /** First frame on a new line of a session that the server may still have. */
    resume: v.strictObject({
      type: v.literal('resume'),
      ...identity,
      session: sessionIdSchema,
      /** Reliable messages received in that session so far. */
      received: countField,
    }),
    ping: pingSchema,
    pong: pongSchema,
    ack: ackSchema,
    close: closeSchema,
    /** Ends the session for good: it leaves its rooms at once. */
    bye: v.strictObject({ type: v.literal('bye') }),
    /** Asks for ICE servers with fresh credentials. */
    renew_ice_servers: v.strictObject({ type: v.literal('renew_ice_servers') }),
    /** Another token for the session, before the one in use expires; answered by `token_renewed`. */
    renew_token: v.strictObject({ type: v.literal('renew_token'), token: tokenField }),
    /** Enters a room; answered by `peers`. Joining again changes nothing and gets the same answer. */
    join: v.strictObject({
      type: v.literal('join'),
      ...roomField,
      name: nameSchema,
      /** Display name of the room; the first member's title is used. */
      title: v.exactOptional(nameSchema),
      /** Makes whoever enters an empty room its host, and whoever shows the same key later. */
      hostKey: v.exactOptional(hostKeySchema),
    }),
    leave: v.strictObject({ type: v.literal('leave'), ...roomField }),
    /** From a host: whether newcomers have to be let in. */
    lock: v.strictObject({ type: v.literal('lock'), ...roomField, locked: v.boolean() }),
    /** From a host: lets somebody in who knocks. */
    admit: v.strictObject({ type: v.literal('admit'), ...toMember }),
    /** From a host: removes a member, or turns away somebody who knocks. It cannot come back. */
    remove: v.strictObject({ type: v.literal('remove'), ...toMember }),
    /** Relayed to one member; the body is a session description, opaque to the server. */
    offer: v.strictObject({ type: v.literal('offer'), ...toMember }),
    answer: v.strictObject({ type: v.literal('answer'), ...toMember }),
    /** Relayed to one member; the body is an ICE candidate, opaque to the server. */
    ice_candidate: v.strictObject({ type: v.literal('ice_candidate'), ...toMember }),
    /** Relayed to one member; the body is an application's own. */
    message: v.strictObject({ type: v.literal('message'), ...toMember }),
  }
}
