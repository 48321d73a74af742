import type { Clock } from '../transport/index.ts'

/** What the server gave for a while is renewed after this fraction of its lifetime. */
const RENEW_AT = 0.8

/** The timer of one thing that has to be renewed before it expires. */
export class Renewal {
  readonly #clock: Clock
  readonly #renew: () => void
  #cancel: (() => void) | undefined

  constructor(clock: Clock, renew: () => void) {
    this.#clock = clock
    this.#renew = renew
  }

  /** @param lifetimeMs from now; `undefined`: it does not expire. */
  plan(lifetimeMs: number | undefined): void {
    this.stop()
    if (lifetimeMs !== undefined) this.#cancel = this.#clock.after(RENEW_AT * lifetimeMs, this.#renew)
  }

  stop(): void {
    this.#cancel?.()
  }
}
