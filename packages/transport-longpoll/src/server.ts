import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AcceptedConnection, ConnectionHandlers, Listener } from '@patchbay/core/transport'
import { answer, ServerLine } from './server-line.ts'
import { CURSOR_HEADER, defaultTimes, type LongPollTimes, MAX_BODY_BYTES, NAME, readFrames } from './wire.ts'

/** What the process decides about lines that come in. */
export interface LongPollListenerOptions {
  /** Path of the requests, without a slash at its end: `/poll`. Lines are below it. */
  readonly path: string
  /** Whether a page of this origin may open a line; `undefined` when the client is no browser. */
  readonly allowOrigin: (origin: string | undefined, request: IncomingMessage) => boolean
  /** The client's network address; by default the socket's. */
  readonly addressOf?: (request: IncomingMessage) => string
  /** Asked before a line is opened. @returns the undo to call when it is gone, or `undefined` to refuse it. */
  readonly admit?: (address: string) => (() => void) | undefined
  readonly times?: Partial<LongPollTimes>
}

/** A listener that takes requests of an http server. */
export interface LongPollListener extends Listener {
  /** For the http server's `request` event, for every path that begins with the listener's. */
  handleRequest(request: IncomingMessage, response: ServerResponse): void
}

/** Whoever opens a line has nothing to say yet. */
const MAX_OPENING_BYTES = 1_024
/** A body that is not whole after this long is given up. */
const BODY_TIMEOUT_MS = 10_000
/** Browsers keep the answer to a preflight no longer than this, in seconds. */
const PREFLIGHT_SECONDS = 7_200

/** Why a request is refused: an HTTP status and what to do about it. */
class Refusal extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** Listens for long-poll lines on the requests of an http server. */
export function listenLongPoll(options: LongPollListenerOptions): LongPollListener {
  const times = { ...defaultTimes, ...options.times }
  const lines = new Map<string, ServerLine>()
  let accept: ((connection: AcceptedConnection) => ConnectionHandlers) | undefined
  let closed = false

  const open = (request: IncomingMessage, response: ServerResponse) => {
    if (closed || accept === undefined) throw new Refusal(503, 'No lines are taken just now; try again later.')
    const address = options.addressOf?.(request) ?? request.socket.remoteAddress ?? 'unknown'
    const release = options.admit?.(address)
    if (options.admit !== undefined && release === undefined) throw new Refusal(503, 'Too many lines; try again later.')
    const id = randomBytes(16).toString('base64url')
    const secret = randomBytes(32).toString('base64url')
    const line = new ServerLine(id, secret, { address, origin: request.headers.origin }, times, () => {
      lines.delete(id)
      release?.()
    })
    lines.set(id, line)
    answer(response, 201, { id, secret })
    line.own(accept(line))
  }

  const find = (id: string, request: IncomingMessage): ServerLine => {
    const line = lines.get(id)
    const shown = Buffer.from(request.headers.authorization ?? '')
    const expected = Buffer.from(`Bearer ${line?.secret ?? ''}`)
    // One answer for both: who has not the secret learns nothing of the line.
    if (line === undefined || shown.length !== expected.length || !timingSafeEqual(shown, expected)) {
      throw new Refusal(404, 'There is no such line; open another.')
    }
    return line
  }

  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const { origin } = request.headers
    if (!options.allowOrigin(origin, request)) throw new Refusal(403, 'Pages of this origin may not open lines.')
    if (origin !== undefined) response.setHeader('access-control-allow-origin', origin).setHeader('vary', 'Origin')
    if (request.method === 'OPTIONS') {
      response.setHeader('access-control-allow-methods', 'GET, POST')
      response.setHeader('access-control-allow-headers', `authorization, content-type, ${CURSOR_HEADER}`)
      response.setHeader('access-control-max-age', PREFLIGHT_SECONDS)
      return void response.writeHead(204).end()
    }
    const id = request.url?.split('?', 1)[0]?.slice(options.path.length + 1) ?? ''
    if (request.method === 'GET' && id !== '') {
      if (find(id, request).poll(cursorOf(request), response)) return
      throw new Refusal(409, 'The cursor is none of this line.')
    }
    if (request.method !== 'POST') throw new Refusal(405, 'GET and POST are all there is.')
    if (request.headers['content-type']?.split(';', 1)[0] !== 'application/json') {
      throw new Refusal(415, 'The body must be application/json.')
    }
    if (id === '') {
      await bodyOf(request, MAX_OPENING_BYTES)
      return open(request, response)
    }
    const line = find(id, request)
    const cursor = cursorOf(request)
    const sent = readFrames(await bodyOf(request, MAX_BODY_BYTES))
    if (sent === undefined) throw new Refusal(400, 'The body must be {"frames": [...]}, each a text.')
    if (!line.take(cursor, sent)) throw new Refusal(409, 'Frames before this one are missing.')
    answer(response, 200, {})
  }

  return {
    name: NAME,
    listen(onLine) {
      accept = onLine
    },
    handleRequest(request, response) {
      response.setHeader('cache-control', 'no-store')
      handle(request, response).catch((error: unknown) => {
        if (response.headersSent) return response.destroy()
        const refusal = error instanceof Refusal ? error : new Refusal(500, 'Something went wrong.')
        // What is left of the body is not waited for.
        response.setHeader('connection', 'close')
        answer(response, refusal.status, { error: refusal.message })
      })
    },
    async close() {
      closed = true
      const gone = [...lines.values()].map((line) => line.gone)
      for (const line of lines.values()) line.close()
      await Promise.all(gone)
    },
  }
}

function cursorOf(request: IncomingMessage): number {
  const text = request.headers[CURSOR_HEADER]
  if (typeof text !== 'string' || !/^\d{1,15}$/.test(text)) {
    throw new Refusal(400, `The header ${CURSOR_HEADER} must be a whole number.`)
  }
  return Number(text)
}

async function bodyOf(request: IncomingMessage, most: number): Promise<unknown> {
  const timer = setTimeout(() => request.destroy(), BODY_TIMEOUT_MS)
  try {
    const chunks: Buffer[] = []
    let size = 0
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > most) throw new Refusal(413, `A body may have at most ${most} bytes.`)
      chunks.push(chunk)
    }
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown
  } catch (error) {
    throw error instanceof SyntaxError ? new Refusal(400, 'The body is not JSON.') : error
  } finally {
    clearTimeout(timer)
  }
}
