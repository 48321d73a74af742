import type { RoomDelta, Seat } from './engine.ts'
import type { Change } from './engine-store.ts'
import type { RoomRules } from './room-rules.ts'

/** A change without its number. */
export type Told = RoomDelta extends infer Delta
  ? Delta extends RoomDelta
    ? Omit<Delta, 'epoch' | 'offset'>
    : never
  : never

/** @returns a seat, with the rules that the room has got with it. */
export function put(
  seat: Seat,
  { isRuled = false }: Change,
  rules: RoomRules | undefined,
): Told & { readonly type: 'put' } {
  return { type: 'put', seat, ...(isRuled && rules !== undefined && { rules }) }
}
