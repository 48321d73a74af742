import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Listener } from '@patchbay/core/transport'
import { listenLongPoll } from '@patchbay/transport-longpoll/server'
import { listenWebSocket } from '@patchbay/transport-websocket/server'
import type { Logger } from './logger.ts'

/** What a server gives each of its transports. */
export interface LineHost {
  /** Path below which the lines are, without a slash at its end. */
  readonly base: string
  /** Whether a page of this origin may open a line; `undefined` when the client is not a browser. */
  readonly allowOrigin: (origin: string | undefined, request: IncomingMessage) => boolean
  /** The client's network address, also behind a trusted proxy. */
  readonly addressOf: (request: IncomingMessage) => string
  /** Called before a line is opened. @returns the release to call when it has ended, or `undefined` to refuse it. */
  readonly admit: (address: string) => (() => void) | undefined
  /** Like `admit`, for lines of a broker somewhere else, which does not tell where its clients are. */
  readonly admitBrokerLine: () => (() => void) | undefined
  readonly log: Logger
}

/**
 * A transport on a server. Its path is one level below the server's; it also gets all requests below that path. Without one it
 * gets none: it is behind an exchange.
 */
export interface ServedLine {
  readonly path: string | undefined
  readonly listener: Listener & {
    handleRequest?(request: IncomingMessage, response: ServerResponse): void
    handleUpgrade?(request: IncomingMessage, socket: Duplex, head: Buffer): void
  }
}

/** Opens a transport on a server. It may throw, for example when a port is in use. */
export type LineSource = (host: LineHost) => ServedLine | Promise<ServedLine>

/** Transports that this package brings along. */
const ownLines = {
  websocket: (host: LineHost): ServedLine => {
    const path = `${host.base}/ws`
    return { path, listener: listenWebSocket({ ...host, path }) }
  },
  longpoll: (host: LineHost): ServedLine => {
    const path = `${host.base}/poll`
    return { path, listener: listenLongPoll({ ...host, path }) }
  },
}

/** Name of a transport that needs no settings. */
export type LineName = keyof typeof ownLines

/** @throws the error of a transport that cannot be opened; those that could be are closed again. */
export async function openLines(lines: readonly (LineName | LineSource)[], host: LineHost): Promise<ServedLine[]> {
  const opened = await Promise.allSettled(
    lines.map(async (line) => (typeof line === 'string' ? ownLines[line] : line)(host)),
  )
  const served = opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  for (const one of opened) {
    if (one.status === 'fulfilled') continue
    await Promise.allSettled(served.map(({ listener }) => listener.close()))
    throw one.reason
  }
  return served
}
