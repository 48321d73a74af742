import { pairInUse, reportOf } from './stats-report.ts'

/** How packets reach a peer: directly, or through a TURN server. */
export type Path = 'direct' | 'relayed'

/** @returns the path of the candidate pair in use; `undefined` if there is none or the platform does not report it. */
export async function pathOf(pc: RTCPeerConnection): Promise<Path | undefined> {
  const inUse = pairInUse(await reportOf(pc))
  if (inUse === undefined) return undefined
  return [inUse.local, inUse.remote].some((end) => end?.candidateType === 'relay') ? 'relayed' : 'direct'
}
