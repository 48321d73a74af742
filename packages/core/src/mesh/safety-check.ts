import { type PeerMessage, randomToken } from '@patchbay/protocol'
import { toBase64Url } from '../base64url.ts'

type SafetyMessage = Extract<PeerMessage, { type: 'safety_commit' | 'safety_reveal' }>

/** Digits of a code: a man in the middle has a one-in-a-billion chance of going unnoticed. */
const DIGITS = 9

/** What a check needs from its link. */
export interface SafetyCheckHost {
  /** Fingerprints of the certificates in use, local and remote; `undefined` while there is no connection. */
  fingerprints(): readonly [string, string] | undefined
  send(message: SafetyMessage): void
  /** The code has become available. */
  changed(): void
  /** The peer broke the protocol. */
  reject(): void
}

/**
 * A short code that two people compare aloud. The codes match only when both ends see the same two certificates, so a
 * man in the middle with certificates of his own makes them differ. Each end commits to a nonce before it sees the
 * other's, so nobody can search for certificates that give the same code at both ends (as in RFC 6189 §4.4.1.1).
 */
export class SafetyCheck {
  readonly #host: SafetyCheckHost
  readonly #nonce = randomToken(22)
  #begun = false
  #theirCommit: string | undefined
  #code: string | undefined
  #work: Promise<void> = Promise.resolve()

  constructor(host: SafetyCheckHost) {
    this.#host = host
  }

  /** The code, in groups of three digits, once it is known. */
  get code(): string | undefined {
    return this.#code
  }

  /** Starts the check, unless already started. */
  begin(): void {
    if (this.#begun) return
    this.#begun = true
    this.#do(async () => this.#host.send({ type: 'safety_commit', hash: toBase64Url(await sha256(this.#nonce)) }))
  }

  /** Handles a message from the other end. */
  receive(message: SafetyMessage): void {
    if (message.type === 'safety_reveal') return this.#do(() => this.#compare(message.nonce))
    // A second commitment violates the protocol.
    if (this.#theirCommit !== undefined) return this.#host.reject()
    this.#theirCommit = message.hash
    this.begin()
    this.#do(() => this.#host.send({ type: 'safety_reveal', nonce: this.#nonce }))
  }

  async #compare(nonce: string): Promise<void> {
    const fingerprints = this.#host.fingerprints()
    if (this.#code !== undefined || fingerprints === undefined) return
    const kept = this.#theirCommit !== undefined && toBase64Url(await sha256(nonce)) === this.#theirCommit
    if (!kept) return this.#host.reject()
    const both = JSON.stringify([fingerprints.toSorted(), [this.#nonce, nonce].toSorted()])
    const number = new DataView((await sha256(both)).buffer).getBigUint64(0) % 10n ** BigInt(DIGITS)
    this.#code = String(number)
      .padStart(DIGITS, '0')
      .replaceAll(/(?=(?:\d{3})+$)/g, ' ')
      .trim()
    this.#host.changed()
  }

  /** Runs tasks one at a time, in order. */
  #do(task: () => void | Promise<void>): void {
    this.#work = this.#work.then(task).catch(() => {})
  }
}

async function sha256(text: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
}
