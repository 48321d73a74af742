import { useState } from 'react'
import { useLasting } from './use-lasting'

/** Connections that heal may all be down for so long, in milliseconds. */
const HEALING_MS = 10_000

/**
 * Whether a call goes on while the signaling line is down: connections that are interrupted for a moment have not ended it.
 * @param isDown whether the line is down. @param connected whether any peer is connected.
 */
export function useCallGoesOn(isDown: boolean, connected: boolean): boolean {
  const [wasConnected, setWasConnected] = useState(connected)
  if ((!isDown || connected) && wasConnected !== connected) setWasConnected(connected)
  const isLost = useLasting(isDown && !connected, HEALING_MS)
  return connected || (wasConnected && !isLost)
}
