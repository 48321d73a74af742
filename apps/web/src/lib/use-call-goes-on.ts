import { useState } from 'react'
import { useLasting } from './use-lasting'

/** Connections that heal may all be down for so long, in milliseconds. */
const HEALING_MS = 10_000

/** A call while the signaling line is down, or up. */
export interface CallNow {
  readonly isDown: boolean
  /** Whether any peer is connected. */
  readonly connected: boolean
  /** Whether nobody has been connected for longer than connections take to heal. */
  readonly isLost: boolean
}

/** @param before whether the call went on until then. @returns whether it does: an interruption of a moment has not ended it. */
export function goesOn(before: boolean, { isDown, connected, isLost }: CallNow): boolean {
  return connected || (isDown && before && !isLost)
}

/** Hook. @returns whether a call goes on, as said while the signaling line is down. */
export function useCallGoesOn(isDown: boolean, connected: boolean): boolean {
  const [before, setBefore] = useState(connected)
  const isLost = useLasting(isDown && !connected, HEALING_MS)
  const now = goesOn(before, { isDown, connected, isLost })
  if (now !== before) setBefore(now)
  return now
}
