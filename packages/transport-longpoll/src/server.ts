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
const SWEEP_MS = 1_000
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
  const bodies = new BodyReader()
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
    // One answer for both: who has not the secret learns nothing of the line.
    if (line === undefined || shown.length !== line.credential.length || !timingSafeEqual(shown, line.credential)) {
      throw new Refusal(404, 'There is no such line; open another.')
    }
    return line
  }

  const handle = (request: IncomingMessage, response: ServerResponse) => {
    const { origin } = request.headers
    if (!options.allowOrigin(origin, request)) throw new Refusal(403, 'Pages of this origin may not open lines.')
    if (origin !== undefined) response.setHeader('access-control-allow-origin', origin).setHeader('vary', 'Origin')
    if (request.method === 'OPTIONS') {
      response.setHeader('access-control-allow-methods', 'GET, POST')
      response.setHeader('access-control-allow-headers', `authorization, content-type, ${CURSOR_HEADER}`)
      response.setHeader('access-control-max-age', PREFLIGHT_SECONDS)
      return answer(response, 204)
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
      return bodies.read(
        request,
        MAX_OPENING_BYTES,
        attempt(response, () => open(request, response)),
      )
    }
    const line = find(id, request)
    const cursor = cursorOf(request)
    const take = (body: unknown) => {
      const sent = readFrames(body)
      if (sent === undefined) throw new Refusal(400, 'The body must be {"frames": [...]}, each a text.')
      if (!line.take(cursor, sent)) throw new Refusal(409, 'Frames before this one are missing.')
      answer(response, 204)
    }
    bodies.read(request, MAX_BODY_BYTES, attempt(response, take))
  }

  return {
    name: NAME,
    listen(onLine) {
      accept = onLine
    },
    handleRequest(request, response) {
      attempt(response, () => handle(request, response))(undefined)
    },
    async close() {
      closed = true
      const gone = [...lines.values()].map((line) => line.gone)
      for (const line of lines.values()) line.close()
      await Promise.all(gone)
      bodies.close()
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

/** Whatever `act` throws becomes the answer. @returns `act`, which then takes a body or the refusal of one. */
function attempt(response: ServerResponse, act: (body: unknown) => void): (body: unknown) => void {
  return (body) => {
    try {
      if (body instanceof Refusal) throw body
      act(body)
    } catch (error) {
      if (response.headersSent) return void response.destroy()
      const refusal = error instanceof Refusal ? error : new Refusal(500, 'Something went wrong.')
      // What is left of the body is not waited for.
      response.setHeader('connection', 'close')
      answer(response, refusal.status, { error: refusal.message })
    }
  }
}

/** Reads bodies, and gives up those that are not whole in time. */
class BodyReader {
  /** Requests whose body is still coming, and when they began. */
  readonly #reading = new Map<IncomingMessage, number>()
  readonly #sweep = setInterval(() => this.#giveUp(performance.now() - BODY_TIMEOUT_MS), SWEEP_MS).unref()

  /** Hands over the JSON of a body of at most `most` bytes, or why there is none. */
  read(request: IncomingMessage, most: number, done: (body: unknown) => void): void {
    const chunks: Buffer[] = []
    let size = 0
    this.#reading.set(request, performance.now())
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= most) return void chunks.push(chunk)
      request.removeAllListeners('data').removeAllListeners('end').pause()
      done(new Refusal(413, `A body may have at most ${most} bytes.`))
    })
    request.on('end', () => done(parse(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks))))
    request.on('close', () => this.#reading.delete(request))
  }

  close(): void {
    clearInterval(this.#sweep)
    this.#giveUp(Infinity)
  }

  #giveUp(before: number): void {
    for (const [request, since] of this.#reading) if (since < before) request.destroy()
  }
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString())
  } catch {
    return new Refusal(400, 'The body is not JSON.')
  }
}
