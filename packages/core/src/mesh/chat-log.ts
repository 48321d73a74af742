import type { PeerId } from '@patchbay/protocol'
import { createStore, type Store } from '../store.ts'

/** Why someone is gone: they left, were silent for too long, or were cut because their app broke the protocol. */
export type Departure = 'left' | 'lost' | 'cut'

/** One entry of a room's log. Times are wall clock, milliseconds since 1970, for display only. */
export type ChatEntry =
  | {
      readonly kind: 'message'
      readonly key: string
      /** `undefined`: sent by this client. */
      readonly from: PeerId | undefined
      readonly name: string
      readonly text: string
      readonly at: number
    }
  | { readonly kind: 'joined' | 'back' | Departure; readonly key: string; readonly name: string; readonly at: number }

/** Entries kept; the oldest are dropped first. */
const MAX_ENTRIES = 1_000

/** Chat messages, joins and departures, as this client saw them. */
export class ChatLog implements Store<readonly ChatEntry[]> {
  readonly #store = createStore<readonly ChatEntry[]>([])
  readonly getSnapshot = (): readonly ChatEntry[] => this.#store.getSnapshot()
  readonly subscribe = (listener: () => void): (() => void) => this.#store.subscribe(listener)

  /** Adds an entry, unless one with the same key exists. */
  add(entry: ChatEntry): void {
    const entries = this.#store.getSnapshot()
    if (entries.some((other) => other.key === entry.key)) return
    this.#store.set([...entries, entry].slice(-MAX_ENTRIES))
  }
}
