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

/** Judges by what was gathered over one socket with the help of these servers. @param stunUrls what was asked, TURN over UDP too. */
export function natKindOf({ candidates, failed }: Gathering, stunUrls: readonly string[]): NatKind {
  const udp = candidates.filter(({ protocol }) => protocol === 'udp')
  const hosts = udp.filter(({ kind }) => kind === 'host')
  const reflexive = udp.filter(({ kind }) => kind === 'srflx')
  // Some local addresses lead nowhere; a server that answers at one of them is there.
  const failures = (url: string) => failed.filter((other) => other.startsWith(url.split('?')[0] ?? url)).length
  const answered = stunUrls.filter((url) => failures(url) < Math.max(1, hosts.length))
  if (stunUrls.length === 0) return 'unknown'
  if (reflexive.length === 0) {
    // A reflexive candidate that equals a host candidate is dropped as one too many (RFC 8445 §5.1.3).
    if (answered.length > 0 && hosts.some(({ address }) => isPublic(address))) return 'none'
    return answered.length === 0 ? 'blocked' : 'unknown'
  }
  const differ = (one: GatheredCandidate, other: GatheredCandidate) =>
    one.relatedPort === other.relatedPort && (one.port !== other.port || one.address !== other.address)
  if (reflexive.some((one) => reflexive.some((other) => differ(one, other)))) return 'symmetric'
  return answered.length > 1 ? 'cone' : 'unknown'
}

/** Whether an IPv4 address is one that the internet can reach; names that hide addresses are not. */
function isPublic(address: string): boolean {
  return (
    /^\d+\.\d+\.\d+\.\d+$/.test(address) &&
    !/^(10|127|169\.254|192\.168|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])|172\.(1[6-9]|2\d|3[01]))\./.test(address)
  )
}
