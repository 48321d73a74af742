import { MAX_TOKEN_LENGTH } from '@patchbay/protocol'
import { InvalidFieldError } from '../signaling/index.ts'
import type { Clock } from '../transport/index.ts'

/** Returns a token that says who this is. Asked for when one is needed, and again before it expires. */
export type GetToken = () => string | Promise<string>

/** A token is renewed after this fraction of its lifetime. */
const RENEW_AT = 0.8

/** The token of a client: kept while it is valid, and renewed on the living session before it expires. */
export class Tokens {
  readonly #get: GetToken
  readonly #clock: Clock
  readonly #renew: (token: string) => void
  #kept: string | undefined
  #cancel: (() => void) | undefined

  /** @param renew sends another token on the session. */
  constructor(get: GetToken, clock: Clock, renew: (token: string) => void) {
    this.#get = get
    this.#clock = clock
    this.#renew = renew
  }

  /** @returns the token for a greeting. @throws {InvalidFieldError} for one that cannot be sent; or what `get` throws. */
  async take(): Promise<string> {
    return (this.#kept ??= await this.#fresh())
  }

  /** The server has accepted it. @param lifetimeMs how long it is valid; `undefined`: it does not expire. */
  accepted(lifetimeMs: number | undefined): void {
    this.#cancel?.()
    if (lifetimeMs === undefined) return
    this.#cancel = this.#clock.after(RENEW_AT * lifetimeMs, () => void this.#replace())
  }

  /** The server no longer accepts it. */
  forget(): void {
    this.#kept = undefined
    this.#cancel?.()
  }

  async #replace(): Promise<void> {
    this.#kept = undefined
    try {
      this.#renew(await this.take())
    } catch {
      // The session goes on until the token expires; then the next greeting asks again, and says what is wrong.
    }
  }

  async #fresh(): Promise<string> {
    const token: unknown = await this.#get()
    if (typeof token !== 'string' || token === '' || token.length > MAX_TOKEN_LENGTH)
      throw new InvalidFieldError('token', `1 to ${MAX_TOKEN_LENGTH} characters`)
    return token
  }
}
