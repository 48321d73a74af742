import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { HubLimits } from '@patchbay/core/hub'
import type { Listener } from '@patchbay/core/transport'

/** Where a line's errors go; those of `pino` and `console` fit. */
export interface Logger {
  info(what: object, message: string): void
  error(what: object, message: string): void
}

/** A way to the other servers of a deployment. */
export interface NodeLinks {
  /** Name of this server: 6 characters of base64url. Ids of lines begin with it. */
  readonly self: string
  /**
   * @param line the path of the line, or another name that no other line has: it is the same on all servers.
   * @returns `undefined` when that server does not answer, or is not there. @throws {Error} when too much waits for it.
   */
  ask(node: string, line: string, text: string): Promise<string | undefined>
  /** Sets what answers the questions of the others that concern a line. */
  answer(line: string, handler: (text: string) => Promise<string>): void
}

/** What a server gives each of its transports. */
export interface LineHost {
  /** Path below which the lines are, without a slash at its end. */
  readonly base: string
  /** Limits of the hub. A transport that has limits of its own derives them from these. */
  readonly limits: HubLimits
  /** Whether a page of this origin may open a line; `undefined` when the client is not a browser. */
  readonly allowOrigin: (origin: string | undefined, request: IncomingMessage) => boolean
  /** The client's network address, also behind a trusted proxy. */
  readonly addressOf: (request: IncomingMessage) => string
  /** Called before a line is opened. @returns the release to call when it has ended, or `undefined` to refuse it. */
  readonly admit: (address: string) => (() => void) | undefined
  /** Like `admit`, for lines of a broker somewhere else, which does not tell where its clients are. */
  readonly admitBrokerLine: () => (() => void) | undefined
  readonly log: Logger
  /** The other servers of the deployment, if there are any: requests for a line may reach any of them. They have the same lines. */
  readonly nodes?: NodeLinks | undefined
}

/**
 * A transport on a server. Its path is one level below the server's; it also gets all requests below that path, but no upgrades
 * there. Without a path it gets none: it is behind an exchange.
 */
export interface ServedLine {
  readonly path: string | undefined
  readonly listener: Listener & {
    handleRequest?(request: IncomingMessage, response: ServerResponse): void
    /** Whether a request shows the secret of a line that is open here: it is answered whatever others behind its address do. */
    isOwn?(request: IncomingMessage): boolean
    handleUpgrade?(request: IncomingMessage, socket: Duplex, head: Buffer): void
  }
  /**
   * Makes credentials for one person, for a line whose exchange can tell persons apart. The server sends them as JSON to that
   * person alone, after it has asked `authorize`. They should end soon, with the grant at the latest.
   */
  readonly credentials?: (person: LinePerson) => object
}

/** Whoever asks for credentials of a line. */
export interface LinePerson {
  /** As `authorize` says; `undefined` where it does not, or where everyone may come in. */
  readonly subject: string | undefined
  /** How long the grant is valid, in milliseconds from now; `undefined`: it does not expire. */
  readonly expiresInMs: number | undefined
}

/** Opens a transport on a server. It may throw, for example when a port is in use. */
export type LineSource = (host: LineHost) => ServedLine | Promise<ServedLine>
