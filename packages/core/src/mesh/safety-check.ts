import { randomToken } from '@patchbay/protocol'
import { toBase64Url } from '../base64url.ts'
import type { LinkPort, MessageOf } from './feature.ts'

/** Digits of a code: a man in the middle has a one-in-a-billion chance of going unnoticed. */
const DIGITS = 9

/**
 * A short code that two people compare aloud. The codes match only when both ends see the same two certificates, so a
 * man in the middle with certificates of his own makes them differ. Each end commits to a nonce before it sees the
 * other's, so nobody can search for certificates that give the same code at both ends (as in RFC 6189 §4.4.1.1).
 */
export class SafetyCheck {
  readonly #port: Pick<LinkPort, 'certificates' | 'send' | 'changed' | 'cut'>
  readonly #nonce = randomToken(22)
  #begun = false
  #theirCommit: string | undefined
  #code: string | undefined
  #work: Promise<void> = Promise.resolve()

  constructor(port: Pick<LinkPort, 'certificates' | 'send' | 'changed' | 'cut'>) {
    this.#port = port
  }

  /** The code, in groups of three digits, once it is known. */
  get code(): string | undefined {
    return this.#code
  }

  /** Starts the check, unless already started. */
  begin(): void {
    if (this.#begun) return
    this.#begun = true
    this.#do(async () => this.#port.send({ type: 'safety_commit', hash: toBase64Url(await sha256(this.#nonce)) }))
  }

  /** Handles a message from the other end. */
  receive(message: MessageOf<'safety_commit' | 'safety_reveal'>): void {
    if (message.type === 'safety_reveal') return this.#do(() => this.#compare(message.nonce))
    // A second commitment violates the protocol.
    if (this.#theirCommit !== undefined) return this.#port.cut()
    this.#theirCommit = message.hash
    this.begin()
    this.#do(() => this.#port.send({ type: 'safety_reveal', nonce: this.#nonce }))
  }

  async #compare(nonce: string): Promise<void> {
    const fingerprints = this.#port.certificates
    if (this.#code !== undefined || fingerprints === undefined) return
    const kept = this.#theirCommit !== undefined && toBase64Url(await sha256(nonce)) === this.#theirCommit
    if (!kept) return this.#port.cut()
    const both = JSON.stringify([fingerprints.toSorted(), [this.#nonce, nonce].toSorted()])
    const number = new DataView((await sha256(both)).buffer).getBigUint64(0) % 10n ** BigInt(DIGITS)
    this.#code = String(number)
      .padStart(DIGITS, '0')
      .replaceAll(/(?=(?:\d{3})+$)/g, ' ')
      .trim()
    this.#port.changed()
  }

  /** Runs tasks one at a time, in order. */
  #do(task: () => void | Promise<void>): void {
    this.#work = this.#work.then(task).catch(() => {})
  }
}

async function sha256(text: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
}
