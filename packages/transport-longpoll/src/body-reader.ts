import type { IncomingMessage } from 'node:http'
import { networkOf } from '@patchbay/core/hub'
import { Refusal } from './refusal.ts'

/** A body that is not whole after this long is given up. */
const BODY_TIMEOUT_MS = 10_000
const SWEEP_MS = 1_000
/** What bodies that are not whole may hold, of one network and of all, in bytes. */
const MAX_NETWORK_BYTES = 4 * 1024 * 1024
const MAX_ALL_BYTES = 64 * 1024 * 1024
/** What keeping a piece of a body takes beside its bytes: chunked, each byte can be a piece (RFC 9112 §7.1). */
const PIECE_BYTES = 128

/** What a body may be. */
interface BodyLimits {
  readonly address: string
  /** Bytes, with {@link PIECE_BYTES} for each piece that it comes in. */
  readonly most: number
  /** A client sends one POST at a time: another of the same line takes the place of one that is not whole. */
  readonly line?: string
  /** Told of the bytes as they come. @throws {Refusal} when they are too many. */
  readonly count?: (bytes: number) => void
}

/** A body that is still coming. */
interface Reading {
  readonly since: number
  readonly network: string
  readonly line: string | undefined
  size: number
}

/** Reads bodies within bounds of time and memory, whoever sends them and however many at once. */
export class BodyReader {
  readonly #reading = new Map<IncomingMessage, Reading>()
  readonly #byLine = new Map<string, IncomingMessage>()
  readonly #byNetwork = new Map<string, number>()
  #size = 0
  readonly #sweep = setInterval(() => this.#giveUp(performance.now() - BODY_TIMEOUT_MS), SWEEP_MS).unref()

  /** Hands over the JSON of a body, or the {@link Refusal} that says why there is none. */
  read(request: IncomingMessage, { address, most, line, count }: BodyLimits, done: (body: unknown) => void): void {
    const chunks: Buffer[] = []
    const reading: Reading = { since: performance.now(), network: networkOf(address), line, size: 0 }
    this.#reading.set(request, reading)
    if (line !== undefined) {
      this.#byLine.get(line)?.destroy()
      this.#byLine.set(line, request)
    }
    const refuse = (refusal: Refusal) => {
      request.removeAllListeners('data').removeAllListeners('end').pause()
      this.#forget(request)
      done(refusal)
    }
    request.on('data', (chunk: Buffer) => {
      const bytes = chunk.length + PIECE_BYTES
      if (reading.size + bytes > most)
        return refuse(new Refusal(413, `A body may have at most ${most} bytes, and not come in tiny pieces.`))
      if (!this.#take(reading, bytes)) return refuse(new Refusal(503, 'Too many bodies at once; try again later.'))
      try {
        count?.(bytes)
      } catch (error) {
        return refuse(error as Refusal)
      }
      chunks.push(chunk)
    })
    request.on('end', () => {
      this.#forget(request)
      done(parse(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)))
    })
    request.on('close', () => this.#forget(request))
  }

  close(): void {
    clearInterval(this.#sweep)
    this.#giveUp(Infinity)
  }

  #take(reading: Reading, bytes: number): boolean {
    const ofNetwork = (this.#byNetwork.get(reading.network) ?? 0) + bytes
    if (ofNetwork > MAX_NETWORK_BYTES || this.#size + bytes > MAX_ALL_BYTES) return false
    this.#byNetwork.set(reading.network, ofNetwork)
    this.#size += bytes
    reading.size += bytes
    return true
  }

  #forget(request: IncomingMessage): void {
    const reading = this.#reading.get(request)
    if (reading === undefined) return
    this.#reading.delete(request)
    const { network, line, size } = reading
    if (line !== undefined && this.#byLine.get(line) === request) this.#byLine.delete(line)
    const left = (this.#byNetwork.get(network) ?? 0) - size
    if (left > 0) this.#byNetwork.set(network, left)
    else this.#byNetwork.delete(network)
    this.#size -= size
  }

  #giveUp(before: number): void {
    for (const [request, { since }] of this.#reading) if (since < before) request.destroy()
  }
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString())
  } catch {
    return new Refusal(400, 'The body is not JSON.')
  }
}
