import type { PeerId } from '@patchbay/protocol'
import { createStore, type Store } from '../../store.ts'

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
      /** Sent while nobody else was in the room: nobody will read it. */
      readonly alone?: true
      readonly at: number
    }
  | { readonly kind: 'joined' | 'back' | Departure; readonly key: string; readonly name: string; readonly at: number }

/**
 * What became of a chat message: `sent`, or not: `invalid` text (empty, too long, not well-formed), `waiting` for someone
 * connected to confirm earlier ones, `too_fast`, or `left`: the room was left, or has not let this client in.
 */
export type ChatOutcome = 'sent' | 'invalid' | 'waiting' | 'too_fast' | 'left'

/** Entries kept, and UTF-16 code units of their texts. */
const MAX_ENTRIES = 1_000
const MAX_SIZE = 1_048_576

/** Chat messages, joins and departures, as this client saw them. */
export class ChatLog implements Store<readonly ChatEntry[]> {
  readonly #store = createStore<readonly ChatEntry[]>([])
  readonly #keys = new Set<string>()
  #size = 0
  readonly getSnapshot = (): readonly ChatEntry[] => this.#store.getSnapshot()
  readonly subscribe = (listener: () => void): (() => void) => this.#store.subscribe(listener)

  /**
   * Adds an entry, unless one with the same key exists. When there are too many, the oldest before it of whoever has the most
   * is dropped, so that nobody can push out what the others have said.
   */
  add(entry: ChatEntry): void {
    if (this.#keys.has(entry.key)) return
    const entries = [...this.#store.getSnapshot(), entry]
    this.#keys.add(entry.key)
    this.#size += sizeOf(entry)
    while (entries.length > MAX_ENTRIES || this.#size > MAX_SIZE) {
      const [dropped] = entries.splice(findLeastMissed(entries), 1)
      if (dropped === undefined) break
      this.#keys.delete(dropped.key)
      this.#size -= sizeOf(dropped)
    }
    this.#store.set(entries)
  }
}

/** An entry without a text counts as well. */
function sizeOf(entry: ChatEntry): number {
  return 64 + (entry.kind === 'message' ? entry.text.length : 0)
}

/**
 * @returns the index of the oldest entry, the newest one aside, of the author whose entries take the most. Joins and
 *   departures have one author.
 */
function findLeastMissed(entries: readonly ChatEntry[]): number {
  const authorOf = (entry: ChatEntry) => (entry.kind === 'message' ? (entry.from ?? 'self') : 'room')
  const sizes = new Map<string, number>()
  for (const entry of entries) sizes.set(authorOf(entry), (sizes.get(authorOf(entry)) ?? 0) + sizeOf(entry))
  const weights = entries.slice(0, -1).map((entry) => sizes.get(authorOf(entry)) ?? 0)
  return weights.indexOf(Math.max(...weights))
}
