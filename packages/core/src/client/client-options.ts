import type { Capabilities, InstanceId, PeerSecret } from '@patchbay/protocol'
import type { Clock, Dialer } from '../transport/index.ts'
import type { BackoffRange } from './backoff.ts'
import type { LineMemory } from './line-policy.ts'
import type { GetToken } from './tokens.ts'

/** Options of a signaling client. */
export interface SignalingClientOptions {
  /** Lines to the server, best first. */
  readonly dialers: readonly Dialer[]
  /** Name of the line to use; by default `auto`, the best one that works. */
  readonly line?: string
  /** Remembers the line that `auto` tries first next time. */
  readonly lineMemory?: LineMemory
  /** Kept for the tab's lifetime: it proves ownership of the peer id. */
  readonly secret: PeerSecret
  /** New on each page load or process start. */
  readonly instance: InstanceId
  readonly capabilities?: Capabilities
  /** Says who this is, where the server asks (`authorize`). */
  readonly token?: GetToken
  readonly clock?: Clock
  /** A number in [0, 1), for jitter. */
  readonly random?: () => number
  readonly backoff?: BackoffRange
}
