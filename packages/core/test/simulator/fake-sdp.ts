/** One m-line of a fake description. */
export interface MLine {
  readonly mid: string
  readonly kind: string
  /** Whether the describing side sends on it. */
  readonly sends: boolean
}

/** Content of a fake `sdp`, which is its JSON. */
export interface FakeSdp {
  readonly connection: number
  readonly ufrag: string
  readonly lines: readonly MLine[]
}

/** Each connection has its own certificate, which identifies it. */
export function write(sdp: FakeSdp): string {
  return `${JSON.stringify(sdp)}\na=fingerprint:sha-256 FA:${String(sdp.connection).padStart(2, '0')}`
}

export function read(sdp: string): FakeSdp {
  return JSON.parse(sdp.split('\n', 1)[0] ?? '') as FakeSdp
}
