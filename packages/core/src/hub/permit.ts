import type { CloseCode, RoomId } from '@patchbay/protocol'
import type { Clock } from '../transport/index.ts'
import type { Grant, Visitor } from './authority.ts'

/** What a permit needs from its session. */
export interface PermitHost {
  readonly clock: Clock
  /** @returns what the visitor may do now, or why it may not stay. Never rejects. */
  reauthorize(visitor: Visitor): Grant | CloseCode | Promise<Grant | CloseCode>
  /** It may not stay. */
  revoked(code: CloseCode): void
  /** A defect of the application's. */
  failed(error: unknown): void
  /** It may stay, with another grant. */
  renewed(grant: Grant): void
}

/** What one session may do, until when, and its renewal. */
export class Permit {
  readonly #host: PermitHost
  #grant: Grant = {}
  #cancelExpiry: (() => void) | undefined
  /** The renewal that is being judged. */
  #renewing: object | undefined
  #isStopped = false

  constructor(host: PermitHost) {
    this.#host = host
  }

  /** Whose token opened the session. */
  get subject(): string | undefined {
    return this.#grant.subject
  }

  /** Name in every room, if the token says so. */
  get name(): string | undefined {
    return this.#grant.name
  }

  /** As in `welcome` and `token_renewed`. */
  get lifetime(): { readonly tokenLifetimeMs?: number } {
    const { expiresInMs } = this.#grant
    return expiresInMs === undefined ? {} : { tokenLifetimeMs: expiresInMs }
  }

  allows(room: RoomId): boolean {
    const { rooms } = this.#grant
    if (rooms === undefined) return true
    return typeof rooms === 'function' ? this.#consents(() => rooms(room)) : rooms.includes(room)
  }

  hosts(room: RoomId): boolean {
    const { host = false } = this.#grant
    return typeof host === 'function' ? this.#consents(() => host(room)) : host
  }

  /** Whatever else an application's function returns is no consent, and neither is an error. */
  #consents(ask: () => unknown): boolean {
    let answer: unknown
    try {
      answer = ask()
    } catch (error) {
      this.#host.failed(error)
      return false
    }
    if (typeof answer === 'object' && answer !== null && 'then' in answer) {
      this.#host.failed(new TypeError('A grant whose `rooms` or `host` answers with a promise allows nothing.'))
      Promise.resolve(answer).catch((error: unknown) => this.#host.failed(error))
    }
    return answer === true
  }

  /** From now on the session may do this, and no more. */
  grant(grant: Grant): void {
    const { expiresInMs } = grant
    this.#grant = grant
    this.#renewing = undefined
    this.#cancelExpiry?.()
    if (expiresInMs !== undefined)
      this.#cancelExpiry = this.#host.clock.after(expiresInMs, () => this.#host.revoked('token_expired'))
  }

  /** Judges another token. One renewal at a time; what comes meanwhile is ignored, and so is an `authorize` that fails. */
  async renew(visitor: Visitor): Promise<void> {
    if (this.#renewing !== undefined) return
    const own = {}
    this.#renewing = own
    const verdict = await this.#host.reauthorize(visitor)
    // The session has been resumed meanwhile, with a token that was judged after this one or before: the client says which it has.
    if (this.#isStopped || this.#renewing !== own) return
    this.#renewing = undefined
    // `authorize` failed and did not refuse: the current grant holds until it ends.
    if (verdict === 'internal_error') return
    if (typeof verdict === 'string') return this.#host.revoked(verdict)
    if (verdict.subject !== this.subject) return this.#host.revoked('forbidden')
    this.#host.renewed(verdict)
  }

  /** The session is over. */
  stop(): void {
    this.#isStopped = true
    this.#cancelExpiry?.()
  }
}
