import type { GatheredCandidate, Gathering } from './candidates.ts'

/**
 * What stands between this page and the internet, as far as a page can see (RFC 4787 §4.1). Of the classic four, the three cones
 * differ only in what they let in, which a page cannot try.
 */
export type NatKind =
  /** A public address of its own. */
  | 'none'
  /** The same mapping for every destination: a full, restricted or port-restricted cone. */
  | 'cone'
  /** Another mapping for each destination. */
  | 'symmetric'
  /** No answer from any STUN server: UDP is blocked. */
  | 'blocked'
  /** Seen from one place only, or from none because there is no STUN server: no telling. */
  | 'unknown'

/** Judges by what was gathered over one socket with the help of these servers. @param stunUrls what was asked. */
export function natKindOf({ candidates, failed, complete }: Gathering, stunUrls: readonly string[]): NatKind {
  if (stunUrls.length === 0) return 'unknown'
  const udp = candidates.filter(({ protocol }) => protocol === 'udp')
  const hosts = udp.filter(({ kind }) => kind === 'host')
  const reflexive = udp.filter(({ kind }) => kind === 'srflx')
  // STUN and TURN of one server see this page from one place.
  const places = new Set(stunUrls.map(placeOf))
  // Some local addresses lead nowhere; a server that answers at one of them is there.
  const failures = (place: string) => failed.filter((url) => placeOf(url) === place).length
  const answered = [...places].filter((place) => failures(place) < Math.max(1, hosts.length)).length
  if (reflexive.length === 0) {
    if (!complete || answered === 0) return 'blocked'
    // A reflexive candidate that equals a host candidate is dropped as one too many (RFC 8445 §5.1.3).
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

/** Whether an IPv4 address is one that the internet can reach; names that hide addresses are not. */
function isPublic(address: string): boolean {
  return (
    /^\d+\.\d+\.\d+\.\d+$/.test(address) &&
    !/^(10|127|169\.254|192\.168|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])|172\.(1[6-9]|2\d|3[01]))\./.test(address)
  )
}
