import * as v from 'valibot'
import { clientMessageSchemas } from './client-messages.ts'
import { ProtocolError } from './errors.ts'
import { fileMessageSchemas } from './file-messages.ts'
import type { PeerId, RoomId } from './ids.ts'
import {
  type Candidate,
  candidateSchema,
  type Description,
  descriptionSchema,
  peerMessageSchemas,
  type SealedContent,
  sealedContentSchema,
} from './peer-messages.ts'
import { serverMessageSchemas } from './server-messages.ts'
import { MAX_FRAME_BYTES, PROTOCOL_VERSION } from './shared-messages.ts'
import { isChatText } from './text.ts'

type Schema = v.GenericSchema<unknown, { type: string }>
type Table = Readonly<Record<string, Schema>>

/** Message types that carry an opaque body after the header line. */
type BodyType = 'offer' | 'answer' | 'ice_candidate' | 'message' | 'chat' | 'relay' | 'relayed'
type WithBody<M> = M extends { type: BodyType } ? M & { readonly body: string } : M
type MessageOf<T extends Table> = WithBody<Readonly<v.InferOutput<T[keyof T]>>>

/** Any message a client may send to the server. */
export type ClientMessage = MessageOf<typeof clientMessageSchemas>
/** Any message the server may send to a client. */
export type ServerMessage = MessageOf<typeof serverMessageSchemas>
/** Any message a peer may send to a peer over the `chat` data channel. */
export type PeerMessage = MessageOf<typeof peerMessageSchemas>
/** Any message a peer may send to a peer over the `files` data channel, apart from chunks. */
export type FileMessage = Readonly<v.InferOutput<(typeof fileMessageSchemas)[keyof typeof fileMessageSchemas]>>

/** Reserved in a frame with a body, because the hub replaces its header with a longer one. */
const RELAY_RESERVE_BYTES = 64
const encoder = new TextEncoder()

const bodyTypes: ReadonlySet<string> = new Set<BodyType>([
  'offer',
  'answer',
  'ice_candidate',
  'message',
  'chat',
  'relay',
  'relayed',
])

/** Fast path: a message to a member with a header exactly as {@link encode} writes it, which is most of the traffic. */
const toMember =
  /^\{"type":"(offer|answer|ice_candidate|message)","room":"([A-Za-z0-9_-]{1,64})","to":"([A-Za-z0-9_-]{22})"\}\n/

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Without the cause: it quotes what was sent.
    throw new ProtocolError('bad_message', 'The header line is not JSON.')
  }
}

function schemaOf(schemas: Table, type: unknown): Schema | undefined {
  return typeof type === 'string' && Object.hasOwn(schemas, type) ? schemas[type] : undefined
}

/** Whether a frame has a type that is a name and not in the table. @throws {ProtocolError} `too_big`. */
function isOfUnknownType(schemas: Table, text: string): boolean {
  requireSize(text, MAX_FRAME_BYTES)
  const [, type] = /^\{"type":"([a-z_]{1,64})"[,}]/.exec(text.slice(0, 80)) ?? []
  return type !== undefined && schemaOf(schemas, type) === undefined
}

function decodeWith(
  schemas: Table,
  text: string,
  carriers: ReadonlySet<string> = bodyTypes,
): { type: string; body?: string } {
  requireSize(text, MAX_FRAME_BYTES)
  const cut = text.indexOf('\n')
  const header = parseJson(cut < 0 ? text : text.slice(0, cut))
  const type = typeof header === 'object' && header !== null && 'type' in header ? header.type : undefined
  if (typeof header === 'object' && header !== null && 'version' in header && header.version !== PROTOCOL_VERSION) {
    throw new ProtocolError('version_unsupported', `This end uses version ${PROTOCOL_VERSION} of the protocol.`)
  }
  const schema = schemaOf(schemas, type)
  if (schema === undefined) throw new ProtocolError('bad_message', 'The header has no known type.')
  const parsed = v.safeParse(schema, header, { abortEarly: true })
  if (!parsed.success) {
    const where = v.getDotPath(parsed.issues[0]) ?? 'header'
    throw new ProtocolError('bad_message', `The message is malformed at '${where}'.`)
  }
  const carriesBody = carriers.has(parsed.output.type)
  if (carriesBody !== cut >= 0) {
    throw new ProtocolError('bad_message', carriesBody ? 'The body is missing.' : 'This type takes no body.')
  }
  return carriesBody ? { ...parsed.output, body: text.slice(cut + 1) } : parsed.output
}

/**
 * Reads a frame a client sent.
 * @throws {ProtocolError} when it is not exactly one well-formed client message.
 */
export function decodeClientMessage(text: string): ClientMessage {
  const plain = text.length <= MAX_FRAME_BYTES / 3 ? toMember.exec(text) : null
  if (plain !== null) {
    const [head, type, room, to] = plain
    return { type, room, to, body: text.slice(head.length) } as ClientMessage
  }
  return decodeWith(clientMessageSchemas, text) as ClientMessage
}

/**
 * Reads a frame the server sent.
 * @throws {ProtocolError} when it is not exactly one well-formed server message.
 */
export function decodeServerMessage(text: string): ServerMessage {
  return decodeWith(serverMessageSchemas, text) as ServerMessage
}

/**
 * Reads a frame a peer sent over the data channel; chat text is checked too.
 * @returns `undefined` for a type that this version does not know.
 * @throws {ProtocolError} when it is not exactly one well-formed peer message.
 */
export function decodePeerMessage(text: string): PeerMessage | undefined {
  if (isOfUnknownType(peerMessageSchemas, text)) return undefined
  const message = decodeWith(peerMessageSchemas, text) as PeerMessage
  if (message.type === 'chat' && !isChatText(message.body)) {
    throw new ProtocolError('bad_message', 'The chat text is empty, too long or not well-formed Unicode.')
  }
  return message
}

/**
 * Reads a text message that a peer sent over the `files` data channel.
 * @returns `undefined` for a type that this version does not know.
 * @throws {ProtocolError} when it is not exactly one well-formed file message.
 */
export function decodeFileMessage(text: string): FileMessage | undefined {
  if (isOfUnknownType(fileMessageSchemas, text)) return undefined
  return decodeWith(fileMessageSchemas, text, new Set()) as FileMessage
}

/**
 * Writes one frame: the header as one line of JSON, then, for types with a body, a newline and the body verbatim.
 * @throws {ProtocolError} `too_big` when the frame cannot fit {@link MAX_FRAME_BYTES}.
 */
export function encode(message: ClientMessage | ServerMessage | PeerMessage | FileMessage): string {
  if (!('body' in message)) return JSON.stringify(message)
  const { body, ...header } = message
  return withBody(JSON.stringify(header), body, MAX_FRAME_BYTES - RELAY_RESERVE_BYTES)
}

/** Header of a message that the server relays. */
interface RelayHeader {
  readonly type: 'offer' | 'answer' | 'ice_candidate' | 'message'
  readonly room: RoomId
  readonly from: PeerId
}

/**
 * Writes the frame of a relayed message: the server's header in front of a body that is passed on unread.
 * @throws {ProtocolError} `too_big` when the frame cannot fit {@link MAX_FRAME_BYTES}.
 */
export function encodeRelayed({ type, room, from }: RelayHeader, body: string): string {
  return withBody(`{"type":"${type}","room":"${room}","from":"${from}"}`, body, MAX_FRAME_BYTES)
}

/** Writes `new_peer` or `peer_update`. @param peer a `PeerInfo` as JSON, which is written once for many messages. */
export function encodeShown(type: 'new_peer' | 'peer_update', room: RoomId, peer: string): string {
  return `{"type":"${type}","room":"${room}","peer":${peer}}`
}

/** What a roster says of the room itself, and of whoever gets it. */
export interface RosterHead {
  readonly room: RoomId
  readonly title?: string | undefined
  /** Whether whoever gets it is a host. */
  readonly isHost?: boolean
  readonly isLocked?: boolean
  /** Whether it is not known yet if whoever gets it is a host. */
  readonly isUndecided?: boolean
}

/** Writes `peers`. @param peers a `PeerInfo` as JSON for each of them, which is written once for many messages. */
export function encodeRoster(head: RosterHead, peers: readonly string[]): string {
  const { room, title, isHost, isLocked, isUndecided } = head
  const titled = title === undefined ? '' : `"title":${JSON.stringify(title)},`
  const host = isHost === true ? '"host":true,' : isUndecided === true ? '"undecided":true,' : ''
  const flags = `${host}${isLocked === true ? '"locked":true,' : ''}`
  return `{"type":"peers","room":"${room}",${titled}${flags}"peers":[${peers.join(',')}]}`
}

function withBody(header: string, body: string, maxBytes: number): string {
  const text = `${header}\n${body}`
  requireSize(text, maxBytes)
  return text
}

function requireSize(text: string, maxBytes: number): void {
  if (!fitsBytes(text, maxBytes)) throw new ProtocolError('too_big', `A frame may have at most ${maxBytes} bytes.`)
}

/** Whether the text has at most `maxBytes` bytes as UTF-8. */
export function fitsBytes(text: string, maxBytes: number): boolean {
  // A UTF-16 code unit takes at most three bytes of UTF-8, so most frames need no encoding to be measured.
  return text.length <= maxBytes && (3 * text.length <= maxBytes || encoder.encode(text).length <= maxBytes)
}

function decodeBody<T>(schema: v.GenericSchema<unknown, T>, body: string): T {
  const parsed = v.safeParse(schema, parseJson(body), { abortEarly: true })
  if (!parsed.success) throw new ProtocolError('bad_message', 'The body is malformed.')
  return parsed.output
}

/**
 * Reads the body of an `offer` or `answer`.
 * @throws {ProtocolError} when it is not a description.
 */
export function decodeDescription(body: string): Description {
  return decodeBody(descriptionSchema, body)
}

/**
 * Reads the decrypted content of a sealed signal.
 * @throws {ProtocolError} when it is not sealed content.
 */
export function decodeSealedContent(text: string): SealedContent {
  return decodeBody(sealedContentSchema, text)
}

/**
 * Reads the body of an `ice_candidate`.
 * @throws {ProtocolError} when it is not a candidate.
 */
export function decodeCandidate(body: string): Candidate {
  return decodeBody(candidateSchema, body)
}
