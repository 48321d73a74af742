import type { Clock } from '../transport/index.ts'
import type { LinkState } from './link-state.ts'

const BEAT_MS = 1_000
/** Silence on an open channel after which the path counts as dead. */
const SILENT_MS = 2_500
/** A beat that is later than this means that the page stood still: suspended, or busy with something else. */
const STOPPED_MS = 1_000
/** Timeout of the first attempt to connect. */
const CONNECT_MS = 6_000
const MAX_RETRY_MS = 10_000
/** Heartbeats between two checks of the path. */
const LOOK_EVERY = 10
/** Number and spacing of probes that trigger fast retransmit when a path is back; see `#probe`. */
const PROBES = 4
const PROBE_MS = 40

/** What a heartbeat needs from its link. */
export interface HeartbeatHost {
  readonly clock: Clock
  readonly polite: boolean
  readonly phase: () => LinkState['phase']
  /** Whether the channel is open. */
  readonly open: () => boolean
  /** Called every second. @param ping number of the ping that goes out next. */
  beat(ping: number): void
  ping(n: number): void
  /** Checks whether the path is direct or relayed. */
  look(): void
  /** Reports that the path counts as dead. */
  silent(): void
  /** Starts another attempt to set the path up. */
  retry(): void
}

/** Heartbeat of one connection: pings every second, reports silence, and schedules attempts to restore the path. */
export class Heartbeat {
  readonly #host: HeartbeatHost
  #heardAt: number
  #retryAt: number
  #retries = 0
  #pings = 0
  #pathUp = false
  /** The path was down, and nothing has arrived from the peer since it came back up. */
  #broken = false
  #stopTimer: () => void

  constructor(host: HeartbeatHost) {
    this.#host = host
    this.#heardAt = host.clock.now()
    this.#retryAt = this.#heardAt + this.#patienceMs()
    this.#stopTimer = this.#beatLater(true)
  }

  /** Milliseconds since the last message from the peer over the connection itself. */
  get silentMs(): number {
    return this.#host.clock.now() - this.#heardAt
  }

  /** Whether the peer was heard recently enough to send to it. */
  get alive(): boolean {
    return this.silentMs < SILENT_MS
  }

  /** Whether the path is up, according to the platform. */
  get isPathUp(): boolean {
    return this.#pathUp
  }

  /** Called for every message from the peer. */
  heard(): void {
    this.#heardAt = this.#host.clock.now()
    this.#retries = 0
    if (this.#pathUp) this.#broken = false
  }

  /** An attempt to set the path up begins: schedules the next one. @param first of a new series. */
  tried(first = false): void {
    this.#retries = first ? 1 : this.#retries + 1
    this.#retryAt = this.#host.clock.now() + this.#patienceMs()
  }

  /** The platform's view of the path: it detects a dead path later than our silence timer, a recovered one sooner. */
  pathChanged(isUp: boolean): void {
    if (!isUp) this.#broken = true
    else if (this.#broken) this.#probe()
    this.#pathUp = isUp
  }

  /** Stops the heartbeat; if `then` is given, calls it after its delay. */
  stop(then?: { readonly afterMs: number; act(): void }): void {
    this.#stopTimer()
    if (then !== undefined) this.#stopTimer = this.#host.clock.after(then.afterMs, () => then.act())
  }

  /**
   * Speeds up SCTP after the path is back: it would retransmit lost data only when its timer fires, up to 3 s later.
   * Each small message shows the gap to the other end; three gap reports trigger fast retransmit (RFC 9260 §7.2.4).
   */
  #probe(times: number = PROBES): void {
    if (times === 0 || !this.#host.open()) return
    this.#ping()
    this.#host.clock.after(PROBE_MS, () => this.#probe(times - 1))
  }

  /** @param forgives whether that beat forgives a silence if it comes late. @returns cancels it. */
  #beatLater(forgives: boolean): () => void {
    const { clock } = this.#host
    const dueAt = clock.now() + BEAT_MS
    return clock.after(BEAT_MS, () => this.#beat(forgives && clock.now() - dueAt > STOPPED_MS))
  }

  /**
   * @param wakes whether the page stood still. What came meanwhile has not been read yet, so the peer gets one more beat
   * to be heard; not two in a row, because in a hidden tab every timer is late.
   */
  #beat(wakes: boolean): void {
    const { clock, polite, phase } = this.#host
    const now = clock.now()
    this.#stopTimer = this.#beatLater(!wakes)
    this.#host.beat(this.#pings + 1)
    if (this.#host.open()) {
      // On a dead path, further pings would only queue up in front of more important data.
      if (this.alive) return this.#ping()
      if (phase() === 'connected') {
        if (wakes) return this.#ping()
        this.#host.silent()
        // One side is enough to restart ICE; the polite one steps in only if the other's attempt fails.
        this.#retryAt = polite ? now + SILENT_MS : now
      }
      // Our direction may have recovered before the other's, so the first probes may have gone unanswered.
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
