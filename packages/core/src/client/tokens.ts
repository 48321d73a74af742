import { MAX_TOKEN_LENGTH } from '@patchbay/protocol'
import { InvalidFieldError } from '../signaling/index.ts'
import type { Clock } from '../transport/index.ts'
import { Renewal } from './renewal.ts'

/** A call that takes longer than this is given up, in milliseconds: the next line asks again. */
const ASK_MS = 10_000

/** How long a renewal that has failed is left alone, in milliseconds, as if it were a lifetime. */
const RETRY_MS = 5_000
/** The same for one that the server has not answered, because the application's `authorize` has failed. */
const ANSWER_MS = 15_000

/**
 * Returns a token that says who this is. Asked for when one is needed, and again before it expires; not while it is being asked,
 * unless that takes longer than 10 s. A line has 3 s from dialing to the welcome, in which the token has to come: otherwise the
 * next line is tried.
 */
export type GetToken = () => string | Promise<string>

/** The token of a client: kept while it is valid, and renewed on the living session before it expires. */
export class Tokens {
  readonly #get: GetToken
  readonly #renew: (token: string) => void
  readonly #isOnline: () => boolean
  #kept: string | undefined
  /** What the last greeting had. */
  #given: string | undefined
  #isDisposed = false
  /** What is being asked for, for at most {@link ASK_MS}. */
  #coming: Promise<string> | undefined
  readonly #clock: Clock
  readonly #renewal: Renewal

  /**
   * @param renew sends another token on the session.
   * @param isOnline whether the session is on a line. Otherwise the greeting on the next one has the token.
   * @throws {InvalidFieldError} when `get` is not a function.
   */
  constructor(get: GetToken, clock: Clock, renew: (token: string) => void, isOnline: () => boolean = () => true) {
    if (typeof get !== 'function') throw new InvalidFieldError('token', 'a function that returns a token')
    this.#isOnline = isOnline
    this.#get = get
    this.#clock = clock
    this.#renewal = new Renewal(clock, () => void this.#replace())
    this.#renew = renew
  }

  /** @returns the token for a greeting. @throws {InvalidFieldError} for one that cannot be sent; or what `get` throws. */
  async take(): Promise<string> {
    return (this.#given = this.#kept ?? (await (this.#coming ??= this.#ask())))
  }

  /** The server has accepted it. @param lifetimeMs how long it is valid; `undefined`: it does not expire. */
  accepted(lifetimeMs: number | undefined): void {
    if (!this.#isDisposed) this.#renewal.plan(lifetimeMs)
  }

  /** The session goes on with the token of the last greeting: another that has come since is sent once more. */
  resumed(): void {
    if (this.#kept !== undefined && this.#kept !== this.#given) this.#renew(this.#kept)
  }

  /** The server no longer accepts it. */
  forget(): void {
    this.#kept = undefined
    this.#renewal.stop()
  }

  /** No token is asked for or renewed any more, and what is being asked for is not kept. */
  dispose(): void {
    this.#isDisposed = true
    this.#coming = undefined
    this.forget()
  }

  /** Until another is here, the one before is good: a line may be changed meanwhile. */
  async #replace(): Promise<void> {
    if (!this.#isOnline()) return this.accepted(RETRY_MS)
    // Also for the case that the application does not answer.
    this.accepted(ANSWER_MS)
    try {
      const token = await (this.#coming ??= this.#ask())
      // One that came too late is not kept.
      if (token !== this.#kept) return
      this.#renew(token)
      this.accepted(ANSWER_MS)
    } catch {
      // The session goes on until the token expires; then the next greeting asks again, and says what is wrong.
      if (this.#kept !== undefined) this.accepted(RETRY_MS)
    }
  }

  #ask(): Promise<string> {
    const asked = this.#fresh()
    const isOver = () => {
      if (this.#coming === asked) this.#coming = undefined
    }
    const stop = this.#clock.after(ASK_MS, isOver)
    const keep = (token: string) => {
      if (this.#coming === asked) this.#kept = token
    }
    asked
      .then(keep, () => {})
      .finally(() => {
        stop()
        isOver()
      })
    return asked
  }

  async #fresh(): Promise<string> {
    const token: unknown = await this.#get()
    if (typeof token !== 'string' || token === '' || JSON.stringify(token).length > MAX_TOKEN_LENGTH + 2)
      throw new InvalidFieldError('token', `1 to ${MAX_TOKEN_LENGTH} characters when written in JSON`)
    return token
  }
}
