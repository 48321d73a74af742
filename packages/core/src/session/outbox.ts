/** Limits of the replay buffer. */
export interface OutboxLimits {
  /** Frames not yet acknowledged. */
  readonly frames: number
  /** Their total size, in UTF-16 code units. */
  readonly size: number
}

/** Reliable frames sent but not yet acknowledged, numbered from 1 in the order they were sent. */
export class Outbox {
  readonly #limits: OutboxLimits
  #frames: string[] = []
  #sentAt: number[] = []
  #size = 0
  #acked = 0

  constructor(limits: OutboxLimits) {
    this.#limits = limits
  }

  /** Number of the newest frame. */
  get sent(): number {
    return this.#acked + this.#frames.length
  }

  /** Whether this count is possible, and every frame that the other end lacks is still in the outbox. */
  covers(received: number): boolean {
    return received >= this.#acked && received <= this.sent
  }

  /** Size of what is not acknowledged, in UTF-16 code units. */
  get size(): number {
    return this.#size
  }

  /** More than half full. */
  get isBackedUp(): boolean {
    return this.#frames.length > this.#limits.frames / 2 || this.#size > this.#limits.size / 2
  }

  /** When the oldest frame was sent; `undefined` when all are acknowledged. */
  get oldestAt(): number | undefined {
    return this.#sentAt[0]
  }

  /** @returns `false`, and keeps nothing, when the frame would exceed the limits. */
  push(frame: string, now: number): boolean {
    if (this.#frames.length >= this.#limits.frames || this.#size + frame.length > this.#limits.size) return false
    this.#frames.push(frame)
    this.#sentAt.push(now)
    this.#size += frame.length
    return true
  }

  /**
   * Forgets every frame up to `received`. An older number is ignored.
   * @returns `false` when that many frames were never sent.
   */
  ack(received: number): boolean {
    if (received > this.sent) return false
    if (received <= this.#acked) return true
    if (received === this.sent) {
      // An array that is emptied keeps its memory.
      this.#frames = []
      this.#sentAt = []
      this.#size = 0
    } else {
      for (const frame of this.#frames.splice(0, received - this.#acked)) this.#size -= frame.length
      this.#sentAt.splice(0, received - this.#acked)
    }
    this.#acked = received
    return true
  }

  /** Frames the other end has not acknowledged, oldest first. */
  unacked(): readonly string[] {
    return this.#frames
  }
}
