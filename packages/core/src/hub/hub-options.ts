import type { CloseCode, PeerId, PeerSecret, SessionId } from '@patchbay/protocol'
import type { Engine } from '../engine/index.ts'
import type { Clock } from '../transport/index.ts'
import type { Authorize } from './authority.ts'
import type { HubLimits } from './hub-limits.ts'
import type { IceGrant, Identity } from './participant.ts'

/** Events of a hub, for logs: they contain no names, no addresses, no bodies. */
export type HubEvent =
  | { readonly type: 'session_opened'; readonly session: SessionId; readonly peer: PeerId; readonly transport: string }
  | { readonly type: 'session_resumed'; readonly session: SessionId; readonly peer: PeerId; readonly transport: string }
  | {
      readonly type: 'session_away'
      readonly session: SessionId
      readonly peer: PeerId
      readonly cause: CloseCode | 'lost'
    }
  | { readonly type: 'session_ended'; readonly session: SessionId; readonly code: CloseCode | 'bye' }
  /** A defect: the affected session was ended, everything else is unaffected. */
  | { readonly type: 'handler_failed'; readonly error: unknown }
  | { readonly type: 'line_refused'; readonly code: CloseCode; readonly transport: string }

/** Options of a hub. */
export interface HubOptions {
  /** Derives the peer id of a secret; by default `derivePeerId`. Servers that share clients must agree on it. */
  readonly peerIdOf?: (secret: PeerSecret) => PeerId
  readonly limits?: Partial<HubLimits>
  /** `heartbeatMs` on the lines of a transport, by its name, where it is not that of `limits`; `deadMs` is longer or shorter alike. */
  readonly heartbeats?: Readonly<Record<string, number>>
  /** ICE servers for a peer, sent in its `welcome` and whenever it asks. By default there are none. */
  readonly iceServersFor?: (identity: Identity) => IceGrant
  /** Decides who may come in, and into which rooms; by default everyone, into all. */
  readonly authorize?: Authorize | undefined
  /** What this hub shares with those of other nodes; by default it is alone. */
  readonly engine?: Engine | undefined
  readonly clock?: Clock
  /** A number in [0, 1), to spread the reconnecting clients of a drained hub. */
  readonly random?: () => number
  /** What it throws is told to it once, as `handler_failed`, and has no other consequence. */
  readonly onEvent?: (event: HubEvent) => void
}

/** Counters of a hub, for health pages and metrics. */
export interface HubStats {
  readonly sessions: number
  readonly rooms: number
}

/** Tells the application, whose errors are its own: sessions and lines must not suffer from them. */
export function tellSafely(onEvent: HubOptions['onEvent']): (event: HubEvent) => void {
  return (event) => {
    try {
      onEvent?.(event)
    } catch (error) {
      try {
        onEvent?.({ type: 'handler_failed', error })
      } catch {
        // It cannot be told that either.
      }
    }
  }
}
