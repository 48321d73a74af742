import type { Connection, ConnectionHandlers } from './connection.ts'
import { LineEnd } from './line-end.ts'

/** Both ends of a line inside one process. */
export interface LinkedPair {
  readonly near: Connection
  readonly far: Connection
  /** Breaks the line: both ends see `lost`, and frames in flight are dropped. */
  cut(): void
  /** Makes the near end stop or resume reading frames. */
  pauseNear(paused: boolean): void
}

/** Returns the handlers of both ends once both connections exist. */
export type OwnPair = (pair: { readonly near: Connection; readonly far: Connection }) => {
  readonly near: ConnectionHandlers
  readonly far: ConnectionHandlers
}

/** Longest frame and longest queue of a linked pair, in bytes of UTF-8. */
const MAX_FRAME_BYTES = 65_536
const MAX_WAITING_BYTES = 1_048_576

const encoder = new TextEncoder()

/** One direction of a line: the frames sent and not yet delivered. */
class Pipe {
  readonly end = new LineEnd()
  readonly #waiting: { readonly text: string; readonly bytes: number }[] = []
  #waitingBytes = 0
  #paused = false

  /** @returns `false` when the frame, or the queue with it, is too large. */
  push(text: string): boolean {
    const bytes = encoder.encode(text).length
    if (bytes > MAX_FRAME_BYTES || this.#waitingBytes + bytes > MAX_WAITING_BYTES) return false
    this.#waiting.push({ text, bytes })
    this.#waitingBytes += bytes
    queueMicrotask(() => this.#deliver())
    return true
  }

  pause(paused: boolean): void {
    this.#paused = paused
    queueMicrotask(() => this.#deliver())
  }

  #deliver(): void {
    while (!this.#paused) {
      const frame = this.#waiting.shift()
      if (frame === undefined) return
      this.#waitingBytes -= frame.bytes
      this.end.frame(frame.text)
    }
  }
}

/** Links two ends in memory. Frames travel by microtask, so a sender never runs its receiver's code. */
export function createLinkedPair(id: string, own: OwnPair): LinkedPair {
  const toNear = new Pipe()
  const toFar = new Pipe()
  const cut = () => {
    toNear.end.end('lost')
    toFar.end.end('lost')
  }
  const connect = (here: Pipe, there: Pipe): Connection => ({
    id,
    send(text) {
      if (here.end.open && !there.push(text)) cut()
    },
    close() {
      if (here.end.end('local')) queueMicrotask(() => there.end.end('remote'))
    },
  })
  const near = connect(toNear, toFar)
  const far = connect(toFar, toNear)
  const handlers = own({ near, far })
  toNear.end.own(handlers.near)
  toFar.end.own(handlers.far)
  return { near, far, cut, pauseNear: (paused) => toNear.pause(paused) }
}
