import { type Rate, TokenBucket } from '@patchbay/core/hub'
import { type AcceptedConnection, type ConnectionHandlers, LineEnd, type RemoteEnd } from '@patchbay/core/transport'
import { credentialOf, type LongPollTimes, MAX_FRAME_BYTES, MAX_WAITING_BYTES, type Opened, type Sent } from './wire.ts'
import type { Reply } from './reply.ts'

/** Writes a complete response; without a body its status (204) completes it. A header list is the cheapest form. */
export function answer(response: Reply, status: number, body?: object): void {
  if (body === undefined) return void response.writeHead(status, ['cache-control', 'no-store']).end()
  answerWritten(response, status, JSON.stringify(body))
}

/** The same with a body that is JSON already. */
function answerWritten(response: Reply, status: number, text: string): void {
  const length = Buffer.byteLength(text)
  const headers = ['cache-control', 'no-store', 'content-type', 'application/json', 'content-length', String(length)]
  // ASCII text is the same in both encodings, and latin1 needs no conversion.
  response.writeHead(status, headers).end(text, length === text.length ? 'latin1' : 'utf8')
}

/**
 * Requests of a line that bring nothing new: GETs that repeat the last cursor, POSTs without new frames or after the end, and those
 * that are refused. A client sends one when a GET was held for long, or when an answer was lost.
 */
const REPEAT_RATE = { perSecond: 20, burst: 200 }
/** A response that carries frames again counts once more for each of so many bytes that wait: each is written anew. */
const REPEAT_BYTES = 8_192

/**
 * Responses of a line that are on their way when the next GET comes: with it a client says that it has read the one before, which
 * may be known here a moment later.
 */
const MAX_UNREAD = 1

/** Most that one response carries, in UTF-16 code units of JSON. The frames beyond wait for the next GET. */
const MAX_ANSWER_SIZE = 131_072

/** Times of a line, and how many bytes of bodies it takes. */
export interface LineLimits extends LongPollTimes {
  readonly rate: Rate
}

/** The server's end of one line: frames the client has not received yet, and the GET that waits for more. */
export class ServerLine implements AcceptedConnection {
  readonly id: string
  /** The required value of the `authorization` header. */
  readonly credential: Buffer
  readonly remote: RemoteEnd
  /** Resolves when the line's last response has been written, or never will be. */
  readonly gone: Promise<void>
  readonly #end = new LineEnd()
  readonly #repeats = new TokenBucket(REPEAT_RATE, performance.now())
  readonly #bodies: TokenBucket
  readonly #forget: () => void
  #resolveGone: () => void = () => {}
  #waiting: string[] = []
  #waitingBytes = 0
  /** How many of the waiting frames the last response carried. */
  #told = 0
  /** Frames that the client has received, and frames received from it. */
  #taken = 0
  #received = 0
  #held: Reply | undefined
  /** Responses with frames that have not been delivered completely, oldest first. */
  readonly #answered = new Set<Reply>()
  /** Restarted by each poll (hold) and each answer (grace), so a timer fires only when nothing happened since. */
  readonly #holdTimer: NodeJS.Timeout
  readonly #graceTimer: NodeJS.Timeout
  #flushing = false

  constructor(opened: Opened, remote: RemoteEnd, limits: LineLimits, forget: () => void) {
    this.id = opened.id
    this.credential = Buffer.from(credentialOf(opened))
    this.remote = remote
    this.#bodies = new TokenBucket(limits.rate, performance.now())
    this.gone = new Promise((done) => (this.#resolveGone = done))
    this.#forget = forget
    this.#holdTimer = setTimeout(() => this.#flush(true), limits.holdMs)
    this.#graceTimer = setTimeout(() => this.#held === undefined && this.#cut(), limits.graceMs)
  }

  own(handlers: ConnectionHandlers): void {
    this.#end.own(handlers)
  }

  send(text: string): void {
    if (!this.#end.open) return
    const bytes = Buffer.byteLength(text)
    this.#waiting.push(text)
    this.#waitingBytes += bytes
    if (bytes > MAX_FRAME_BYTES || this.#waitingBytes > MAX_WAITING_BYTES) return this.#cut()
    if (this.#held === undefined || this.#flushing) return
    this.#flushing = true
    // All frames of one event-loop turn travel in one response.
    setImmediate(() => this.#flush())
  }

  close(): void {
    if (this.#end.end('local')) this.#flush()
  }

  /**
   * Accepts a GET: it is answered when there are frames, or after `holdMs` at the latest.
   * @returns `false` when the cursor is not valid for this line.
   */
  poll(cursor: number, response: Reply): boolean {
    const taken = cursor - this.#taken
    const isPossible = taken >= 0 && taken <= this.#waiting.length
    const again = isPossible && taken < this.#told ? Math.min(this.#waitingBytes, MAX_ANSWER_SIZE) : 0
    if ((!isPossible || taken === 0 || again > 0) && !this.#mayRepeat(again)) return false
    if (!isPossible) return false
    if (taken > 0) this.#release(taken)
    this.#taken = cursor
    this.#told = 0
    // A client that repeats its request has abandoned the responses in flight; one that goes on has read all before.
    if (taken === 0 || this.#answered.size > MAX_UNREAD) for (const one of this.#answered) one.destroy()
    // A client has one GET at a time: it no longer reads the previous one.
    this.#flush(true)
    this.#held = response
    this.#holdTimer.refresh()
    response.once('close', () => this.#responseClosed(response))
    if (this.#waiting.length > 0 || !this.#end.open) this.#flush()
    return true
  }

  /** Accepts the frames of a POST and skips known ones. @returns `false` when frames before them are missing. */
  take(cursor: number, { frames, leave }: Sent): boolean {
    const known = this.#received - cursor
    if ((known < 0 || known >= frames.length || !this.#end.open) && !this.#mayRepeat()) return false
    if (known < 0) return false
    for (const frame of frames.slice(known)) {
      this.#received += 1
      if (Buffer.byteLength(frame) > MAX_FRAME_BYTES) {
        this.#cut()
        return true
      }
      this.#end.frame(frame)
    }
    if (leave === true) {
      this.#end.end('remote')
      this.drop()
    }
    return true
  }

  /** Counts bytes of bodies, whatever is in them. @returns whether they may come; too many of them end the line. */
  mayBring(bytes: number): boolean {
    const may = this.#bodies.tryTake(bytes, performance.now())
    if (!may) this.#cut()
    return may
  }

  /** Counts a request of the line that was refused for its form. */
  refused(): void {
    this.#mayRepeat()
  }

  /** Whether a request that brings nothing new may come, and gets so many bytes again; too many of them end the line. */
  #mayRepeat(again = 0): boolean {
    const may = this.#repeats.tryTake(1 + Math.floor(again / REPEAT_BYTES), performance.now())
    if (!may) this.#cut()
    return may
  }

  /** Answers the held GET if there are frames, the line has ended, or it must not be held any longer. */
  #flush(anyway = false): void {
    this.#flushing = false
    const response = this.#held
    const closed = !this.#end.open
    if (response === undefined || (this.#waiting.length === 0 && !closed && !anyway)) return
    this.#held = undefined
    const frames = writtenFrames(this.#waiting, response.most ?? MAX_ANSWER_SIZE)
    const isLast = closed && frames.length === this.#waiting.length
    answerWritten(response, 200, `{"frames":[${frames.join()}]${isLast ? ',"closed":true' : ''}}`)
    this.#told = frames.length
    if (frames.length > 0) this.#answered.add(response)
    // The line stays for the grace period: the response may be lost, and the client then asks again with the same cursor.
    if (isLast) response.once('finish', this.#resolveGone)
    this.#graceTimer.refresh()
  }

  /** Drops the first `taken` waiting frames, which the client has received. */
  #release(taken: number): void {
    if (taken < this.#waiting.length) {
      for (const frame of this.#waiting.splice(0, taken)) this.#waitingBytes -= Buffer.byteLength(frame)
    } else {
      this.#waiting = []
      this.#waitingBytes = 0
    }
  }

  #responseClosed(response: Reply): void {
    this.#answered.delete(response)
    if (this.#held !== response) return
    this.#held = undefined
    this.#graceTimer.refresh()
  }

  /** Ends the line without a goodbye: the path is broken, or the client misbehaves. */
  #cut(): void {
    this.#end.end('lost')
    this.drop()
  }

  /** Forgets the line at once. */
  drop(): void {
    clearTimeout(this.#graceTimer)
    clearTimeout(this.#holdTimer)
    const response = this.#held
    this.#held = undefined
    response?.destroy()
    for (const one of this.#answered) if (!one.writableFinished) one.destroy()
    this.#waiting = []
    this.#forget()
    this.#resolveGone()
  }
}

/** The first of the frames as JSON: as many as have `most` UTF-16 code units, and at least one. */
function writtenFrames(frames: readonly string[], most: number): readonly string[] {
  const written: string[] = []
  let size = 0
  for (const frame of frames) {
    const text = JSON.stringify(frame)
    size += text.length
    if (size > most && written.length > 0) break
    written.push(text)
  }
  return written
}
