import { MAX_FRAME_BYTES, MAX_WAITING, MESSAGE_SIZE, type Packet } from './wire.ts'

/** What a packet has besides the key. */
export type Content = Omit<Packet, 'k'>

/** Callbacks of the owner of a queue. */
export interface PacketQueueHandlers {
  /** Sends one message. @returns a promise that is fulfilled when the other end has it. */
  post(content: Content): Promise<void>
  /** A message did not arrive, or too much waits. Called once; nothing is sent afterwards. */
  lost(error: unknown): void
  /** Everything up to the goodbye has arrived. */
  done(): void
}

/**
 * Sends frames in messages, one under way at a time (RFC 3428 §8): so they stay in order, and whoever reads slowly fills only
 * this queue. Frames of one turn share a message, and long ones are split.
 */
export class PacketQueue {
  readonly #handlers: PacketQueueHandlers
  #frames: string[] = []
  /** Code units waiting, and how much of the first frame has been sent. */
  #size = 0
  #sentOfFirst = 0
  #isBusy = false
  #isEnding = false
  #isOver = false

  constructor(handlers: PacketQueueHandlers) {
    this.#handlers = handlers
  }

  /** Nothing is under way or waits. */
  get isIdle(): boolean {
    return !this.#isBusy && this.#frames.length === 0
  }

  send(frame: string): void {
    if (this.#isOver || this.#isEnding) return
    this.#frames.push(frame)
    this.#size += frame.length
    if (this.#size > MAX_WAITING) return this.#lose(new Error('The other end reads too slowly.'))
    this.#begin()
  }

  /** Says goodbye after everything that waits. */
  end(): void {
    this.#isEnding = true
    this.#begin()
  }

  /** Asks the other end for a sign of life, unless a message is under way. */
  ping(): void {
    if (!this.isIdle || this.#isOver) return
    this.#isBusy = true
    void this.#post({})
  }

  stop(): void {
    this.#isOver = true
    this.#frames = []
  }

  #begin(): void {
    if (this.#isBusy || this.#isOver) return
    this.#isBusy = true
    // At the end of the turn, so that its frames share a message.
    queueMicrotask(() => void this.#next())
  }

  async #next(): Promise<void> {
    if (this.#isOver) return
    await this.#post(this.#take())
  }

  async #post(content: Content): Promise<void> {
    try {
      await this.#handlers.post(content)
    } catch (error) {
      return this.#lose(error)
    }
    if (this.#isOver) return
    this.#isBusy = false
    if (content.b === true) {
      this.stop()
      this.#handlers.done()
    } else if (this.#frames.length > 0 || this.#isEnding) {
      this.#begin()
    }
  }

  #take(): Content {
    const parts: string[] = []
    let room = MESSAGE_SIZE
    let isSplit = false
    while (this.#frames.length > 0 && !isSplit && (room > 0 || parts.length === 0)) {
      const [first = ''] = this.#frames
      const part = first.slice(this.#sentOfFirst, this.#sentOfFirst + room)
      isSplit = this.#sentOfFirst + part.length < first.length
      // Each frame costs a few characters more, so that empty ones do not fill a message without bound.
      room = Math.max(0, room - part.length - 4)
      parts.push(part)
      this.#sentOfFirst = isSplit ? this.#sentOfFirst + part.length : 0
      if (isSplit) continue
      this.#frames.shift()
      this.#size -= first.length
    }
    const isLast = this.#isEnding && this.#frames.length === 0
    return { ...(parts.length > 0 && { f: parts }), ...(isSplit && { m: true }), ...(isLast && { b: true }) }
  }

  #lose(error: unknown): void {
    if (this.#isOver) return
    this.stop()
    this.#handlers.lost(error)
  }
}

/** Puts the frames of messages together. */
export class FrameReader {
  #begun = ''

  /** Passes each whole frame on. @returns `false` when a frame is larger than allowed. */
  read({ f = [], m }: Content, take: (frame: string) => void): boolean {
    for (const [i, part] of f.entries()) {
      const frame = this.#begun + part
      // In code units first: what has more than that has more bytes, too.
      if (frame.length > MAX_FRAME_BYTES || bytesOf(frame) > MAX_FRAME_BYTES) return false
      this.#begun = m === true && i === f.length - 1 ? frame : ''
      if (this.#begun === '' && !(m === true && i === f.length - 1)) take(frame)
    }
    return true
  }
}

const encoder = new TextEncoder()

function bytesOf(text: string): number {
  return encoder.encode(text).length
}
