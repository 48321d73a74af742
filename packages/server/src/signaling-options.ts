import type { Engine } from '@patchbay/core/engine'
import type { Authorize, HubEvent, HubLimits } from '@patchbay/core/hub'
import type { Logger, LineSource } from '@patchbay/plug'
import type { IceServer } from '@patchbay/protocol'
import type { Trust } from './client-address.ts'
import type { LineName } from './lines.ts'
import type { TurnConfig } from './turn-credentials.ts'

/** Options of signaling, on whatever HTTP server it is. */
export interface SignalingOptions {
  /** Path below which the lines are, without a slash at its end, such as `/rooms`. By default they are at the root. */
  readonly path?: string
  /** Lines to serve: by name, or any transport. By default WebSocket at `/ws` and long-poll at `/poll`. */
  readonly lines?: readonly (LineName | LineSource)[]
  /**
   * Origins of pages that may open a line, such as `https://chat.example`. By default `same-host`: any page served from the
   * host name that the line dials, on any port.
   */
  readonly allowedOrigins?: 'same-host' | readonly string[]
  /** STUN and TURN servers that every client gets. None by default: then calls work within one network only. */
  readonly iceServers?: readonly IceServer[]
  /** A TURN server that shares a secret with this one: each client gets credentials of its own. */
  readonly turn?: TurnConfig | undefined
  /**
   * What this server shares with others, so that their clients meet in the same rooms: `redisEngine`. By default it is alone. It is
   * closed with the server, and when the server cannot be started.
   */
  readonly engine?: Engine | undefined
  /** Decides who may come in, and into which rooms; by default everyone, into all. */
  readonly authorize?: Authorize
  /**
   * Whether `GET {path}/rooms/{room}` answers who is in a room: `{ people, names, title? }`, for whoever thinks of joining. Anyone
   * who knows the room's name may ask, and nobody in the room notices. Off by default.
   */
  readonly roomPreviews?: boolean
  readonly limits?: Partial<HubLimits>
  /**
   * Milliseconds between two signs of life on the lines of a transport, by its name, such as `{ sip: 15_000 }`; 2 500 by default.
   * A silent line is found dead after 2.2 times as long. For exchanges that bill or limit messages.
   */
  readonly heartbeats?: Readonly<Record<string, number>>
  /** Open lines of one address; 100 by default. */
  readonly linesPerAddress?: number
  /** New lines per second from one address; bursts of five times as many. 10 by default. */
  readonly newLinesPerSecond?: number
  /** Lines that are taken at once from brokers somewhere else, which do not tell where their clients are; 1 000 by default. */
  readonly brokerLines?: number
  /**
   * Proxies of one's own: addresses or subnets such as `10.0.0.0/8`, or `loopback`. The client's address is then the last one
   * in `X-Forwarded-For` that is not a trusted proxy. None by default.
   */
  readonly trustProxy?: readonly string[] | Trust | undefined
  /** Nothing is logged without one. */
  readonly log?: Logger
  /** Called with what happens to sessions, besides the log. */
  readonly onEvent?: (event: HubEvent) => void
}
