import type { RoomSignaling } from '@patchbay/core/signaling'

/** One client of the signaling under test. */
export interface RigClient {
  readonly signaling: RoomSignaling
  /** Its connection breaks, with no goodbye; it comes back by itself. */
  cut(): void | Promise<void>
  /** It ends as a process that is killed does: with no goodbye, for good. */
  crash(): void | Promise<void>
  /** It ends with a goodbye, for good. */
  close(): void | Promise<void>
}

/** Signaling on real parts: a server, a broker, whatever it needs. */
export interface SignalingRig {
  /** Starts a client, of a person and page load of its own. */
  connect(): RigClient | Promise<RigClient>
  dispose(): Promise<void>
}

/** Signaling to be tested. */
export interface SignalingUnderTest {
  readonly name: string
  readonly rig: () => Promise<SignalingRig>
  /** How long after a crash the others have been told, at most, in milliseconds. */
  readonly lostWithinMs: number
  /** Waits for anything else that must happen, in milliseconds; 8 000 by default. */
  readonly waitMs?: number
}
