import type { ServerResponse } from 'node:http'
import { type AcceptedConnection, type ConnectionHandlers, LineEnd, type RemoteEnd } from '@patchbay/core/transport'
import { type LongPollTimes, MAX_FRAME_BYTES, MAX_WAITING_BYTES, type Received, type Sent } from './wire.ts'

/** Writes a whole answer; one without a body is complete by its status (204). Headers as a list cost least. */
export function answer(response: ServerResponse, status: number, body?: object): void {
  if (body === undefined) return void response.writeHead(status, ['cache-control', 'no-store']).end()
  const text = JSON.stringify(body)
  const length = Buffer.byteLength(text)
  const headers = ['cache-control', 'no-store', 'content-type', 'application/json', 'content-length', String(length)]
  // What is all ASCII is the same in both encodings, and needs no conversion in this one.
  response.writeHead(status, headers).end(text, length === text.length ? 'latin1' : 'utf8')
}

/** One line of the server's: what the client has not taken yet, and the GET that waits for more. */
export class ServerLine implements AcceptedConnection {
  readonly id: string
  /** What `authorization` must hold. */
  readonly credential: Buffer
  readonly remote: RemoteEnd
  /** Resolves when nothing is left of the line. */
  readonly gone: Promise<void>
  readonly #end = new LineEnd()
  #forget: () => void = () => {}
  #waiting: string[] = []
  #waitingBytes = 0
  /** Frames taken by the client, and frames received from it. */
  #taken = 0
  #received = 0
  #held: ServerResponse | undefined
  /** An answer that is still on its way. */
  #answered: ServerResponse | undefined
  /** Each runs from the last poll and the last answer on, and counts only if nothing has happened since. */
  readonly #holdTimer: NodeJS.Timeout
  readonly #graceTimer: NodeJS.Timeout
  #flushing = false

  constructor(id: string, secret: string, remote: RemoteEnd, times: LongPollTimes, forget: () => void) {
    this.id = id
    this.credential = Buffer.from(`Bearer ${secret}`)
    this.remote = remote
    this.gone = new Promise((resolve) => {
      this.#forget = () => {
        forget()
        resolve()
      }
    })
    this.#holdTimer = setTimeout(() => this.#flush(true), times.holdMs)
    this.#graceTimer = setTimeout(() => this.#held === undefined && this.#cut(), times.graceMs)
  }

  own(handlers: ConnectionHandlers): void {
    this.#end.own(handlers)
  }

  send(text: string): void {
    if (!this.#end.open) return
    this.#waiting.push(text)
    this.#waitingBytes += Buffer.byteLength(text)
    if (this.#waitingBytes > MAX_WAITING_BYTES) return this.#cut()
    if (this.#held === undefined || this.#flushing) return
    this.#flushing = true
    // What is sent in one turn travels in one answer.
    setImmediate(() => this.#flush())
  }

  close(): void {
    if (this.#end.end('local')) this.#flush()
  }

  /**
   * Takes a GET: it is answered when there is something to say, and held no longer than agreed.
   * @returns `false` when the cursor is none of this line's.
   */
  poll(cursor: number, response: ServerResponse): boolean {
    const taken = cursor - this.#taken
    if (taken < 0 || taken > this.#waiting.length) return false
    if (taken > 0) this.#release(taken)
    this.#taken = cursor
    // It asks for the same again, so it has given up the answer that is still on its way.
    if (taken === 0) this.#answered?.destroy()
    // A client has one GET: the one before is no longer listened to.
    this.#flush(true)
    this.#held = response
    this.#holdTimer.refresh()
    response.once('close', () => this.#responseClosed(response))
    if (this.#waiting.length > 0 || !this.#end.open) this.#flush()
    return true
  }

  /** Takes the frames of a POST; those it has already are skipped. @returns `false` when some before them are missing. */
  take(cursor: number, { frames, leave }: Sent): boolean {
    const known = this.#received - cursor
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
      this.#drop()
    }
    return true
  }

  /** Answers the GET that waits, if it has something to say or must not wait longer. */
  #flush(anyway = false): void {
    this.#flushing = false
    const response = this.#held
    const closed = !this.#end.open
    if (response === undefined || (this.#waiting.length === 0 && !closed && !anyway)) return
    this.#held = undefined
    const body: Received = { frames: this.#waiting, ...(closed && { closed: true as const }) }
    answer(response, 200, body)
    if (body.frames.length > 0) this.#answered = response
    // The answer may be lost: the client then asks again with the same cursor.
    if (closed) response.once('finish', () => this.#drop())
    this.#graceTimer.refresh()
  }

  /** The client has taken so many of the frames that waited. */
  #release(taken: number): void {
    if (taken < this.#waiting.length) {
      for (const frame of this.#waiting.splice(0, taken)) this.#waitingBytes -= Buffer.byteLength(frame)
    } else {
      this.#waiting = []
      this.#waitingBytes = 0
    }
  }

  #responseClosed(response: ServerResponse): void {
    if (this.#answered === response) this.#answered = undefined
    if (this.#held !== response) return
    this.#held = undefined
    this.#graceTimer.refresh()
  }

  /** The path is broken, or the client misbehaves: no more is said. */
  #cut(): void {
    this.#end.end('lost')
    this.#drop()
  }

  #drop(): void {
    clearTimeout(this.#graceTimer)
    clearTimeout(this.#holdTimer)
    const response = this.#held
    this.#held = undefined
    response?.destroy()
    if (this.#answered?.writableFinished === false) this.#answered.destroy()
    this.#waiting = []
    this.#forget()
  }
}
