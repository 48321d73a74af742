/** Media sections accepted per description: each source needs one, and they are reused. */
const MAX_SECTIONS = 64

/**
 * Whether a description is one that a current browser could have made: one certificate, identified by SHA-256 or better
 * (RFC 8122 §5), a DTLS role that sets a connection up (RFC 5763 §5), and not too many media sections.
 */
export function isSound(sdp: string): boolean {
  const fingerprints = fingerprintLines(sdp)
  const roles = sdp.match(/^a=setup:.*$/gm) ?? []
  return (
    // Other ends of lines: what a browser takes for one line would be two here, or the other way round.
    !/\r(?!\n)|[\u2028\u2029]/.test(sdp) &&
    fingerprints.length === 1 &&
    /^a=fingerprint:sha-(256|384|512) [\dA-F:]+\s*$/i.test(fingerprints[0] ?? '') &&
    roles.every((role) => /^a=setup:(actpass|active|passive)\s*$/.test(role)) &&
    (sdp.match(/^m=/gm)?.length ?? 0) <= MAX_SECTIONS
  )
}

/** The certificate fingerprints in a description (RFC 8122 §5), as one comparable string. */
export function fingerprintsOf(sdp: string): string {
  return fingerprintLines(sdp).toSorted().join(' ').toLowerCase()
}

function fingerprintLines(sdp: string): string[] {
  return [...new Set(sdp.match(/^a=fingerprint:.*$/gm))]
}

/**
 * A description with at most `most` candidates, all of which may be handed to the browser.
 * @returns it, and how many are in it.
 */
export function withPlausibleCandidates(sdp: string, most: number): { readonly sdp: string; readonly count: number } {
  let count = 0
  const kept = sdp.split('\n').filter((line) => {
    if (!line.startsWith('a=candidate:')) return true
    return isPlausibleCandidate(line.slice('a='.length).trimEnd()) && (count += 1) <= most
  })
  return { sdp: kept.join('\n'), count: Math.min(count, most) }
}

/** `candidate:` foundation component transport priority address port (RFC 8839 §5.1). */
const candidateLine =
  /^candidate:[\w+/]{1,32} [12] (?:udp|tcp) \d{1,10} (\S{1,64}) (\d{1,5}) typ (?:host|srflx|prflx|relay)(?: |$)/i
/** An IP address, or a name that the browser resolves on the local network only (draft-ietf-mmusic-mdns-ice-candidates). */
const localName = /^[\da-f-]{36}\.local$/i
const ipAddress = /^(?:\d{1,3}(?:\.\d{1,3}){3}|[\da-f:]*:[\da-f:.]*)$/i

/**
 * Whether a candidate may be handed to the browser, which sends packets wherever it points. Host names are not: they would
 * have the browser ask a name server that the other side chose. Empty text ends a generation of candidates.
 */
export function isPlausibleCandidate(candidate: string): boolean {
  if (candidate === '') return true
  const [, address = '', port = ''] = candidateLine.exec(candidate) ?? []
  const isAddress = ipAddress.test(address) || localName.test(address)
  // A TCP candidate that only opens connections has port 9 (RFC 6544 §4.5).
  return isAddress && Number(port) >= 1 && Number(port) <= 65_535
}
