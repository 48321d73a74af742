import {
  type AcceptedConnection,
  type Clock,
  type Connection,
  type ConnectionHandlers,
  LineEnd,
} from '../../src/transport/index.ts'
import type { Random } from '@patchbay/fault-proxy'

/** A line over a network that delays every frame and can fail like real networks. */
export interface SimLine {
  readonly near: Connection
  /** Breaks the line: each end gets `lost`, at different times. */
  cut(): void
  /** Stops all frames, without any notice at either end. */
  silence(): void
}

const MAX_LATENCY_MS = 60
const MAX_LATE_CLOSE_MS = 3_000

/** One direction: frames keep their order, whatever their delays. */
class Wire {
  readonly end = new LineEnd()
  readonly #clock: Clock
  readonly #random: Random
  #lastAt = 0
  #carries = true

  constructor(clock: Clock, random: Random) {
    this.#clock = clock
    this.#random = random
  }

  carry(deliver: () => void): void {
    const now = this.#clock.now()
    this.#lastAt = Math.max(this.#lastAt, now + this.#random.next() * MAX_LATENCY_MS)
    this.#clock.after(this.#lastAt - now, () => this.#carries && deliver())
  }

  stop(): void {
    this.#carries = false
  }

  lose(): void {
    this.stop()
    this.#clock.after(this.#random.next() * MAX_LATE_CLOSE_MS, () => this.end.end('lost'))
  }
}

/** Opens a line between a client's handlers and those that `accept` returns. */
export function openSimLine(
  clock: Clock,
  random: Random,
  handlers: ConnectionHandlers,
  accept: (connection: AcceptedConnection) => ConnectionHandlers,
): SimLine {
  const toNear = new Wire(clock, random)
  const toFar = new Wire(clock, random)
  const connect = (here: Wire, there: Wire): Connection => ({
    id: 'simulated',
    send: (text) => here.end.open && there.carry(() => there.end.frame(text)),
    close: () => here.end.end('local') && there.carry(() => there.end.end('remote')),
  })
  const near = connect(toNear, toFar)
  toNear.end.own(handlers)
  toFar.end.own(accept({ ...connect(toFar, toNear), remote: { address: 'simulated', origin: undefined } }))
  return {
    near,
    cut() {
      toNear.lose()
      toFar.lose()
    },
    silence() {
      toNear.stop()
      toFar.stop()
    },
  }
}
