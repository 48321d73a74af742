import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { TokenBucket } from '@patchbay/core/hub'
import { WriteBatcher } from '@patchbay/core/transport'
import type { WebSocket } from 'ws'
import { type MqttRate, PacketBudget } from './packet-budget.ts'
import { PacketReader } from './packet-reader.ts'

/** Bytes that may be queued for a client before it is cut. */
const MAX_QUEUED_BYTES = 2_097_152
/** How long a client has to read the data written before the end. */
const FAREWELL_MS = 2_000
/** A packet that is not whole after this long is given up, with its connection. */
const PACKET_MS = 10_000

const writeBatcher = new WriteBatcher(setImmediate)

/** A client's socket, TCP or WebSocket, as {@link GuardedStream} uses it. */
export interface RawLine {
  /** `bytes` returns whether the chunk has completed a packet. */
  start(bytes: (chunk: Buffer) => boolean, ended: () => void): void
  /** In a string, each character is one byte (latin1). */
  send(bytes: string | Buffer): void
  /** Bytes sent that the operating system has not accepted yet. */
  readonly queued: number
  pause(): void
  resume(): void
  /** Closes the socket after pending data. */
  end(): void
  destroy(): void
}

/** A TCP client. */
export function rawTcp(socket: Socket): RawLine {
  socket.setNoDelay(true)
  return {
    start(bytes, ended) {
      socket.on('data', bytes).on('error', ended).on('end', ended).on('close', ended)
    },
    send: (bytes) => socket.writable && socket.write(bytes, 'latin1'),
    get queued() {
      return socket.writableLength
    },
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    end: () => socket.end(),
    destroy: () => socket.destroy(),
  }
}

/** What is no part of a packet: pings, pongs, empty messages, and messages after the end of the connection. */
const UNSEEN_RATE = { perSecond: 20, burst: 400 }
/** Messages that one packet may come in: some clients send each field of a packet in a message of its own. */
const MAX_PARTS = 256

/** An MQTT client on a WebSocket: binary messages only (MQTT 3.1.1 §6). */
export function rawWebSocket(webSocket: WebSocket): RawLine {
  const unseen = new TokenBucket(UNSEEN_RATE, performance.now())
  const countUnseen = () => {
    if (unseen.tryTake(1, performance.now())) return
    if (webSocket.readyState === webSocket.OPEN) webSocket.terminate()
    // A reset would take the reason for the end from the client.
    else webSocket.pause()
  }
  let parts = 0
  return {
    start(bytes, ended) {
      webSocket.on('message', (data: Buffer, isBinary) => {
        if (webSocket.readyState !== webSocket.OPEN) return countUnseen()
        if (!isBinary) return webSocket.close(1003)
        if (bytes(data)) parts = 0
        else if (data.length === 0) countUnseen()
        else if ((parts += 1) >= MAX_PARTS) webSocket.terminate()
      })
      webSocket.on('ping', countUnseen).on('pong', countUnseen)
      webSocket.on('error', ended).on('close', ended)
    },
    send: (bytes) => webSocket.readyState === webSocket.OPEN && webSocket.send(bufferOf(bytes)),
    get queued() {
      return webSocket.bufferedAmount
    },
    pause: () => webSocket.pause(),
    resume: () => webSocket.resume(),
    end: () => webSocket.close(1000),
    destroy: () => webSocket.terminate(),
  }
}

/**
 * Guards the broker against an untrusted client. Inbound, it passes only packets that {@link PacketReader} accepts.
 * Outbound, a write never waits, so a client that reads nothing cannot block the broker, and is cut when too much is
 * queued for it. Packets of one event-loop turn leave in one write.
 */
export class GuardedStream extends Duplex {
  readonly #raw: RawLine
  readonly #reader = new PacketReader()
  readonly #budget: PacketBudget
  /** Sees each packet before the broker. @returns `true` when the broker need not see it. */
  #divert: ((packet: Buffer) => boolean) | undefined
  #silence: NodeJS.Timeout | undefined
  /** Runs while a packet is not whole. */
  #unfinished: NodeJS.Timeout | undefined
  #pending: (string | Buffer)[] = []
  #pendingBytes = 0

  constructor(raw: RawLine, rate: MqttRate) {
    super({ allowHalfOpen: false })
    this.#raw = raw
    this.#budget = new PacketBudget(rate)
    raw.start(
      (bytes) => {
        if (this.destroyed) return false
        let packets = 0
        const take = (packet: Buffer) => {
          packets += 1
          this.#pass(packet)
        }
        if (!this.#reader.read(bytes, take)) {
          this.#cut()
          return false
        }
        if (bytes.length > 0) this.#silence?.refresh()
        const { isWhole } = this.#reader
        // What is not whole now has begun with this chunk if the chunk has ended a packet.
        if (isWhole || packets > 0) {
          clearTimeout(this.#unfinished)
          this.#unfinished = undefined
        }
        if (!isWhole) this.#unfinished ??= setTimeout(() => this.#cut(), PACKET_MS)
        return packets > 0
      },
      () => {
        if (this.readableLength > 0) this.push(null)
        else this.destroy()
      },
    )
  }

  /** From now on `divert` gets each packet first; packets for which it returns `true` do not reach the broker. */
  divert(divert: (packet: Buffer) => boolean): void {
    this.#divert = divert
  }

  /** The client is no line's: less is taken of it. */
  tighten(): void {
    this.#budget.tighten()
  }

  /** Cuts the client after 1.5 × `seconds` of silence (MQTT 3.1.1 §3.1.2.10). */
  keepAlive(seconds: number): void {
    this.#silence = setTimeout(() => this.#cut(), 1_500 * seconds)
  }

  override _read(): void {
    this.#raw.resume()
  }

  // Bypasses Node's queue, which is discarded when the stream is destroyed: a refusal in it would be lost.
  override write(chunk: string | Uint8Array, ...rest: unknown[]): boolean {
    const done = rest.find((argument): argument is () => void => typeof argument === 'function')
    if (done !== undefined) process.nextTick(done)
    this.send(Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk))
    return true
  }

  /** Writes one packet. In a string, each character is one byte (latin1). */
  send(packet: string | Buffer): void {
    if (this.destroyed) return
    if (this.#pending.length === 0) writeBatcher.add(this)
    this.#pending.push(packet)
    this.#pendingBytes += packet.length
    if (this.#pendingBytes + this.#raw.queued > MAX_QUEUED_BYTES) this.#cut()
  }

  override cork(): void {}
  override uncork(): void {}

  override _write(_chunk: unknown, _encoding: unknown, done: () => void): void {
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearTimeout(this.#silence)
    clearTimeout(this.#unfinished)
    this.flush()
    this.#raw.end()
    const timer = setTimeout(() => this.#raw.destroy(), FAREWELL_MS)
    timer.unref()
    done(error)
  }

  #pass(packet: Buffer): void {
    if (this.destroyed) return
    if (!this.#budget.take(packet.length)) return this.#cut()
    if (this.#divert?.(packet) === true) return
    if (!this.push(packet)) this.#raw.pause()
  }

  #cut(): void {
    this.#pending = []
    this.destroy()
    this.#raw.destroy()
  }

  /** Writes the packets of this turn to the socket. */
  flush(): void {
    const pending = this.#pending
    if (pending.length === 0) return
    this.#pending = []
    this.#pendingBytes = 0
    const plain = pending.every((packet) => typeof packet === 'string')
    this.#raw.send(plain ? pending.join('') : Buffer.concat(pending.map(bufferOf)))
  }
}

function bufferOf(bytes: string | Buffer): Buffer {
  return typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes
}
