import * as v from 'valibot'

const base64Url22: RegExp = /^[A-Za-z0-9_-]{22}$/

/** Room name on the wire: 1–64 characters of `[A-Za-z0-9_-]`. The display name is the title, a separate field. */
export const roomIdSchema = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,64}$/), v.brand('RoomId'))
export type RoomId = v.InferOutput<typeof roomIdSchema>

/** Self-certifying peer name: the first 128 bits of SHA-256 over the peer's secret, base64url, 22 characters. */
export const peerIdSchema = v.pipe(v.string(), v.regex(base64Url22), v.brand('PeerId'))
export type PeerId = v.InferOutput<typeof peerIdSchema>

/** Secret behind a peer id: 43 characters of base64url, drawn at random (258 bits). Presenting it proves ownership. */
export const peerSecretSchema = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{43}$/), v.brand('PeerSecret'))
export type PeerSecret = v.InferOutput<typeof peerSecretSchema>

/** One page load or process start: 22 random characters of base64url. A reload keeps the peer id, not the instance. */
export const instanceIdSchema = v.pipe(v.string(), v.regex(base64Url22), v.brand('InstanceId'))
export type InstanceId = v.InferOutput<typeof instanceIdSchema>

/** One start of the server: 22 random characters of base64url. A different one means that all sessions are lost. */
export const epochSchema = v.pipe(v.string(), v.regex(base64Url22), v.brand('Epoch'))
export type Epoch = v.InferOutput<typeof epochSchema>

/** Id of one resumable session on the server: 22 random characters of base64url. Useless without the secret. */
export const sessionIdSchema = v.pipe(v.string(), v.regex(base64Url22), v.brand('SessionId'))
export type SessionId = v.InferOutput<typeof sessionIdSchema>

/** Proves that whoever opened a room is back: 43 characters of base64url, drawn at random (258 bits). */
export const hostKeySchema = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{43}$/), v.brand('HostKey'))
export type HostKey = v.InferOutput<typeof hostKeySchema>

/**
 * Turns untrusted text into a room id.
 * @returns the id, or `undefined` when the text is outside the grammar.
 */
export function parseRoomId(text: string): RoomId | undefined {
  const parsed = v.safeParse(roomIdSchema, text)
  return parsed.success ? parsed.output : undefined
}

/**
 * Turns stored text into a peer secret.
 * @returns the secret, or `undefined` when the text is outside the grammar.
 */
export function parsePeerSecret(text: string): PeerSecret | undefined {
  const parsed = v.safeParse(peerSecretSchema, text)
  return parsed.success ? parsed.output : undefined
}

/**
 * Turns stored text into a host key.
 * @returns the key, or `undefined` when the text is outside the grammar.
 */
export function parseHostKey(text: string): HostKey | undefined {
  const parsed = v.safeParse(hostKeySchema, text)
  return parsed.success ? parsed.output : undefined
}

/**
 * Turns stored text into an instance id.
 * @returns the id, or `undefined` when the text is outside the grammar.
 */
export function parseInstanceId(text: string): InstanceId | undefined {
  const parsed = v.safeParse(instanceIdSchema, text)
  return parsed.success ? parsed.output : undefined
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
/** Filled in advance: one call to the generator costs far more than a token's bytes. Each byte is used once. */
const randomBytes = new Uint8Array(1024)
let randomBytesLeft = 0

/** Text of `length` characters of base64url, six bits each, from the platform's cryptographic generator. */
export function randomToken(length: number): string {
  let token = ''
  while (token.length < length) {
    if (randomBytesLeft === 0) {
      crypto.getRandomValues(randomBytes)
      randomBytesLeft = randomBytes.length
    }
    randomBytesLeft -= 1
    token += alphabet[(randomBytes[randomBytesLeft] ?? 0) & 63]
    randomBytes[randomBytesLeft] = 0
  }
  return token
}

/** A fresh peer secret (258 bits). */
export function createPeerSecret(): PeerSecret {
  return randomToken(43) as PeerSecret
}

/** A fresh host key (258 bits). */
export function createHostKey(): HostKey {
  return randomToken(43) as HostKey
}

/** A fresh instance id (132 bits). */
export function createInstanceId(): InstanceId {
  return randomToken(22) as InstanceId
}

/** A fresh epoch (132 bits). */
export function createEpoch(): Epoch {
  return randomToken(22) as Epoch
}

/** A fresh session id (132 bits). */
export function createSessionId(): SessionId {
  return randomToken(22) as SessionId
}
