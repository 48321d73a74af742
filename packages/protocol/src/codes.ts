/** The meaning of a code, and whether the client should redial after it. */
export interface CodeMeaning {
  /** One sentence for people and logs. */
  readonly sentence: string
  /** `true`: redial with back-off. `false`: redialing would end the same way. */
  readonly retryable: boolean
}

/**
 * Why the server ends a line, the same on every transport: sent as a `close` message just before the end.
 * The numbers of `docs/protocol.md` are WebSocket close codes of the private range (RFC 6455 §7.4.2).
 */
export const closeCodes = {
  restarting: { number: 4012, sentence: 'The server is restarting.', retryable: true },
  overloaded: { number: 4013, sentence: 'The server has no capacity for another line right now.', retryable: true },
  slow_consumer: { number: 4008, sentence: 'The client did not read its messages fast enough.', retryable: true },
  rate_limited: { number: 4429, sentence: 'The client exceeded its rate limit for too long.', retryable: true },
  frames_lost: { number: 4014, sentence: 'The line dropped frames; resume to get them again.', retryable: true },
  silent: { number: 4015, sentence: 'The line was silent for too long.', retryable: true },
  internal_error: { number: 4011, sentence: 'Something went wrong in the server.', retryable: true },
  hello_timeout: { number: 4408, sentence: 'No hello arrived in time.', retryable: true },
  token_expired: { number: 4411, sentence: 'The token has expired; come back with a new one.', retryable: true },
  bad_message: { number: 4400, sentence: 'A frame was not a valid message of this protocol.', retryable: false },
  too_big: { number: 4413, sentence: 'A frame was larger than the limit.', retryable: false },
  hello_expected: { number: 4401, sentence: 'The first message must be hello or resume.', retryable: false },
  forbidden: { number: 4403, sentence: 'The secret or the token is not that of this session.', retryable: false },
  unauthorized: { number: 4410, sentence: 'The server does not accept the token.', retryable: false },
  superseded: { number: 4409, sentence: 'Another page has taken over this session.', retryable: false },
  version_unsupported: {
    number: 4426,
    sentence: 'The server uses another version of the protocol.',
    retryable: false,
  },
} as const satisfies Record<string, CodeMeaning & { readonly number: number }>
export type CloseCode = keyof typeof closeCodes

/** Why one request was refused. The line and all other traffic on it are unaffected. */
export const errorCodes = {
  room_full: { sentence: 'The room is full.', retryable: true },
  too_many_rooms: { sentence: 'This session is already in the maximum number of rooms.', retryable: false },
  too_fast: {
    sentence: 'This session joins rooms, or says who may come in, faster than it may; ask again in a second.',
    retryable: true,
  },
  busy: { sentence: 'The server cannot reach what its nodes share; join again in a second.', retryable: true },
  not_in_room: { sentence: 'Join the room before sending to it.', retryable: false },
  peer_busy: { sentence: 'Too many messages are waiting for that member; try again later.', retryable: true },
  forbidden: { sentence: 'The token does not allow entering this room.', retryable: false },
  unknown_peer: { sentence: 'No member of the room has that id.', retryable: false },
  room_locked: { sentence: 'The room is locked; a host has to let you in.', retryable: true },
  removed: { sentence: 'A host has removed you from the room, or not let you in.', retryable: false },
  not_host: { sentence: 'Only a host can do that, and not to another host.', retryable: false },
} as const satisfies Record<string, CodeMeaning>
export type ErrorCode = keyof typeof errorCodes

/** Names of all close codes, for schemas and tables. The list stands apart from the sentences, which few bundles need. */
export const closeCodeNames = [
  'restarting',
  'overloaded',
  'slow_consumer',
  'rate_limited',
  'frames_lost',
  'silent',
  'internal_error',
  'hello_timeout',
  'token_expired',
  'bad_message',
  'too_big',
  'hello_expected',
  'forbidden',
  'unauthorized',
  'superseded',
  'version_unsupported',
] as const satisfies CloseCode[]
/** Names of all error codes, for schemas and tables. */
export const errorCodeNames = [
  'room_full',
  'too_many_rooms',
  'too_fast',
  'busy',
  'not_in_room',
  'peer_busy',
  'forbidden',
  'unknown_peer',
  'room_locked',
  'removed',
  'not_host',
] as const satisfies ErrorCode[]

/** The first nine are about a moment; after the others, dialing again would end the same way. */
const RETRYABLE = 9

/** Whether a client should dial again after this code; the same as in {@link closeCodes}. */
export function isRetryable(code: CloseCode): boolean {
  return closeCodeNames.indexOf(code) < RETRYABLE
}
