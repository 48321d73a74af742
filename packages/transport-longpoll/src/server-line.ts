import type { ServerResponse } from 'node:http'
import { type AcceptedConnection, type ConnectionHandlers, LineEnd, type RemoteEnd } from '@patchbay/core/transport'
import { type LongPollTimes, MAX_FRAME_BYTES, MAX_WAITING_BYTES, type Received, type Sent } from './wire.ts'

/** Writes a whole answer. */
export function answer(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body)
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }
  response.writeHead(status, headers).end(text)
}

/** One line of the server's: what the client has not taken yet, and the GET that waits for more. */
export class ServerLine implements AcceptedConnection {
  readonly id: string
  readonly secret: string
  readonly remote: RemoteEnd
  /** Resolves when nothing is left of the line. */
  readonly gone: Promise<void>
  readonly #times: LongPollTimes
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
  #holdTimer: NodeJS.Timeout | undefined
  #graceTimer: NodeJS.Timeout | undefined
  #flushing = false

  constructor(id: string, secret: string, remote: RemoteEnd, times: LongPollTimes, forget: () => void) {
    this.id = id
    this.secret = secret
    this.remote = remote
    this.#times = times
    this.gone = new Promise((resolve) => {
      this.#forget = () => {
        forget()
        resolve()
      }
    })
    this.#startGrace()
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
    for (const frame of this.#waiting.splice(0, taken)) this.#waitingBytes -= Buffer.byteLength(frame)
    this.#taken = cursor
    // It asks for the same again, so it has given up the answer that is still on its way.
    if (taken === 0) this.#answered?.destroy()
    // A client has one GET: the one before is no longer listened to.
    this.#flush(true)
    this.#held = response
    clearTimeout(this.#graceTimer)
    response.once('close', () => {
      if (this.#held !== response) return
      clearTimeout(this.#holdTimer)
      this.#held = undefined
      this.#startGrace()
    })
    if (this.#waiting.length > 0 || !this.#end.open) this.#flush()
    else this.#holdTimer = setTimeout(() => this.#flush(true), this.#times.holdMs)
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
    clearTimeout(this.#holdTimer)
    this.#held = undefined
    const body: Received = { frames: this.#waiting, ...(closed && { closed: true as const }) }
    answer(response, 200, body)
    if (body.frames.length > 0) {
      this.#answered = response
      response.once('close', () => {
        if (this.#answered === response) this.#answered = undefined
      })
    }
    // The answer may be lost: the client then asks again with the same cursor.
    if (closed) response.once('finish', () => this.#drop())
    this.#startGrace()
  }

  /** The path is broken, or the client misbehaves: no more is said. */
  #cut(): void {
    this.#end.end('lost')
    this.#drop()
  }

  #startGrace(): void {
    clearTimeout(this.#graceTimer)
    this.#graceTimer = setTimeout(() => this.#cut(), this.#times.graceMs)
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
