import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import type { IHasher } from 'hash-wasm'

/** SHA-256 (FIPS 180-4) of bytes that come in pieces. */
export interface FileHash {
  update(bytes: Uint8Array): void
  /** @returns 64 hexadecimal digits. */
  digest(): string
}

/** One for all files: each WebAssembly memory has gigabytes of addresses set aside. */
let shared: Promise<IHasher | undefined> | undefined

/** Hashes by WebAssembly, several times as fast as JavaScript; in JavaScript where a page may not compile that. */
export async function createFileHash(): Promise<FileHash> {
  shared ??= loadHasher()
  const hasher = await shared
  return hasher === undefined ? new PlainHash() : new SharedHash(hasher)
}

async function loadHasher(): Promise<IHasher | undefined> {
  try {
    // Fetched with the first file.
    const { createSHA256 } = await import('hash-wasm')
    return await createSHA256()
  } catch {
    return undefined
  }
}

/** Takes its turn on the shared hasher. */
class SharedHash implements FileHash {
  readonly #hasher: IHasher
  #state: Uint8Array

  constructor(hasher: IHasher) {
    this.#hasher = hasher
    this.#state = hasher.init().save()
  }

  update(bytes: Uint8Array): void {
    this.#state = this.#hasher.load(this.#state).update(bytes).save()
  }

  digest(): string {
    return this.#hasher.load(this.#state).digest('hex')
  }
}

class PlainHash implements FileHash {
  readonly #hash = sha256.create()

  update(bytes: Uint8Array): void {
    this.#hash.update(bytes)
  }

  digest(): string {
    return bytesToHex(this.#hash.digest())
  }
}
