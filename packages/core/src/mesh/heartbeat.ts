import type { Clock } from '../transport/index.ts'
import type { LinkState } from './link-state.ts'

const BEAT_MS = 1_000
/** Silence on an open channel after which its path counts as dead. */
const SILENT_MS = 2_500
/** A first connection that takes longer than this is tried again. */
const CONNECT_MS = 6_000
const MAX_RETRY_MS = 10_000
/** Heartbeats between two looks at the path. */
const LOOK_EVERY = 10
/** Messages that make up for a timer when a path is back, and the time between them. */
const PROBES = 4
const PROBE_MS = 40

/** What a heartbeat needs of the link it watches over. */
export interface HeartbeatHost {
  readonly clock: Clock
  readonly polite: boolean
  readonly phase: () => LinkState['phase']
  /** Whether anything can be said now. */
  readonly open: () => boolean
  /** A second has gone by. */
  beat(): void
  ping(n: number): void
  /** Time to see which way packets take. */
  look(): void
  /** The path counts as dead. */
  silent(): void
  /** Time to set it up anew. */
  retry(): void
}

/** The pulse of one connection: asks once a second, tells when nobody answers, and when to try to mend it. */
export class Heartbeat {
  readonly #host: HeartbeatHost
  #heardAt: number
  #retryAt: number
  #retries = 0
  #pings = 0
  #pathUp = false
  /** The path was broken, and the peer was not heard on a whole one since. */
  #broken = false
  #stopTimer: () => void

  constructor(host: HeartbeatHost) {
    this.#host = host
    this.#heardAt = host.clock.now()
    this.#retryAt = this.#heardAt + this.#patienceMs()
    this.#stopTimer = host.clock.after(BEAT_MS, () => this.#beat())
  }

  /** Milliseconds since anything came from the peer over the connection itself. */
  get silentMs(): number {
    return this.#host.clock.now() - this.#heardAt
  }

  /** Whether the peer has been heard so lately that it may be spoken to. */
  get alive(): boolean {
    return this.silentMs < SILENT_MS
  }

  /** Whether what is said gets to the peer, as far as the platform knows. */
  get isPathUp(): boolean {
    return this.#pathUp
  }

  /** Something came from the peer. */
  heard(): void {
    this.#heardAt = this.#host.clock.now()
    this.#retries = 0
    if (this.#pathUp) this.#broken = false
  }

  /** A try to mend it begins; the next is due after a while. @param first of a new series. */
  tried(first = false): void {
    this.#retries = first ? 1 : this.#retries + 1
    this.#retryAt = this.#host.clock.now() + this.#patienceMs()
  }

  /** The platform says whether packets get through: it notices that they do not later than silence tells, and that they do sooner. */
  pathChanged(isUp: boolean): void {
    if (!isUp) this.#broken = true
    else if (this.#broken) this.#probe()
    this.#pathUp = isUp
  }

  /** What was to be watched is over; `then` is called after a while instead. */
  stop(then?: { readonly afterMs: number; act(): void }): void {
    this.#stopTimer()
    if (then !== undefined) this.#stopTimer = this.#host.clock.after(then.afterMs, () => then.act())
  }

  /**
   * The path is back, and what was lost on it is sent again only when SCTP's timer says so, up to 3 s later. Each small
   * message that overtakes it shows the gap; three of those do as well (RFC 9260 §7.2.4).
   */
  #probe(times: number = PROBES): void {
    if (times === 0 || !this.#host.open()) return
    this.#ping()
    this.#host.clock.after(PROBE_MS, () => this.#probe(times - 1))
  }

  #beat(): void {
    const { clock, polite, phase } = this.#host
    const now = clock.now()
    this.#stopTimer = clock.after(BEAT_MS, () => this.#beat())
    this.#host.beat()
    if (this.#host.open()) {
      // On a dead path more of them would only stand in the way of what comes first when it is back.
      if (this.alive) return this.#ping()
      if (phase() === 'connected') {
        this.#host.silent()
        // One side is enough; the polite one helps only if nothing comes of it.
        this.#retryAt = polite ? now + SILENT_MS : now
      }
      // Ours may have been back before the other's.
      if (this.#broken && this.#pathUp) this.#probe()
    }
    if (phase() !== 'connected' && now >= this.#retryAt) this.#host.retry()
  }

  #ping(): void {
    this.#host.ping((this.#pings += 1))
    if (this.#pings % LOOK_EVERY === 0) this.#host.look()
  }

  #patienceMs(): number {
    const base = this.#host.phase() === 'connecting' ? CONNECT_MS : BEAT_MS
    const turns = this.#host.polite ? 1.5 : 1
    return Math.min(MAX_RETRY_MS, base * 2 ** this.#retries) * turns
  }
}
