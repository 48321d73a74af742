import type { RoomId } from '@patchbay/protocol'
import type { Change, EngineStore } from './engine-store.ts'
import type { RoomRules } from './room-rules.ts'

/** Hosts on other nodes may change the rules of a room at the same time. */
const MAX_TRIES = 5

/**
 * Changes the rules of a room, whatever they are by now.
 * @returns the new ones and the change; `undefined` when nobody is in the room, or others were faster each time.
 */
export async function rewriteRules(
  store: EngineStore,
  room: RoomId,
  next: (before: RoomRules | undefined) => RoomRules,
): Promise<{ readonly rules: RoomRules; readonly change: Change } | undefined> {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const { rules: before } = await store.read(room)
    const rules = next(before)
    const change = await store.rule(room, before, rules)
    if (change !== undefined) return { rules, change }
  }
  return undefined
}
