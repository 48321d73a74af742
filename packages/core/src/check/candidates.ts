import type { CreatePeerConnection } from '../mesh/index.ts'

/** A candidate that was gathered (RFC 8445 §5.1.1). */
export interface GatheredCandidate {
  readonly kind: 'host' | 'srflx' | 'prflx' | 'relay'
  readonly protocol: 'udp' | 'tcp'
  readonly address: string
  readonly port: number
  /** Where it was seen from the inside, for reflexive ones; hidden by some browsers. */
  readonly relatedPort: number | undefined
}

/** What came of gathering. */
export interface Gathering {
  readonly candidates: readonly GatheredCandidate[]
  /** URLs of STUN and TURN servers that did not answer, or refused: once for each local address they were asked from. */
  readonly failed: readonly string[]
}

/** Gathering takes no longer than this: more than a STUN request is repeated for (RFC 8489 §6.2.1, as browsers shorten it). */
const GATHER_MS = 12_000

/** Gathers the candidates that these servers give, over one component. */
export async function gather(create: CreatePeerConnection, configuration: RTCConfiguration): Promise<Gathering> {
  const pc = create(configuration)
  const candidates: GatheredCandidate[] = []
  const failed: string[] = []
  try {
    pc.createDataChannel('check')
    pc.addEventListener('icecandidateerror', (event) => failed.push((event as { url?: string }).url ?? ''))
    const done = new Promise<void>((resolve) => {
      setTimeout(resolve, GATHER_MS)
      pc.addEventListener('icecandidate', ({ candidate }) => {
        const read = candidate === null ? undefined : readCandidate(candidate)
        if (read !== undefined) candidates.push(read)
        if (candidate === null) resolve()
      })
    })
    await pc.setLocalDescription()
    await done
    return { candidates, failed }
  } finally {
    pc.close()
  }
}

/** @returns `undefined` for what is no candidate: the end of a generation. */
function readCandidate(candidate: RTCIceCandidate): GatheredCandidate | undefined {
  const { type, protocol, address, port, relatedPort } = candidate
  if (type === null || address === null || port === null) return undefined
  return { kind: type, protocol: protocol ?? 'udp', address, port, relatedPort: relatedPort ?? undefined }
}
