import type { RoomId } from '@patchbay/protocol'
import type { Change, EngineStore, StoredSnapshot } from './engine-store.ts'
import type { RoomRules } from './room-rules.ts'

/** Hosts on other nodes may change the rules of a room at the same time. */
const MAX_TRIES = 5

/** How rules are changed. */
interface Rewriting {
  readonly store: EngineStore
  /** @throws when the store refuses, or takes too long: then nothing more is asked of it. */
  readonly act: <T>(act: () => Promise<T>) => Promise<T>
  /** @returns what `snapshot.rules` is when there is nothing to change. */
  readonly next: (snapshot: StoredSnapshot) => RoomRules
  /** The rules may have been changed, and nobody was told. */
  readonly doubt: () => void
}

/**
 * Changes the rules of a room, whatever they are by now.
 * @returns the rules, and the change, if there was one; `undefined` when nobody is in the room, or others were faster each time.
 * @throws what `act` throws.
 */
export async function rewriteRules(
  room: RoomId,
  { store, act, next, doubt }: Rewriting,
): Promise<{ readonly rules: RoomRules; readonly change?: Change } | undefined> {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const snapshot = await act(() => store.read(room))
    const rules = next(snapshot)
    if (rules === snapshot.rules) return { rules }
    const made = store.rule(room, snapshot.rules, rules)
    try {
      const change = await act(() => made)
      if (change !== undefined) return { rules, change }
    } catch (error) {
      doubt()
      // Until it is answered it may be done still.
      void made.then(doubt, () => {})
      throw error
    }
  }
  return undefined
}
