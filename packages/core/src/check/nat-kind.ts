import type { GatheredCandidate, Gathering } from './candidates.ts'

/**
 * The NAT between this page and the internet, as far as a page can detect (RFC 4787 §4.1). Of the classic four kinds,
 * the three cones differ only in which incoming packets they accept, which a page cannot test.
 */
export type NatKind =
  /** No NAT: a public address. */
  | 'none'
  /** The same mapping for every destination: a full, restricted or port-restricted cone. */
  | 'cone'
  /** A different mapping for each destination. */
  | 'symmetric'
  /** No answer from any STUN server: UDP is blocked. */
  | 'blocked'
  /** Cannot be determined: at most one STUN server could be queried. */
  | 'unknown'

/** Classifies the NAT from the candidates gathered over one socket. @param stunUrls the servers queried. */
export function natKindOf({ candidates, failed, complete }: Gathering, stunUrls: readonly string[]): NatKind {
  if (stunUrls.length === 0) return 'unknown'
  const udp = candidates.filter(({ protocol }) => protocol === 'udp')
  const hosts = udp.filter(({ kind }) => kind === 'host')
  const reflexive = udp.filter(({ kind }) => kind === 'srflx')
  // STUN and TURN on one server count as one vantage point.
  const places = new Set(stunUrls.map(placeOf))
  // Some local addresses have no route: a server is reachable if it answers on at least one.
  const failures = (place: string) => failed.filter((url) => placeOf(url) === place).length
  const answered = [...places].filter((place) => failures(place) < Math.max(1, hosts.length)).length
  if (reflexive.length === 0) {
    if (!complete || answered === 0) return 'blocked'
    // A reflexive candidate equal to a host candidate is dropped as redundant (RFC 8445 §5.1.3).
    return hosts.some(({ address }) => isPublic(address)) ? 'none' : 'unknown'
  }
  const differ = (one: GatheredCandidate, other: GatheredCandidate) =>
    one.relatedPort === other.relatedPort && (one.port !== other.port || one.address !== other.address)
  if (reflexive.some((one) => reflexive.some((other) => differ(one, other)))) return 'symmetric'
  return complete && answered > 1 ? 'cone' : 'unknown'
}

/** Host and port of a STUN or TURN URL (RFC 7064 §3.1, RFC 7065 §3.1). */
function placeOf(url: string): string {
  return url.replace(/^(stun|turn)s?:/, '').replace(/\?.*$/, '')
}

/** Whether this is a public IPv4 address; mDNS names that hide addresses are not. */
function isPublic(address: string): boolean {
  return (
    /^\d+\.\d+\.\d+\.\d+$/.test(address) &&
    !/^(10|127|169\.254|192\.168|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])|172\.(1[6-9]|2\d|3[01]))\./.test(address)
  )
}
