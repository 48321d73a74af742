import type { SessionRules } from '../session/index.ts'
import { type HubLimits, MIN_HEARTBEAT_MS } from './hub-limits.ts'

/** How often the two ends of a line ask for a sign of life, and when one without any is dead; in milliseconds. */
export interface Heartbeat {
  readonly heartbeatMs: number
  readonly deadMs: number
}

const MAX_MS = 300_000

/** What one transport's heartbeat means for sessions: one object for all of them, as there are many. */
interface Beat {
  readonly heartbeat: Heartbeat
  readonly rules: SessionRules
}

/** The heartbeats of a hub, by transport: an exchange that bills or limits messages wants fewer. */
export class Heartbeats {
  readonly #usual: Beat
  readonly #byTransport: ReadonlyMap<string, Beat>

  /**
   * @param apart `heartbeatMs` of transports that have another than the hub; their `deadMs` is longer or shorter alike.
   * @throws {RangeError} for one outside 250 ms to 5 min.
   */
  constructor(
    { heartbeatMs, deadMs, slowMs, outbox }: Pick<HubLimits, 'heartbeatMs' | 'deadMs' | 'slowMs' | 'outbox'>,
    apart: Readonly<Record<string, number>>,
  ) {
    const beatOf = (ms: number, dead: number): Beat => ({
      heartbeat: { heartbeatMs: ms, deadMs: dead },
      // Messages are acknowledged with the next sign of life at the latest.
      rules: { pingMs: ms, deadMs: dead, slowMs: Math.round((slowMs * ms) / heartbeatMs), outbox },
    })
    this.#usual = beatOf(heartbeatMs, deadMs)
    const entries = Object.entries(apart).map(([transport, ms]) => {
      if (!(Number.isInteger(ms) && ms >= MIN_HEARTBEAT_MS && ms <= MAX_MS))
        throw new RangeError(
          `The heartbeat of ${transport} must be a whole number from ${MIN_HEARTBEAT_MS} to ${MAX_MS} ms.`,
        )
      return [transport, beatOf(ms, Math.round((ms * deadMs) / heartbeatMs))] as const
    })
    this.#byTransport = new Map(entries)
  }

  on(transport: string): Heartbeat {
    return this.#of(transport).heartbeat
  }

  /** The rules of a session on a line of that transport. */
  rulesOn(transport: string): SessionRules {
    return this.#of(transport).rules
  }

  #of(transport: string): Beat {
    return this.#byTransport.get(transport) ?? this.#usual
  }
}
