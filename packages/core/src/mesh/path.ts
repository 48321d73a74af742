import { pairInUse, reportOf } from './stats-report.ts'

/** Which way packets take to a peer: straight, or through a TURN server. */
export type Path = 'direct' | 'relayed'

/** @returns the path of the pair in use; `undefined` while there is none, or where the platform does not tell. */
export async function pathOf(pc: RTCPeerConnection): Promise<Path | undefined> {
  const inUse = pairInUse(await reportOf(pc))
  if (inUse === undefined) return undefined
  return [inUse.local, inUse.remote].some((end) => end?.candidateType === 'relay') ? 'relayed' : 'direct'
}
