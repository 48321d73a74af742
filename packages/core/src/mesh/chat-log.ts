import type { PeerId } from '@patchbay/protocol'
import { createStore, type Store } from '../store.ts'

/** How someone went: by their own will, unheard of for too long, or cut because their program broke the protocol. */
export type Departure = 'left' | 'lost' | 'cut'

/** One line of a room's log. Times are wall clock, milliseconds since 1970, for showing only. */
export type ChatEntry =
  | {
      readonly kind: 'message'
      readonly key: string
      /** `undefined`: written here. */
      readonly from: PeerId | undefined
      readonly name: string
      readonly text: string
      readonly at: number
    }
  | { readonly kind: 'joined' | 'back' | Departure; readonly key: string; readonly name: string; readonly at: number }

/** Lines kept; the oldest go first. */
const MAX_ENTRIES = 1_000

/** What was said and who came and went, as this client saw it. */
export class ChatLog implements Store<readonly ChatEntry[]> {
  readonly #store = createStore<readonly ChatEntry[]>([])
  readonly getSnapshot = (): readonly ChatEntry[] => this.#store.getSnapshot()
  readonly subscribe = (listener: () => void): (() => void) => this.#store.subscribe(listener)

  /** Adds an entry; one whose key is there already is the same one again and is dropped. */
  add(entry: ChatEntry): void {
    const entries = this.#store.getSnapshot()
    if (entries.some((other) => other.key === entry.key)) return
    this.#store.set([...entries, entry].slice(-MAX_ENTRIES))
  }
}
