import { fitsBytes } from '@patchbay/protocol'

/** Frames of a line, as one message of an exchange carries them. */
export interface LineMessage {
  /** In order; the first goes on with what the last message has begun. None: a sign of life. */
  readonly frames: readonly string[]
  /** The last frame goes on in the next message. */
  readonly goesOn: boolean
  /** This end closes the line, after these frames. */
  readonly isLast: boolean
}

/** Sizes of a {@link MessageQueue}, in UTF-16 code units. */
export interface MessageQueueLimits {
  /** Frames in one message, four code units added for each. */
  readonly messageSize: number
  /** What may wait: beyond it the other end reads too slowly, and the line is lost. */
  readonly waitingSize: number
}

/** Callbacks of the owner of a queue. */
export interface MessageQueueHandlers {
  /** Sends one message. @returns a promise that is fulfilled when the other end has it. */
  post(message: LineMessage): Promise<void>
  /** A message did not arrive, or too much waits. Called once; nothing is sent afterwards. */
  lost(error: unknown): void
  /** Everything up to the goodbye has arrived. */
  done(): void
}

/**
 * Sends frames in messages of an exchange, one under way at a time: so they stay in order, and whoever reads slowly fills only
 * this queue. Frames of one turn share a message, and long ones are split; {@link FrameReader} puts them together.
 */
export class MessageQueue {
  readonly #limits: MessageQueueLimits
  readonly #handlers: MessageQueueHandlers
  #frames: string[] = []
  #size = 0
  /** How much of the first frame has been sent. */
  #sentOfFirst = 0
  #isBusy = false
  #isEnding = false
  #isOver = false

  constructor(limits: MessageQueueLimits, handlers: MessageQueueHandlers) {
    this.#limits = limits
    this.#handlers = handlers
  }

  send(frame: string): void {
    if (this.#isOver || this.#isEnding) return
    this.#frames.push(frame)
    this.#size += frame.length
    if (this.#size > this.#limits.waitingSize) return this.#lose(new Error('The other end reads too slowly.'))
    this.#begin()
  }

  /** Says goodbye after everything that waits. */
  end(): void {
    this.#isEnding = true
    this.#begin()
  }

  /** Asks the other end for a sign of life, unless a message is under way or waits. */
  ping(): void {
    if (this.#isBusy || this.#isOver) return
    this.#isBusy = true
    void this.#post({ frames: [], goesOn: false, isLast: false })
  }

  stop(): void {
    this.#isOver = true
    this.#frames = []
  }

  #begin(): void {
    if (this.#isBusy || this.#isOver) return
    this.#isBusy = true
    // At the end of the turn, so that its frames share a message.
    queueMicrotask(() => {
      if (!this.#isOver) void this.#post(this.#take())
    })
  }

  async #post(message: LineMessage): Promise<void> {
    try {
      await this.#handlers.post(message)
    } catch (error) {
      return this.#lose(error)
    }
    if (this.#isOver) return
    this.#isBusy = false
    if (message.isLast) {
      this.stop()
      this.#handlers.done()
    } else if (this.#frames.length > 0 || this.#isEnding) {
      this.#begin()
    }
  }

  #take(): LineMessage {
    const frames: string[] = []
    let room = this.#limits.messageSize
    let goesOn = false
    while (this.#frames.length > 0 && !goesOn && (room > 0 || frames.length === 0)) {
      const [first = ''] = this.#frames
      const part = first.slice(this.#sentOfFirst, this.#sentOfFirst + room)
      goesOn = this.#sentOfFirst + part.length < first.length
      // Each frame costs a few characters more, so that empty ones do not fill a message without bound.
      room = Math.max(0, room - part.length - 4)
      frames.push(part)
      this.#sentOfFirst = goesOn ? this.#sentOfFirst + part.length : 0
      if (goesOn) continue
      this.#frames.shift()
      this.#size -= first.length
    }
    return { frames, goesOn, isLast: this.#isEnding && this.#frames.length === 0 }
  }

  #lose(error: unknown): void {
    if (this.#isOver) return
    this.stop()
    this.#handlers.lost(error)
  }
}

/** Puts the frames of messages together. */
export class FrameReader {
  readonly #maxBytes: number
  #begun = ''

  /** @param maxBytes largest frame, in bytes of UTF-8. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Passes each whole frame on. @returns `false` when a frame is larger than allowed. */
  read({ frames, goesOn }: Pick<LineMessage, 'frames' | 'goesOn'>, take: (frame: string) => void): boolean {
    for (const [i, part] of frames.entries()) {
      const frame = this.#begun + part
      if (!fitsBytes(frame, this.#maxBytes)) return false
      const isWhole = !goesOn || i < frames.length - 1
      this.#begun = isWhole ? '' : frame
      if (isWhole) take(frame)
    }
    return true
  }
}
