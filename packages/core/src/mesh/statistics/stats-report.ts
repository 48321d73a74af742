/** The fields of a report's entries that are read here (W3C webrtc-stats §7). */
export interface Stat {
  readonly id: string
  readonly type: string
  readonly timestamp: number
  readonly kind?: string
  readonly state?: string
  readonly nominated?: boolean
  readonly selected?: boolean
  readonly selectedCandidatePairId?: string
  readonly currentRoundTripTime?: number
  readonly availableOutgoingBitrate?: number
  readonly localCandidateId?: string
  readonly remoteCandidateId?: string
  readonly localId?: string
  readonly candidateType?: string
  readonly protocol?: string
  readonly relayProtocol?: string
  readonly bytesSent?: number
  readonly bytesReceived?: number
  readonly packetsSent?: number
  readonly packetsReceived?: number
  readonly packetsLost?: number
  readonly codecId?: string
  readonly mimeType?: string
  readonly frameWidth?: number
  readonly frameHeight?: number
  readonly framesPerSecond?: number
  readonly framesEncoded?: number
  readonly totalEncodeTime?: number
  readonly fractionLost?: number
  readonly roundTripTime?: number
  readonly qualityLimitationReason?: 'none' | 'cpu' | 'bandwidth' | 'other'
}

/** The statistics report of a connection, by id; empty once the connection is closed. */
export async function reportOf(pc: RTCPeerConnection): Promise<Map<string, Stat>> {
  // Rejects when the connection is closed meanwhile.
  return new Map<string, Stat>(await pc.getStats().catch(() => undefined))
}

/**
 * The candidate pair in use, with both candidates; `undefined` if there is none or the platform does not report it.
 * After an ICE restart several pairs may stay nominated; the `transport` entry names the one in use, where it exists
 * (W3C webrtc-stats §8.20), and Firefox marks it `selected`.
 */
export function pairInUse(
  report: ReadonlyMap<string, Stat>,
): { readonly pair: Stat; readonly local: Stat | undefined; readonly remote: Stat | undefined } | undefined {
  const stats = [...report.values()]
  const pairs = stats.filter(({ type }) => type === 'candidate-pair')
  const named = stats.find(({ type }) => type === 'transport')?.selectedCandidatePairId
  const pair =
    (named === undefined ? undefined : report.get(named)) ??
    pairs.find(({ selected }) => selected === true) ??
    pairs.find(({ nominated, state }) => nominated === true && state === 'succeeded')
  if (pair === undefined) return undefined
  return { pair, local: report.get(pair.localCandidateId ?? ''), remote: report.get(pair.remoteCandidateId ?? '') }
}
