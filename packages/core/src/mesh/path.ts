/** Which way packets take to a peer: straight, or through a TURN server. */
export type Path = 'direct' | 'relayed'

/** Statistics of a candidate and of a pair, as far as they are read here (W3C webrtc-stats §7). */
interface Stat {
  readonly type: string
  readonly state?: string
  readonly nominated?: boolean
  readonly candidateType?: string
  readonly localCandidateId?: string
  readonly remoteCandidateId?: string
}

/** @returns the path of the pair in use; `undefined` while there is none, or where the platform does not tell. */
export async function pathOf(pc: RTCPeerConnection): Promise<Path | undefined> {
  const report = new Map<string, Stat>()
  // Rejects when the connection is closed meanwhile.
  for (const [id, stat] of (await pc.getStats().catch(() => undefined)) ?? []) report.set(id, stat as Stat)
  const pairs = [...report.values()].filter(({ type }) => type === 'candidate-pair')
  const inUse = pairs.find(({ nominated, state }) => nominated === true && state === 'succeeded')
  if (inUse === undefined) return undefined
  const ends = [inUse.localCandidateId, inUse.remoteCandidateId].map((id) => report.get(id ?? ''))
  return ends.some((end) => end?.candidateType === 'relay') ? 'relayed' : 'direct'
}
