import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { defaultHubLimits, networkOf, type Rate } from '@patchbay/core/hub'
import { type AcceptedConnection, atMost, type ConnectionHandlers, type Listener } from '@patchbay/core/transport'
import type { NodeLinks } from '@patchbay/plug'
import { bodyRateOf } from './body-rate.ts'
import { BodyReader } from './body-reader.ts'
import { Refusal } from './refusal.ts'
import { type Answer, DistantReply } from './reply.ts'
import { answer, ServerLine } from './server-line.ts'
import { CURSOR_HEADER, defaultTimes, type LongPollTimes, MAX_BODY_BYTES, NAME, readFrames, type Sent } from './wire.ts'

/** The process's policy for incoming lines. */
export interface LongPollListenerOptions {
  /** Path of all requests, without a trailing slash: `/poll`. */
  readonly path: string
  /** Whether a page of this origin may open a line; `undefined` when the client is not a browser. */
  readonly allowOrigin: (origin: string | undefined, request: IncomingMessage) => boolean
  /** The client's network address; by default the socket's. */
  readonly addressOf?: (request: IncomingMessage) => string
  /** Called before a line is opened. @returns the release to call when it has ended, or `undefined` to refuse it. */
  readonly admit?: (address: string) => (() => void) | undefined
  readonly times?: Partial<LongPollTimes>
  /** Bytes of bodies that one line may send, by default four times what a session may say; more ends it. */
  readonly rate?: Rate
  /** Other servers of the deployment: a request for a line of theirs is passed on. */
  readonly nodes?: NodeLinks | undefined
}

/** A request for a line that has reached another server. */
interface Passed {
  readonly authorization: string
  readonly cursor: number
  /** Of a POST; a GET has none. */
  readonly body?: unknown
  /** What came for this body, which may be more than is passed on. */
  readonly bytes?: number
}

/** A listener for the requests of an HTTP server. */
export interface LongPollListener extends Listener {
  /** Handles the HTTP server's `request` event for the listener's path. */
  handleRequest(request: IncomingMessage, response: ServerResponse): void
  /** Whether a request shows the secret of a line that is open here. */
  isOwn(request: IncomingMessage): boolean
}

/** The request that opens a line carries no frames. */
const MAX_OPENING_BYTES = 1_024
/** Requests of one network that are passed on at once: two for each of a hundred lines. */
const MAX_PASSED_ON = 200
/** How long a listener that closes waits for clients to ask for what their lines have last: each asks again at once. */
const LAST_WORDS_MS = 2_000
/** The longest that browsers cache the answer to a preflight, in seconds. */
const PREFLIGHT_SECONDS = 7_200

/** Listens for long-poll lines on the requests of an HTTP server. */
export function listenLongPoll(options: LongPollListenerOptions): LongPollListener {
  const { nodes, rate = bodyRateOf(defaultHubLimits.traffic) } = options
  const times = { ...defaultTimes, ...options.times }
  const lines = new Map<string, ServerLine>()
  let accept: ((connection: AcceptedConnection) => ConnectionHandlers) | undefined
  const bodies = new BodyReader()
  /** Requests that are passed on and not answered yet, by network. */
  const passing = new Map<string, number>()
  const addressOf = (request: IncomingMessage) =>
    options.addressOf?.(request) ?? request.socket.remoteAddress ?? 'unknown'
  let closed = false

  const open = (request: IncomingMessage, response: ServerResponse, address: string) => {
    if (closed || accept === undefined) throw new Refusal(503, 'No lines are accepted right now; try again later.')
    const release = options.admit?.(address)
    if (options.admit !== undefined && release === undefined) throw new Refusal(503, 'Too many lines; try again later.')
    const id = `${nodes?.self ?? ''}${randomBytes(16).toString('base64url')}`.slice(0, 22)
    const secret = randomBytes(32).toString('base64url')
    const remote = { address, origin: request.headers.origin }
    const line = new ServerLine({ id, secret }, remote, { ...times, rate }, () => {
      lines.delete(id)
      release?.()
    })
    lines.set(id, line)
    answer(response, 201, { id, secret })
    line.own(accept(line))
  }

  const lineOf = (authorization = ''): ServerLine | undefined => {
    const line = lines.get(lineIn(authorization))
    const shown = Buffer.from(authorization)
    return shown.length === line?.credential.length && timingSafeEqual(shown, line.credential) ? line : undefined
  }

  /** Counts refusals against the line whose secret the request shows. */
  const refusedOf = (request: IncomingMessage) => (status: number) => {
    // The line itself has judged the cursor.
    if (status < 500 && status !== 409) lineOf(request.headers.authorization)?.refused()
  }

  const find = (authorization: string): ServerLine => {
    const line = lineOf(authorization)
    // A client without the secret does not learn whether the line exists.
    if (line === undefined) throw new Refusal(404, 'There is no such line; open another.')
    return line
  }

  const charge = (line: ServerLine, bytes: number) => {
    if (!line.mayBring(bytes)) throw new Refusal(404, 'The line has sent more than it may; open another.')
  }

  const take = (authorization: string, cursor: number, body: unknown) => {
    if (!find(authorization).take(cursor, framesIn(body))) throw new Refusal(409, 'Frames before these are missing.')
  }

  /** Another server has passed a request on. */
  nodes?.answer(options.path, async (text) => {
    const { authorization, cursor, body, bytes = 0 } = JSON.parse(text) as Passed
    const reply = new DistantReply()
    try {
      if (body !== undefined) {
        charge(find(authorization), bytes)
        take(authorization, cursor, body)
        answer(reply, 204)
      } else if (!find(authorization).poll(cursor, reply)) {
        throw new Refusal(409, 'The cursor does not belong to this line.')
      }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      answer(reply, error.status, { error: error.message })
    }
    return JSON.stringify(await reply.answer)
  })

  /** Passes a request on to the server that has the line. */
  const passOn = (node: string, request: Passed, address: string, response: ServerResponse) => {
    const network = networkOf(address)
    const underWay = passing.get(network) ?? 0
    if (underWay >= MAX_PASSED_ON) throw new Refusal(503, 'Too many requests at once; try again later.')
    passing.set(network, underWay + 1)
    const done = () => {
      const left = (passing.get(network) ?? 1) - 1
      if (left > 0) passing.set(network, left)
      else passing.delete(network)
    }
    pass(node, request, response)
      .catch(() => {
        if (!response.headersSent && !response.destroyed)
          answer(response, 502, { error: 'The server of this line does not answer.' })
      })
      .finally(done)
  }

  const pass = async (node: string, request: Passed, response: ServerResponse) => {
    // A server that too much waits for still has its lines: the client repeats its request.
    const told = await nodes?.ask(node, options.path, JSON.stringify(request)).catch(() => '{"status":503}')
    if (response.destroyed) return
    // A server that closes gets no more answers, but the line may live on: the client repeats its request at another server.
    const { status, body } = (told === undefined ? { status: closed ? 503 : 404 } : JSON.parse(told)) as Answer
    response.writeHead(status, {
      'cache-control': 'no-store',
      ...(body !== undefined && { 'content-type': 'application/json' }),
    })
    response.end(body)
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
    requirePath(request, options.path)
    const { authorization = '' } = request.headers
    const node = nodes && nodeIn(authorization)
    const isElsewhere = node !== undefined && node !== nodes?.self
    if (request.method === 'GET') {
      if (isElsewhere) return passOn(node, { authorization, cursor: cursorOf(request) }, addressOf(request), response)
      if (find(authorization).poll(cursorOf(request), response)) return
      throw new Refusal(409, 'The cursor does not belong to this line.')
    }
    if (request.method !== 'POST') {
      response.setHeader('allow', 'GET, POST, OPTIONS')
      throw new Refusal(405, 'Only GET and POST are supported.')
    }
    if (request.readableEnded || request.destroyed || 'body' in request)
      throw new Refusal(500, 'The body was read before this listener saw it: put the listener before body parsers.')
    if (!isJson(request)) throw new Refusal(415, 'The body must be application/json.')
    const address = addressOf(request)
    if (request.headers.authorization === undefined) {
      const opened = attempt(response, () => open(request, response, address))
      return bodies.read(request, { address, most: MAX_OPENING_BYTES }, opened)
    }
    const cursor = cursorOf(request)
    // Whoever does not have the secret must not stop the POST of whoever does.
    const line = isElsewhere ? undefined : find(authorization)
    let bytes = 0
    const count = (more: number) => {
      bytes += more
      if (line !== undefined) charge(line, more)
    }
    const taken = (body: unknown) => {
      if (isElsewhere) return passOn(node, { authorization, cursor, body: framesIn(body), bytes }, address, response)
      take(authorization, cursor, body)
      answer(response, 204)
    }
    const limits = { address, most: MAX_BODY_BYTES, line: line?.id ?? authorization, count }
    bodies.read(request, limits, attempt(response, taken, refusedOf(request)))
  }

  return {
    name: NAME,
    listen(onLine) {
      accept = onLine
    },
    handleRequest(request, response) {
      attempt(response, () => handle(request, response), refusedOf(request))(undefined)
    },
    isOwn: ({ headers }) => lineOf(headers.authorization) !== undefined,
    async close() {
      closed = true
      const gone = Promise.all([...lines.values()].map((line) => line.gone))
      for (const line of lines.values()) line.close()
      await atMost(LAST_WORDS_MS, gone)
      for (const line of lines.values()) line.drop()
      bodies.close()
    },
  }
}

/** Id of a line, the server's name in it, and the secret. */
const BEARER = /^Bearer (([\w-]{6})[\w-]{16})\.[\w-]{43}$/

/** The frames in a body, and nothing else of it. */
function framesIn(body: unknown): Sent {
  const sent = readFrames(body)
  if (sent === undefined) throw new Refusal(400, 'The body must be {"frames": [...]}, an array of strings.')
  return { frames: sent.frames, ...(sent.leave === true && { leave: true as const }) }
}

function lineIn(authorization: string): string {
  return BEARER.exec(authorization)?.[1] ?? ''
}

/** The server that has the line. */
function nodeIn(authorization: string): string | undefined {
  return BEARER.exec(authorization)?.[2]
}

/** Routers that serve a prefix take it off `url` and keep the whole in `originalUrl`. */
function requirePath(request: IncomingMessage & { readonly originalUrl?: string }, path: string): void {
  const [asked = ''] = (request.originalUrl ?? request.url ?? '').split('?', 1)
  if (asked !== path)
    throw new Refusal(
      404,
      `This listener is at ${path}, but was asked for ${asked.slice(0, 200)}: set its path to match.`,
    )
}

/** Media types are the same in upper and lower case (RFC 9110 §8.3.1), and white space may follow them (§5.6.6). */
function isJson({ headers }: IncomingMessage): boolean {
  return /^application\/json\s*(?:;|$)/i.test(headers['content-type'] ?? '')
}

function cursorOf(request: IncomingMessage): number {
  const text = request.headers[CURSOR_HEADER]
  if (typeof text !== 'string' || !/^\d{1,15}$/.test(text)) {
    throw new Refusal(400, `The header ${CURSOR_HEADER} must be a whole number.`)
  }
  return Number(text)
}

/**
 * Wraps `act`, so that an error it throws becomes the response, of which `refused` is told. The result takes a body, or the
 * refusal of one.
 */
function attempt(
  response: ServerResponse,
  act: (body: unknown) => void,
  refused?: (status: number) => void,
): (body: unknown) => void {
  return (body) => {
    try {
      if (body instanceof Refusal) throw body
      act(body)
    } catch (error) {
      if (response.headersSent) return void response.destroy()
      const refusal = error instanceof Refusal ? error : new Refusal(500, 'Something went wrong.')
      refused?.(refusal.status)
      // The rest of the body is not read.
      response.setHeader('connection', 'close')
      answer(response, refusal.status, { error: refusal.message })
    }
  }
}
