import type { RoomId } from '@patchbay/protocol'
import type { Change, EngineStore, StoredSnapshot } from './engine-store.ts'
import type { RoomRules } from './room-rules.ts'

/** Hosts on other nodes may change the rules of a room at the same time. */
const MAX_TRIES = 5

/**
 * Changes the rules of a room, whatever they are by now.
 * @param next returns what `snapshot.rules` is when there is nothing to change.
 * @returns the rules, and the change, if there was one; `undefined` when nobody is in the room, or others were faster each time.
 */
export async function rewriteRules(
  store: EngineStore,
  room: RoomId,
  next: (snapshot: StoredSnapshot) => RoomRules,
): Promise<{ readonly rules: RoomRules; readonly change?: Change } | undefined> {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const snapshot = await store.read(room)
    const rules = next(snapshot)
    if (rules === snapshot.rules) return { rules }
    const change = await store.rule(room, snapshot.rules, rules)
    if (change !== undefined) return { rules, change }
  }
  return undefined
}
