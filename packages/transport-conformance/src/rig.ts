import type { Dialer, Listener } from '@patchbay/core/transport'

/** A transport set up for testing: a real server half on a real port, and a way to dial it. */
export interface Rig {
  readonly listener: Listener
  readonly dialer: Dialer
  /** A dialer for a place where nothing listens. */
  readonly nobody: Dialer
  /** Breaks the path of the client's newest line the hard way (no goodbye), as a dead network would. */
  breakLine(): void | Promise<void>
  /** The client of the newest line stops taking frames. */
  freezeClient(): void
  /** Sends one frame of `bytes` bytes past every check of the client half, from the client of the newest line. */
  sendOversize(bytes: number): void
  /** Handles the transport holds open now (sockets, timers, lines) on the client's side; 0 when nothing is left. */
  openHandles(): number
  /** Takes everything down; called once, after the test. */
  dispose(): Promise<void>
}

/** What differs between transports, declared and not guessed. */
export interface TransportTraits {
  /** Within how many milliseconds a broken line is reported `lost`. */
  readonly lostWithinMs: number
}

/** What `testTransport` runs on. */
export interface TransportUnderTest {
  readonly name: string
  /** Builds a world of its own for one test. */
  readonly rig: () => Promise<Rig>
  readonly traits: TransportTraits
}
