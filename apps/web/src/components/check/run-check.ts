import { gather, type LineResult, measureRelay, type NatKind, natKindOf, tryLine } from '@patchbay/core/check'
import { mediaFailureOf, type MediaFailure } from '@patchbay/core/mesh'
import type { IceServer } from '@patchbay/protocol'
import type { PageLine } from '@/lib/use-lines'

/** Result of one test. */
export type Outcome<T> =
  | { readonly status: 'waiting' }
  | { readonly status: 'running' }
  | { readonly status: 'good'; readonly value: T }
  | { readonly status: 'bad'; readonly reason: string }

/** Transports to a TURN server. */
type RelayWay = 'udp' | 'tcp' | 'tls'
type CandidateKind = 'host' | 'srflx' | 'relay'

/** All results so far. */
export interface CheckState {
  readonly phase: 'idle' | 'running' | 'done'
  /** Round trip of each line, in milliseconds. */
  readonly lines: Readonly<Record<string, Outcome<number>>>
  readonly microphone: Outcome<string>
  readonly camera: Outcome<string>
  /** Number of candidates of each kind. */
  readonly candidates: Outcome<Readonly<Record<CandidateKind, number>>>
  readonly nat: Outcome<NatKind>
  /** Round trip of each TURN transport, in milliseconds; `undefined` if the server does not offer it. */
  readonly relays: Readonly<Record<RelayWay, Outcome<number> | undefined>>
  /** Bits per second over the best TURN transport. */
  readonly throughput: Outcome<number> | undefined
}

const waiting = { status: 'waiting' } as const
const running = { status: 'running' } as const
/** How long data is sent through the relay, in milliseconds. */
const FLOOD_MS = 3_000

/** State before the check. */
export const untried: CheckState = {
  phase: 'idle',
  lines: {},
  microphone: waiting,
  camera: waiting,
  candidates: waiting,
  nat: waiting,
  relays: { udp: waiting, tcp: waiting, tls: waiting },
  throughput: waiting,
}

const create = (configuration: RTCConfiguration) => new RTCPeerConnection(configuration)

/**
 * Runs all tests one after another. @param show is called after each step. @param signal ends it after the step that it is at:
 * nothing is shown any more, and nobody is asked for a camera.
 */
export async function runCheck(
  lines: readonly PageLine[],
  show: (state: CheckState) => void,
  signal: AbortSignal,
): Promise<void> {
  const untriedLines = Object.fromEntries(lines.map(({ name }) => [name, waiting]))
  let state: CheckState = { ...untried, lines: untriedLines, phase: 'running' }
  const set = (change: Partial<CheckState>) => {
    state = { ...state, ...change }
    if (!signal.aborted) show(state)
  }

  let iceServers: readonly IceServer[] = []
  for (const { name, dialer } of lines) {
    if (signal.aborted) return
    const setLine = (outcome: Outcome<number>) => set({ lines: { ...state.lines, [name]: outcome } })
    setLine(running)
    const result = await attempt(() => tryLine(dialer()))
    if (result.status === 'good') iceServers = result.value.iceServers
    setLine(mapOutcome(result, (line: LineResult) => line.roundTripMs))
  }

  // Devices before candidates: browsers reveal local addresses only to a page with a device permission.
  for (const [source, kind] of [
    ['microphone', 'audio'],
    ['camera', 'video'],
  ] as const) {
    if (signal.aborted) return
    set({ [source]: running })
    set({ [source]: await tryDevice(kind) })
  }

  if (signal.aborted) return
  set({ candidates: running, nat: running })
  const servers = iceServers.map((server) => ({ ...server, urls: [...server.urls] }))
  const stunUrls = stunUrlsOf(servers.flatMap((server) => server.urls))
  const [gathered, mapped] = await Promise.all([
    attempt(() => gather(create, { iceServers: servers })),
    // Separately: a blocked TURN transport would delay the other candidates.
    attempt(() => gather(create, { iceServers: stunUrls.length === 0 ? [] : [{ urls: stunUrls }] })),
  ])
  set({
    candidates: mapOutcome(gathered, ({ candidates }) => {
      const countOf = (wanted: CandidateKind) => candidates.filter(({ kind }) => kind === wanted).length
      return { host: countOf('host'), srflx: countOf('srflx'), relay: countOf('relay') }
    }),
    nat: mapOutcome(mapped, (gathering) => natKindOf(gathering, stunUrls)),
  })

  let best: RTCIceServer | undefined
  for (const way of ['udp', 'tcp', 'tls'] as const) {
    if (signal.aborted) return
    const setRelay = (outcome: Outcome<number> | undefined) => set({ relays: { ...state.relays, [way]: outcome } })
    const server = servers
      .map((one) => ({ ...one, urls: one.urls.filter((url) => wayOf(url) === way) }))
      .find((one) => one.urls.length > 0)
    if (server === undefined) {
      setRelay(undefined)
      continue
    }
    setRelay(running)
    const result = await attempt(() => measureRelay(create, server, 0))
    if (result.status === 'good') best ??= server
    setRelay(mapOutcome(result, ({ roundTripMs }) => roundTripMs))
  }
  if (signal.aborted) return
  if (best === undefined) return set({ throughput: undefined, phase: 'done' })
  set({ throughput: running })
  const server = best
  const flood = await attempt(() => measureRelay(create, server, FLOOD_MS))
  set({ throughput: mapOutcome(flood, ({ bitsPerSecond }) => bitsPerSecond), phase: 'done' })
}

/** URLs for STUN queries: TURN servers over UDP answer STUN too (RFC 8656 §3.1). */
function stunUrlsOf(urls: readonly string[]): string[] {
  const places = urls.filter((url) => url.startsWith('stun:') || wayOf(url) === 'udp')
  return [...new Set(places.map((url) => url.replace(/^turn:/, 'stun:').replace(/\?.*$/, '')))]
}

/** Transport of a TURN URL (RFC 7065 §3.1); `undefined` for other URLs. */
function wayOf(url: string): RelayWay | undefined {
  if (url.startsWith('turns:')) return 'tls'
  if (!url.startsWith('turn:')) return undefined
  return url.includes('transport=tcp') ? 'tcp' : 'udp'
}

async function tryDevice(kind: 'audio' | 'video'): Promise<Outcome<string>> {
  const reason = (failure: MediaFailure) => ({ status: 'bad', reason: failure }) as const
  const platform = navigator.mediaDevices as MediaDevices | undefined
  if (platform === undefined) return reason('insecure')
  try {
    const stream = await platform.getUserMedia({ [kind]: true })
    const [track] = stream.getTracks()
    for (const one of stream.getTracks()) one.stop()
    return { status: 'good', value: track?.label ?? '' }
  } catch (error) {
    return reason(mediaFailureOf(error))
  }
}

async function attempt<T>(what: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { status: 'good', value: await what() }
  } catch (error) {
    return { status: 'bad', reason: error instanceof Error ? error.message : '' }
  }
}

function mapOutcome<T, U>(outcome: Outcome<T>, map: (value: T) => U): Outcome<U> {
  return outcome.status === 'good' ? { status: 'good', value: map(outcome.value) } : outcome
}

/** Overall verdict. */
export type Verdict =
  /** Calls work with everyone: direct or through the relay. */
  | 'good'
  /** Calls work with most people: there is no relay. */
  | 'direct'
  /** Calls work with few people: a relay is needed and there is none. */
  | 'needsRelay'
  /** No line reaches the server. */
  | 'offline'

/** Computes the verdict of a completed check. */
export function verdictOf({ lines, relays, nat }: CheckState): Verdict {
  if (Object.values(lines).every(({ status }) => status !== 'good')) return 'offline'
  if (Object.values(relays).some((relay) => relay?.status === 'good')) return 'good'
  const kind = nat.status === 'good' ? nat.value : 'unknown'
  return kind === 'symmetric' || kind === 'blocked' ? 'needsRelay' : 'direct'
}
