import { gather, type LineResult, measureRelay, type NatKind, natKindOf, tryLine } from '@patchbay/core/check'
import { mediaFailureOf, type MediaFailure } from '@patchbay/core/mesh'
import type { IceServer } from '@patchbay/protocol'
import type { LineUrls } from '@/lib/line-urls'
import { pageLines } from '@/lib/lines'

/** How one thing that was tried turned out. */
export type Outcome<T> =
  | { readonly status: 'waiting' }
  | { readonly status: 'running' }
  | { readonly status: 'good'; readonly value: T }
  | { readonly status: 'bad'; readonly reason: string }

/** Ways to a TURN server. */
type RelayWay = 'udp' | 'tcp' | 'tls'
type CandidateKind = 'host' | 'srflx' | 'relay'

/** Everything that is tried, as far as it is known. */
export interface CheckState {
  readonly phase: 'idle' | 'running' | 'done'
  /** By line: its round trip in milliseconds. */
  readonly lines: Readonly<Record<string, Outcome<number>>>
  readonly microphone: Outcome<string>
  readonly camera: Outcome<string>
  /** How many candidates of each kind there are. */
  readonly candidates: Outcome<Readonly<Record<CandidateKind, number>>>
  readonly nat: Outcome<NatKind>
  /** By way: its round trip in milliseconds; `undefined` where the server offers none. */
  readonly relays: Readonly<Record<RelayWay, Outcome<number> | undefined>>
  /** Bits a second through the best way. */
  readonly throughput: Outcome<number> | undefined
}

const waiting = { status: 'waiting' } as const
const running = { status: 'running' } as const
/** How long data is sent through the relay. */
const FLOOD_MS = 3_000

/** Before anything was tried. */
export const untried: CheckState = {
  phase: 'idle',
  lines: Object.fromEntries(pageLines.map(({ name }) => [name, waiting])),
  microphone: waiting,
  camera: waiting,
  candidates: waiting,
  nat: waiting,
  relays: { udp: waiting, tcp: waiting, tls: waiting },
  throughput: waiting,
}

const create = (configuration: RTCConfiguration) => new RTCPeerConnection(configuration)

/** Tries everything, one thing after the other. @param show is called with each step. */
export async function runCheck(urls: LineUrls, show: (state: CheckState) => void): Promise<void> {
  let state: CheckState = { ...untried, phase: 'running' }
  const set = (change: Partial<CheckState>) => show((state = { ...state, ...change }))

  let iceServers: readonly IceServer[] = []
  for (const { name, dialer } of pageLines) {
    const setLine = (outcome: Outcome<number>) => set({ lines: { ...state.lines, [name]: outcome } })
    setLine(running)
    const result = await attempt(() => tryLine(dialer(urls)))
    if (result.status === 'good') iceServers = result.value.iceServers
    setLine(mapOutcome(result, (line: LineResult) => line.roundTripMs))
  }

  // Before candidates: browsers show a page its own addresses once it may use a device.
  for (const [source, kind] of [
    ['microphone', 'audio'],
    ['camera', 'video'],
  ] as const) {
    set({ [source]: running })
    set({ [source]: await tryDevice(kind) })
  }

  set({ candidates: running, nat: running })
  const servers = iceServers.map((server) => ({ ...server, urls: [...server.urls] }))
  const stunUrls = stunUrlsOf(servers.flatMap((server) => server.urls))
  const [gathered, mapped] = await Promise.all([
    attempt(() => gather(create, { iceServers: servers })),
    // By themselves: a way to a relay that is closed would keep the others waiting.
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
  if (best === undefined) return set({ throughput: undefined, phase: 'done' })
  set({ throughput: running })
  const server = best
  const flood = await attempt(() => measureRelay(create, server, FLOOD_MS))
  set({ throughput: mapOutcome(flood, ({ bitsPerSecond }) => bitsPerSecond), phase: 'done' })
}

/** Where to ask how this page is seen: TURN servers over UDP answer STUN too (RFC 8656 §3.1). */
function stunUrlsOf(urls: readonly string[]): string[] {
  const places = urls.filter((url) => url.startsWith('stun:') || wayOf(url) === 'udp')
  return [...new Set(places.map((url) => url.replace(/^turn:/, 'stun:').replace(/\?.*$/, '')))]
}

/** How a URL leads to a TURN server (RFC 7065 §3.1); `undefined` for one of another kind. */
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

/** What it all comes to. */
export type Verdict =
  /** Works wherever there is a way at all. */
  | 'good'
  /** Works with most people, but not with everyone: there is no relay. */
  | 'direct'
  /** Works with few: nothing but a relay would help, and there is none. */
  | 'needsRelay'
  /** No line leads to the server. */
  | 'offline'

/** Judges a check that is done. */
export function verdictOf({ lines, relays, nat }: CheckState): Verdict {
  if (Object.values(lines).every(({ status }) => status !== 'good')) return 'offline'
  if (Object.values(relays).some((relay) => relay?.status === 'good')) return 'good'
  const kind = nat.status === 'good' ? nat.value : 'unknown'
  return kind === 'symmetric' || kind === 'blocked' ? 'needsRelay' : 'direct'
}
