import type { Socket } from 'node:net'
import type { Random } from './random.ts'

/** Network conditions of one direction. With nothing set, bytes pass unchanged. */
export interface Shape {
  /** Delay of every chunk, in milliseconds; order is kept. */
  readonly latencyMs?: number
  /** Additional random delay per chunk, up to this many milliseconds. */
  readonly jitterMs?: number
  readonly bytesPerSecond?: number
  /** Chunks are cut at random places into pieces of at most this many bytes. */
  readonly sliceBytes?: number
}

/** With limited bandwidth, chunks are cut to what passes in this many seconds. */
const SLICE_SECONDS = 0.05
/** Bytes held before the sender sees back-pressure. */
const HELD_BYTES = 65_536

/** One direction of one connection. */
export class Flow {
  readonly #from: Socket
  readonly #to: Socket
  readonly #random: Random
  readonly #waiting: { readonly chunk: Buffer; readonly dueAt: number }[] = []
  #shape: Shape = {}
  #held = 0
  #ended = false
  #freeAt = 0
  #timer: NodeJS.Timeout | undefined
  /** Nothing is read from the sender, so its own buffers fill up. */
  frozen = false
  /** Everything is read and discarded. */
  swallowing = false
  /** `reached` runs when `bytes` more bytes have passed; the rest of the chunk is discarded. */
  limit: { bytes: number; readonly reached: () => void } | undefined
  /** Called for every chunk before it is forwarded. */
  onChunk: () => void = () => {}

  constructor(from: Socket, to: Socket, random: Random) {
    this.#from = from
    this.#to = to
    this.#random = random
    from.on('data', (chunk: Buffer) => this.#take(chunk))
    from.on('end', () => {
      this.#ended = true
      this.#pump()
    })
    to.on('drain', () => this.#pump())
  }

  set shape(shape: Shape) {
    this.#shape = shape
    this.#freeAt = 0
    this.#pump()
  }

  swallow(swallowing: boolean): void {
    this.swallowing = swallowing
    if (swallowing) this.#from.resume()
    else this.#pump()
  }

  freeze(frozen: boolean): void {
    this.frozen = frozen
    this.#pump()
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#waiting.length = 0
  }

  #take(chunk: Buffer): void {
    this.onChunk()
    if (this.swallowing) return
    const { latencyMs = 0, jitterMs = 0, bytesPerSecond = Infinity } = this.#shape
    const sliceBytes = Math.min(this.#shape.sliceBytes ?? Infinity, Math.ceil(bytesPerSecond * SLICE_SECONDS))
    const before = this.#waiting.at(-1)?.dueAt ?? 0
    const dueAt = Math.max(before, performance.now() + latencyMs + this.#random.next() * jitterMs)
    for (let at = 0; at < chunk.length;) {
      const size = sliceBytes === Infinity ? chunk.length : this.#random.int(1, sliceBytes)
      this.#waiting.push({ chunk: chunk.subarray(at, at + size), dueAt })
      at += size
    }
    this.#held += chunk.length
    this.#pump()
  }

  #pump(): void {
    clearTimeout(this.#timer)
    while (!this.frozen && !this.swallowing && !this.#to.writableNeedDrain) {
      const next = this.#waiting[0]
      if (next === undefined) break
      const waitMs = Math.max(next.dueAt, this.#freeAt) - performance.now()
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.#pump(), waitMs)
        break
      }
      this.#waiting.shift()
      this.#held -= next.chunk.length
      if (!this.#pass(next.chunk)) return
    }
    const holdBack = this.frozen || this.#held > HELD_BYTES
    if (holdBack) this.#from.pause()
    else this.#from.resume()
    if (this.#ended && this.#waiting.length === 0 && !this.frozen && !this.swallowing) this.#to.end()
  }

  /** @returns `false` when this chunk reached the limit. */
  #pass(chunk: Buffer): boolean {
    const { bytesPerSecond = Infinity } = this.#shape
    this.#freeAt = Math.max(this.#freeAt, performance.now()) + (1_000 * chunk.length) / bytesPerSecond
    const { limit } = this
    if (limit === undefined || chunk.length < limit.bytes) {
      if (limit !== undefined) limit.bytes -= chunk.length
      this.#to.write(chunk)
      return true
    }
    this.limit = undefined
    this.swallowing = true
    this.#to.write(chunk.subarray(0, limit.bytes), limit.reached)
    return false
  }
}
