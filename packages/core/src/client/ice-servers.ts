import type { IceServer } from '@patchbay/protocol'
import { createStore, type Store } from '../store.ts'
import type { Clock } from '../transport/index.ts'

/** Credentials are renewed after this fraction of their lifetime. */
const RENEW_AT = 0.8

/** The ICE servers that the server sent, renewed before their credentials expire. */
export class IceServers implements Store<readonly IceServer[]> {
  readonly #clock: Clock
  readonly #renew: () => void
  readonly #store = createStore<readonly IceServer[]>([])
  #cancel: (() => void) | undefined

  /** @param renew asks the server for new ones. */
  constructor(clock: Clock, renew: () => void) {
    this.#clock = clock
    this.#renew = renew
  }

  readonly getSnapshot = (): readonly IceServer[] => this.#store.getSnapshot()
  readonly subscribe = (listener: () => void): (() => void) => this.#store.subscribe(listener)

  /** @param lifetimeMs how long the credentials in them are valid; `undefined`: they do not expire. */
  set(servers: readonly IceServer[], lifetimeMs: number | undefined): void {
    this.#store.set(servers)
    this.#cancel?.()
    this.#cancel = lifetimeMs === undefined ? undefined : this.#clock.after(RENEW_AT * lifetimeMs, this.#renew)
  }

  dispose(): void {
    this.#cancel?.()
  }
}
