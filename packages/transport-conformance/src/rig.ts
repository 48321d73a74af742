import type { Dialer, Listener } from '@patchbay/core/transport'
import type { LineTraits } from '@patchbay/plug'

/** A transport set up for testing: a real server half on a real port, and a dialer for it. */
export interface Rig {
  readonly listener: Listener
  readonly dialer: Dialer
  /** A dialer for an address where nothing listens. */
  readonly nobody: Dialer
  /** Breaks the path of the client's newest line without a goodbye, as a dead network would. */
  breakLine(): void | Promise<void>
  /** Makes the client of the newest line stop reading frames. */
  freezeClient(): void
  /** Sends one frame of `bytes` bytes past every check of the client half, from the client of the newest line. */
  sendOversize(bytes: number): void
  /**
   * Tries to speak on the line with this id, as a stranger who knows the id and the address and has what any client has, but
   * not the line's secrets: to either end in the other's name, and to end it. Resolves when all of it has been dealt with.
   */
  intrude(line: string, text: string): Promise<void>
  /** Handles (sockets, timers, lines) that the transport holds open on the client's side; 0 when nothing is left. */
  openHandles(): number
  /** Shuts everything down; called once, after the test. */
  dispose(): Promise<void>
}

/** Argument of `testTransport`. */
export interface TransportUnderTest {
  readonly name: string
  /** Builds a fresh rig for one test. */
  readonly rig: () => Promise<Rig>
  /** Those of the transport's plug. */
  readonly traits: LineTraits
}
