import { type HubLimits, MIN_HEARTBEAT_MS } from './hub-limits.ts'

/** How often the two ends of a line ask for a sign of life, and when one without any is dead; in milliseconds. */
export interface Heartbeat {
  readonly heartbeatMs: number
  readonly deadMs: number
}

const MAX_MS = 300_000

/** The heartbeats of a hub, by transport: an exchange that bills or limits messages wants fewer. */
export class Heartbeats {
  readonly #usual: Heartbeat
  readonly #byTransport: ReadonlyMap<string, Heartbeat>

  /**
   * @param apart `heartbeatMs` of transports that have another than the hub; their `deadMs` is longer or shorter alike.
   * @throws {RangeError} for one outside 250 ms to 5 min.
   */
  constructor(
    { heartbeatMs, deadMs }: Pick<HubLimits, 'heartbeatMs' | 'deadMs'>,
    apart: Readonly<Record<string, number>>,
  ) {
    this.#usual = { heartbeatMs, deadMs }
    const entries = Object.entries(apart).map(([transport, ms]) => {
      if (!(Number.isInteger(ms) && ms >= MIN_HEARTBEAT_MS && ms <= MAX_MS))
        throw new RangeError(
          `The heartbeat of ${transport} must be a whole number from ${MIN_HEARTBEAT_MS} to ${MAX_MS} ms.`,
        )
      return [transport, { heartbeatMs: ms, deadMs: Math.round((ms * deadMs) / heartbeatMs) }] as const
    })
    this.#byTransport = new Map(entries)
  }

  on(transport: string): Heartbeat {
    return this.#byTransport.get(transport) ?? this.#usual
  }
}
