import type { IceServer } from '@patchbay/protocol'
import { createStore, type Store } from '../store.ts'
import type { Clock } from '../transport/index.ts'
import { Renewal } from './renewal.ts'

/** The ICE servers that the server sent, renewed before their credentials expire. */
export class IceServers implements Store<readonly IceServer[]> {
  readonly #renewal: Renewal
  readonly #store = createStore<readonly IceServer[]>([])

  /** @param renew asks the server for new ones. */
  constructor(clock: Clock, renew: () => void) {
    this.#renewal = new Renewal(clock, renew)
  }

  readonly getSnapshot = (): readonly IceServer[] => this.#store.getSnapshot()
  readonly subscribe = (listener: () => void): (() => void) => this.#store.subscribe(listener)

  /** @param lifetimeMs how long the credentials in them are valid; `undefined`: they do not expire. */
  set(servers: readonly IceServer[], lifetimeMs: number | undefined): void {
    // First, because whoever is told may close the client.
    this.#renewal.plan(lifetimeMs)
    this.#store.set(servers)
  }

  dispose(): void {
    this.#renewal.stop()
  }
}
