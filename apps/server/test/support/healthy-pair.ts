import type { RoomChannel, SignalingClient } from '@patchbay/core/client'
import { connectClient } from './rig.ts'

/** Interval between probes, and the allowed 99th percentile of their round trips. */
const PROBE_EVERY_MS = 20
const MAX_P99_MS = 250
const MIN_PROBES = 10

/** Two clients in a separate room that constantly send each other messages, to measure the effect on bystanders. */
export class HealthyPair {
  readonly #clients: readonly SignalingClient[]
  readonly #roundTrips: number[] = []
  readonly #rosterChanges: string[] = []
  readonly #stop: () => void

  private constructor(clients: readonly SignalingClient[], stop: () => void, roundTrips: number[], changes: string[]) {
    this.#clients = clients
    this.#stop = stop
    this.#roundTrips = roundTrips
    this.#rosterChanges = changes
  }

  static async start(port: number): Promise<HealthyPair> {
    const clients = [connectClient(port), connectClient(port)]
    const channels = clients.map((client, i) => client.enter({ room: 'healthy', name: `Healthy ${i}` }))
    const roundTrips: number[] = []
    const changes: string[] = []
    const [ping, pong] = channels
    const [, other] = clients
    const seesOther = (channel: RoomChannel) =>
      new Promise<void>((resolve) => {
        channel.subscribe(() => {
          const roster = channel.getSnapshot()
          if (roster.status === 'joined' && roster.peers.length === 1) resolve()
        })
      })
    await Promise.all(channels.map(seesOther))
    for (const channel of channels) channel.onEvent(({ type }) => type !== 'signal' && changes.push(type))
    pong?.onEvent((event) => {
      if (event.type === 'signal') pong.send(event.from, { type: 'answer', body: event.signal.body })
    })
    ping?.onEvent((event) => {
      if (event.type === 'signal') roundTrips.push(performance.now() - Number(event.signal.body))
    })
    const timer = setInterval(() => {
      if (other?.self !== undefined) ping?.send(other.self, { type: 'offer', body: String(performance.now()) })
    }, PROBE_EVERY_MS)
    return new HealthyPair(clients, () => clearInterval(timer), roundTrips, changes)
  }

  /** Stops probing once there are enough samples. @returns the problems found, if any. */
  async finish(): Promise<string[]> {
    const enough = this.#roundTrips.length + MIN_PROBES
    while (this.#roundTrips.length < enough) await new Promise((resolve) => setTimeout(resolve, PROBE_EVERY_MS))
    this.#stop()
    for (const client of this.#clients) client.close()
    const sorted = this.#roundTrips.toSorted((a, b) => a - b)
    // Of less than 100, all but one.
    const p99 = sorted[Math.min(Math.ceil(sorted.length * 0.99) - 1, sorted.length - 2)] ?? Infinity
    return [
      ...(p99 <= MAX_P99_MS ? [] : [`p99 of the round trip is ${p99.toFixed(0)} ms`]),
      ...this.#rosterChanges.map((change) => `the roster changed: ${change}`),
    ]
  }
}
