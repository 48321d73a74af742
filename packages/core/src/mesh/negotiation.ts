import { type Candidate, decodeCandidate, decodeDescription, type Description } from '@patchbay/protocol'
import type { Signal } from '../signaling/index.ts'
import { fingerprintsOf, isPlausibleCandidate, isSound, withPlausibleCandidates } from './sdp.ts'
import type {
  Negotiation,
  NegotiationEffect,
  NegotiationEvent,
  NegotiationRole,
  NegotiationStep,
  Offered,
  RemoteNegotiation,
  SignalEvent,
} from './negotiation-state.ts'

/** Candidates buffered until their description arrives. */
const MAX_EARLY_CANDIDATES = 64
/**
 * Candidates accepted per description, those in it included: for each, the browser sends checks to an address that the other side
 * chose.
 */
const MAX_CANDIDATES = 64
/**
 * Repetitions of an unanswered offer after which the polite end takes any offer of the other: whoever relays signals can give one
 * a number that has every true offer of the same end count as obsolete.
 */
const MAX_UNANSWERED = 3

/** @param newest number of the other end's newest known connection, 0 for none. */
export function beginNegotiation(role: NegotiationRole, offersFirst: boolean, newest: number): Negotiation {
  const local = { is: 'stable', theirTurn: !offersFirst } as const
  return { role, local, remote: { is: 'unknown', newest }, offers: 0, early: [] }
}

/** Number of the other end's newest known connection, 0 for none. */
export function newestRemote({ remote }: Negotiation): number {
  return remote.is === 'known' ? remote.connection : remote.newest
}

/** The end with the smaller id is polite, so both ends agree on the roles without a message. */
export function isPolite(self: string, other: string): boolean {
  return self < other
}

/**
 * Perfect negotiation (W3C WebRTC §10.7) over one RTCPeerConnection. A description names the two connections it is for, and
 * an answer its offer, so a late one is never applied in the wrong place, whatever path it took.
 */
export function step(state: Negotiation, event: NegotiationEvent): NegotiationStep {
  const { local, remote } = state
  switch (event.type) {
    case 'needed':
      return local.is === 'stable' && !local.theirTurn ? makeOffer(state) : stay(state)
    case 'restart':
      return restart(state, event.afterOutage)
    case 'resend':
      return local.is === 'offered' ? repeat(state, local) : stay(state)
    case 'made':
      return made(state)
    case 'applied':
      return applied(state)
    case 'failed':
      return failed(state)
    case 'early':
      return keepEarly(state, event.candidate)
    default:
      return remote.is === 'replaced' ? stay(state, { type: 'hand_over', event }) : takeSignal(state, event)
  }
}

function takeSignal(state: Negotiation, event: SignalEvent): NegotiationStep {
  switch (event.type) {
    case 'offer':
      return takeOffer(state, event.description)
    case 'answer':
      return takeAnswer(state, event.description)
    case 'candidate':
      return takeCandidate(state, event.candidate)
  }
}

function stay(state: Negotiation, ...effects: readonly NegotiationEffect[]): NegotiationStep {
  return { next: state, effects }
}

function makeOffer(state: Negotiation): NegotiationStep {
  return { next: { ...state, local: { is: 'making' } }, effects: [{ type: 'make' }] }
}

function sendOffer({ role, remote, offers }: Negotiation): NegotiationEffect {
  const peerConnection = remote.is === 'known' ? remote.connection : null
  return { type: 'send', as: 'offer', head: { connection: role.connection, peerConnection, n: offers, offers } }
}

function sendAnswer(state: Negotiation, peerConnection: number, n: number, offers: number): NegotiationEffect {
  return { type: 'send', as: 'answer', head: { connection: state.role.connection, peerConnection, n, offers } }
}

function repeat(state: Negotiation, offered: Offered): NegotiationStep {
  const next = { ...state, local: { ...offered, unanswered: offered.unanswered + 1 } }
  return { next, effects: [sendOffer(state)] }
}

/** An unanswered offer is sent again, because it or its answer may have been lost. */
function restart(state: Negotiation, afterOutage: boolean): NegotiationStep {
  const { local, role } = state
  // Without a line nobody could answer.
  if (local.is === 'offered') return repeat(state, afterOutage ? { ...local, stale: true, unanswered: -1 } : local)
  if (local.is !== 'stable') return stay(state)
  if (local.theirTurn) return makeOffer(state)
  return stay(state, role.renegotiate ? { type: 'restart_ice' } : { type: 'start_over' })
}

function takeOffer(state: Negotiation, offer: Description): NegotiationStep {
  const { role, local, remote } = state
  if (!isSound(offer.sdp) || offer.connection < newestRemote(state)) return stay(state)
  if (offer.peerConnection !== null && offer.peerConnection !== role.connection) return missed(state, offer)
  if (remote.is === 'known') {
    if (remote.connection !== offer.connection) {
      const next = { ...state, remote: { is: 'replaced', newest: offer.connection } as const }
      return { next, effects: [{ type: 'replaced', first: { type: 'offer', description: offer } }] }
    }
    if (isOfAnother(state, offer)) return stay(state)
    const isStuck = role.polite && local.is === 'offered' && local.unanswered > MAX_UNANSWERED
    // An obsolete offer, overtaken on another path, or an earlier one had a wrong number: the answer to ours tells.
    if (offer.n < remote.floor && !isStuck)
      return local.is === 'stable' && role.renegotiate ? makeOffer(state) : stay(state)
    // A repeat of the newest offer: its answer was lost. The same answer is sent, since a new one could differ. Our own
    // offer, if any, was ignored while theirs was pending, so it is resent too.
    if (remote.answeredAfter !== undefined && offer.n === remote.floor) {
      const again = sendAnswer(state, remote.connection, offer.n, remote.answeredAfter)
      return stay(state, again, ...(local.is === 'offered' ? [sendOffer(state)] : []))
    }
  }
  if (local.is === 'offered' && !role.polite) {
    // With two paths, an older offer may arrive later.
    const ignored = offer.n > (local.ignored?.n ?? 0) ? offer : local.ignored
    return stay({ ...state, local: { ...local, ignored } })
  }
  const next = { ...state, local: { is: 'answering', offer } as const }
  return { next, effects: [apply('offer', offer)] }
}

function apply(as: 'offer' | 'answer', { sdp }: Description): NegotiationEffect {
  return { type: 'apply', as, sdp: withPlausibleCandidates(sdp, MAX_CANDIDATES).sdp }
}

/** An offer for an earlier connection of ours: the other end does not know of this one yet. */
function missed(state: Negotiation, offer: Description): NegotiationStep {
  const { role, local, remote } = state
  if (remote.is !== 'known') return local.is === 'stable' && local.theirTurn ? makeOffer(state) : stay(state)
  return stay(state, ...(offer.connection > remote.connection && role.polite ? [{ type: 'start_over' } as const] : []))
}

/** A connection keeps its certificate for life: a description with a different one is not from the other end. */
function isOfAnother({ remote }: Negotiation, { sdp }: Description): boolean {
  return remote.is === 'known' && remote.certificate !== '' && fingerprintsOf(sdp) !== remote.certificate
}

function takeAnswer(state: Negotiation, answer: Description): NegotiationStep {
  const { role, local, remote, offers } = state
  if (local.is !== 'offered' || !isSound(answer.sdp)) return stay(state)
  if (answer.peerConnection !== role.connection || answer.n !== offers) return stay(state)
  if (remote.is === 'known' && (remote.connection !== answer.connection || isOfAnother(state, answer)))
    return stay(state)
  const next = { ...state, local: { ...local, applying: answer } }
  return { next, effects: [apply('answer', answer)] }
}

function takeCandidate(state: Negotiation, candidate: Candidate): NegotiationStep {
  const { remote } = state
  if (remote.is !== 'known') return keepEarly(state, candidate)
  if (remote.connection !== candidate.connection) return stay(state)
  return addCandidates(state, remote, [candidate])
}

function addCandidates(
  state: Negotiation,
  remote: Extract<RemoteNegotiation, { is: 'known' }>,
  candidates: readonly Candidate[],
): NegotiationStep {
  const own = candidates.filter(({ connection }) => connection === remote.connection)
  const taken = own.slice(0, MAX_CANDIDATES - remote.candidates)
  const effects = taken.filter(({ candidate }) => isPlausibleCandidate(candidate))
  const next = { ...state, remote: { ...remote, candidates: remote.candidates + taken.length } }
  return { next, effects: effects.map((candidate) => ({ type: 'add', candidate })) }
}

function keepEarly(state: Negotiation, candidate: Candidate): NegotiationStep {
  const isIgnored = state.local.is === 'offered' && state.local.ignored !== undefined
  if (isIgnored || state.early.length >= MAX_EARLY_CANDIDATES) return stay(state)
  return stay({ ...state, early: [...state.early, candidate] })
}

function made(state: Negotiation): NegotiationStep {
  const { local, remote } = state
  if (local.is === 'making') {
    const offered = { is: 'offered', unanswered: 0, stale: false, ignored: undefined, applying: undefined } as const
    const next = { ...state, local: offered, offers: state.offers + 1 }
    return { next, effects: [sendOffer(next)] }
  }
  if (local.is !== 'answering' || remote.is !== 'known') return stay(state)
  const { offer } = local
  const known = { ...remote, certificate: fingerprintsOf(offer.sdp), answeredAfter: state.offers }
  const next: Negotiation = { ...state, local: { is: 'stable', theirTurn: false }, remote: known }
  return { next, effects: [sendAnswer(next, offer.connection, offer.n, state.offers)] }
}

function applied(state: Negotiation): NegotiationStep {
  const { local } = state
  if (local.is === 'answering') {
    const { next, effects } = describedBy(state, local.offer, local.offer.n, '')
    return { next, effects: [...effects, { type: 'make' }] }
  }
  if (local.is !== 'offered' || local.applying === undefined) return stay(state)
  const { applying: answer, stale, ignored } = local
  const described = describedBy(state, answer, answer.offers + 1, fingerprintsOf(answer.sdp))
  const settled: Negotiation = { ...described.next, local: { is: 'stable', theirTurn: false } }
  const again = stale ? restart(settled, false) : stay(settled)
  // The other end made this offer after its answer. It arrived first, on a faster path, and was no collision.
  const later = ignored !== undefined && ignored.n > answer.offers ? takeOffer(again.next, ignored) : stay(again.next)
  return { next: later.next, effects: [...described.effects, ...again.effects, ...later.effects] }
}

/** A description of the other end was applied: its early candidates follow. */
function describedBy(state: Negotiation, from: Description, floor: number, certificate: string): NegotiationStep {
  const { remote } = state
  const known = {
    is: 'known',
    connection: from.connection,
    certificate: remote.is === 'known' && remote.certificate !== '' ? remote.certificate : certificate,
    floor,
    answeredAfter: undefined,
    candidates: withPlausibleCandidates(from.sdp, MAX_CANDIDATES).count,
  } as const
  return addCandidates({ ...state, remote: known, early: [] }, known, state.early)
}

function failed(state: Negotiation): NegotiationStep {
  const { local, role } = state
  switch (local.is) {
    case 'stable':
      return stay(state)
    case 'making':
      // `negotiationneeded` fires again if an offer is still needed.
      return stay({ ...state, local: { is: 'stable', theirTurn: false } })
    case 'offered':
      return stay({ ...state, local: { ...local, applying: undefined } })
    case 'answering': {
      // Two first pictures at once: Chromium cannot roll its offer back for one of Firefox's that numbers its RTP header
      // extensions otherwise (RFC 8285 §5), and both ends would wait for ever. A new connection starts with both pictures.
      const newest = Math.max(newestRemote(state), local.offer.connection)
      const remote = state.remote.is === 'unknown' ? { ...state.remote, newest } : state.remote
      const next: Negotiation = { ...state, local: { is: 'stable', theirTurn: state.offers === 0 }, remote }
      return { next, effects: role.polite ? [{ type: 'start_over' }] : [] }
    }
  }
}

/** The event that a signal is; `undefined` for a body that cannot be read. */
export function readSignal({ type, body }: Signal): SignalEvent | undefined {
  try {
    return type === 'ice_candidate'
      ? { type: 'candidate', candidate: decodeCandidate(body) }
      : { type, description: decodeDescription(body) }
  } catch {
    return undefined
  }
}

/**
 * Whether a signal that another member relayed is from this connection's peer: a description must contain the certificate
 * in use. Without this check, the relaying member could become a man in the middle.
 */
export function isFromPeer({ remote }: Negotiation, event: SignalEvent): boolean {
  if (remote.is !== 'known' || event.type === 'candidate') return remote.is === 'known'
  const { connection, sdp } = event.description
  return connection === remote.connection && remote.certificate !== '' && fingerprintsOf(sdp) === remote.certificate
}
