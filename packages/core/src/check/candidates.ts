import type { CreatePeerConnection } from '../mesh/index.ts'

/** A gathered candidate (RFC 8445 §5.1.1). */
export interface GatheredCandidate {
  readonly kind: 'host' | 'srflx' | 'prflx' | 'relay'
  readonly protocol: 'udp' | 'tcp'
  readonly address: string
  readonly port: number
  /** Port of the base, for reflexive candidates; hidden by some browsers. */
  readonly relatedPort: number | undefined
}

/** Result of gathering. */
export interface Gathering {
  readonly candidates: readonly GatheredCandidate[]
  /** URLs of STUN and TURN servers that failed or refused, once for each local address they were queried from. */
  readonly failed: readonly string[]
  /** `false`: the timeout ended gathering while some servers had not answered. */
  readonly complete: boolean
}

/** Timeout of gathering. Some browsers query an unresponsive server for 40 s. */
const GATHER_MS = 8_000

/** Gathers candidates with the configured servers, for one component. */
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

/** @returns `undefined` for the end of a generation, which is not a candidate. */
function readCandidate(candidate: RTCIceCandidate): GatheredCandidate | undefined {
  const { type, protocol, address, port, relatedPort } = candidate
  if (type === null || address === null || port === null) return undefined
  return { kind: type, protocol: protocol ?? 'udp', address, port, relatedPort: relatedPort ?? undefined }
}
