import { randomToken, type RoomId } from '@patchbay/protocol'
import { fromBase64Url, toBase64Url } from '../base64url.ts'

/** Secret of a room, shared by all invited people: 43 characters of base64url (258 bits), never sent to a server. */
export type RoomKey = string & { readonly __brand: 'RoomKey' }

/** The nonce length of AES-GCM (NIST SP 800-38D §8.2.2). */
const NONCE_BYTES = 12
/** Prefix of every sealed text; a different scheme would use a different prefix. */
const VERSION = 's1.'

/** A fresh room key. */
export function createRoomKey(): RoomKey {
  return randomToken(43) as RoomKey
}

/** @returns the key in an invite, or `undefined` when the text is not a key. */
export function parseRoomKey(text: string): RoomKey | undefined {
  return /^[A-Za-z0-9_-]{43}$/.test(text) ? (text as RoomKey) : undefined
}

/** Whether this platform can seal: browsers provide WebCrypto only to pages on https and localhost. */
export function canSeal(): boolean {
  return (globalThis.crypto as Partial<Crypto> | undefined)?.subtle !== undefined
}

/**
 * Seals texts so that only holders of the room's key can read or create them: AES-256-GCM (NIST SP 800-38D) with a key
 * from HKDF-SHA-256 (RFC 5869). `bound` is additional data: it is not transmitted, and must be the same on opening.
 */
export class RoomSeal {
  readonly #key: Promise<CryptoKey>

  constructor(key: RoomKey, room: RoomId) {
    this.#key = derive(key, room)
  }

  /** @returns the version, then nonce, ciphertext and tag in base64url. */
  async seal(text: string, bound: readonly string[]): Promise<string> {
    const iv = crypto.getRandomValues(new Uint8Array(NONCE_BYTES))
    const algorithm = { name: 'AES-GCM', iv, additionalData: bytesOf(JSON.stringify(bound)) }
    const sealed = new Uint8Array(await crypto.subtle.encrypt(algorithm, await this.#key, bytesOf(text)))
    const whole = new Uint8Array(NONCE_BYTES + sealed.length)
    whole.set(iv)
    whole.set(sealed, NONCE_BYTES)
    return VERSION + toBase64Url(whole)
  }

  /** @returns the text; `undefined` when it was sealed with another key, bound to something else, or altered. */
  async open(sealed: string, bound: readonly string[]): Promise<string | undefined> {
    if (!sealed.startsWith(VERSION)) return undefined
    try {
      const whole = fromBase64Url(sealed.slice(VERSION.length))
      const iv = whole.subarray(0, NONCE_BYTES)
      const algorithm = { name: 'AES-GCM', iv, additionalData: bytesOf(JSON.stringify(bound)) }
      const text = await crypto.subtle.decrypt(algorithm, await this.#key, whole.subarray(NONCE_BYTES))
      return new TextDecoder('utf-8', { fatal: true }).decode(text)
    } catch {
      return undefined
    }
  }
}

async function derive(key: RoomKey, room: RoomId): Promise<CryptoKey> {
  const secret = await crypto.subtle.importKey('raw', bytesOf(key), 'HKDF', false, ['deriveKey'])
  const way = { name: 'HKDF', hash: 'SHA-256', salt: bytesOf('patchbay'), info: bytesOf(`signals of ${room}`) }
  return crypto.subtle.deriveKey(way, secret, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text)
}
