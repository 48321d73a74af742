import { sha256 } from '@noble/hashes/sha2.js'
import type { PeerId, PeerSecret } from '@patchbay/protocol'
import { toBase64Url } from '../base64url.ts'

const ID_BYTES = 16

/** The peer id of a secret: SHA-256 of its characters (FIPS 180-4), the first 16 bytes, base64url without padding. */
export function derivePeerId(secret: PeerSecret): PeerId {
  return toBase64Url(sha256(new TextEncoder().encode(secret)).subarray(0, ID_BYTES)) as PeerId
}
