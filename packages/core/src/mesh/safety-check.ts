import { type PeerMessage, randomToken } from '@patchbay/protocol'
import { toBase64Url } from '../base64url.ts'

type SafetyMessage = Extract<PeerMessage, { type: 'safety_commit' | 'safety_reveal' }>

/** Digits of a code: whoever sits between has one chance in a thousand million to be taken for nobody. */
const DIGITS = 9

/** What a check needs of the link it is about. */
export interface SafetyCheckHost {
  /** The certificates in use, this end's and the other's; `undefined` while there is no connection. */
  fingerprints(): readonly [string, string] | undefined
  send(message: SafetyMessage): void
  /** The code is there. */
  changed(): void
  /** The peer has broken its word. */
  reject(): void
}

/**
 * A short code that two people compare aloud. It comes out the same only when both ends see the same two certificates, so not when
 * someone in between has put in their own. Each end commits to a nonce before it hears the other's, so nobody can
 * look for certificates that give the same code at both ends (as in RFC 6189 §4.4.1.1).
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

  /** Begins, if it has not begun. */
  begin(): void {
    if (this.#begun) return
    this.#begun = true
    this.#do(async () => this.#host.send({ type: 'safety_commit', hash: toBase64Url(await sha256(this.#nonce)) }))
  }

  /** Takes a message of the other end. */
  receive(message: SafetyMessage): void {
    if (message.type === 'safety_reveal') return this.#do(() => this.#compare(message.nonce))
    // One word is given, and kept.
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

  /** One thing after the other. */
  #do(task: () => void | Promise<void>): void {
    this.#work = this.#work.then(task).catch(() => {})
  }
}

async function sha256(text: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
}
