import { EventEmitter } from 'node:events'

/** What is used of an HTTP response. */
export interface Reply {
  /** Most that it can carry, in UTF-16 code units of JSON, if that is less than others do. */
  readonly most?: number
  readonly writableFinished: boolean
  destroy(): unknown
  writeHead(status: number, headers?: string[]): { end(text?: string, encoding?: BufferEncoding): unknown }
  once(event: 'close' | 'finish', listener: () => void): unknown
}

/** A status and a body, as text. */
export interface Answer {
  readonly status: number
  readonly body?: string
}

/** What a server can tell another in one answer. */
const MOST = 65_536
/** An answer has arrived after this, or is asked for again. */
const ARRIVES_MS = 1_000

/** A response to a request that another server has passed on. */
export class DistantReply extends EventEmitter implements Reply {
  readonly most: number = MOST
  readonly answer: Promise<Answer>
  writableFinished: boolean = false
  #resolve: (answer: Answer) => void = () => {}

  constructor() {
    super()
    this.answer = new Promise((resolve) => (this.#resolve = resolve))
  }

  writeHead(status: number): { end(text?: string): void } {
    return {
      end: (body) => {
        this.writableFinished = true
        this.#resolve({ status, ...(body !== undefined && { body }) })
        queueMicrotask(() => this.emit('close'))
        // The answer may be lost on its way: the client then asks again.
        setTimeout(() => this.emit('finish'), ARRIVES_MS).unref()
      },
    }
  }

  destroy(): void {
    this.#resolve({ status: 409 })
    queueMicrotask(() => this.emit('close'))
  }
}
