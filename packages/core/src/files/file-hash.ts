import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import type { IHasher } from 'hash-wasm'

/** Incremental SHA-256 (FIPS 180-4). */
export interface FileHash {
  update(bytes: Uint8Array): void
  /** @returns 64 hexadecimal digits. */
  digest(): string
}

/** Shared by all files: each WebAssembly memory reserves gigabytes of address space. */
let shared: Promise<IHasher | undefined> | undefined

/** Hashes in WebAssembly, several times as fast as JavaScript; in JavaScript where the page may not compile it. */
export async function createFileHash(): Promise<FileHash> {
  shared ??= loadHasher()
  const hasher = await shared
  return hasher === undefined ? new PlainHash() : new SharedHash(hasher)
}

async function loadHasher(): Promise<IHasher | undefined> {
  try {
    // Loaded with the first file.
    const { createSHA256 } = await import('./wasm-sha256.ts')
    return await createSHA256()
  } catch {
    return undefined
  }
}

/** Uses the shared hasher by saving and restoring its state. */
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
