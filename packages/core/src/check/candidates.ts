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
  /** `false`: some of them were still being asked when it took too long. */
  readonly complete: boolean
}

/** Gathering takes no longer than this. Some browsers ask a server that does not answer for 40 s. */
const GATHER_MS = 8_000

/** Gathers the candidates that these servers give, over one component. */
export async function gather(create: CreatePeerConnection, configuration: RTCConfiguration): Promise<Gathering> {
  const pc = create(configuration)
  const candidates: GatheredCandidate[] = []
  const failed: string[] = []
  try {
    pc.createDataChannel('check')
    pc.addEventListener('icecandidateerror', (event) => failed.push((event as { url?: string }).url ?? ''))
    const done = new Promise<boolean>((resolve) => {
      setTimeout(() => resolve(false), GATHER_MS)
      pc.addEventListener('icecandidate', ({ candidate }) => {
        const read = candidate === null ? undefined : readCandidate(candidate)
        if (read !== undefined) candidates.push(read)
        if (candidate === null) resolve(true)
      })
    })
    await pc.setLocalDescription()
    const complete = await done
    return { candidates, failed, complete }
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
