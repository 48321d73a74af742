import type { Duplex } from 'node:stream'
import { WriteBatcher } from '@patchbay/core/transport'
import type { WebSocket } from 'ws'

/** First byte of a text message that is complete in one frame (RFC 6455 §5.2). */
const FINAL_TEXT = 0x81

/** Encodes one text message as a single unmasked frame, as servers send it (RFC 6455 §5.2). */
function frameText(text: string): Buffer {
  const size = Buffer.byteLength(text)
  const head = size < 126 ? 2 : size < 65_536 ? 4 : 10
  const frame = Buffer.allocUnsafe(head + size)
  frame[0] = FINAL_TEXT
  if (head === 2) frame[1] = size
  else if (head === 4) frame.writeUInt16BE(size, frame.writeUInt8(126, 1))
  else frame.writeBigUInt64BE(BigInt(size), frame.writeUInt8(127, 1))
  frame.write(text, head)
  return frame
}

/** Cache of the last message framed: a notice for a whole room is one string and is framed once. */
let last = { text: '', frame: frameText('') }

const writeBatcher = new WriteBatcher(setImmediate)

/**
 * Writes text messages of one WebSocket straight to its socket. All messages of one turn of the event loop leave in
 * one write.
 */
export class FrameWriter {
  readonly #webSocket: WebSocket
  readonly #socket: Duplex
  #frames: Buffer[] = []
  #size = 0

  constructor(webSocket: WebSocket, socket: Duplex) {
    this.#webSocket = webSocket
    this.#socket = socket
  }

  /** Bytes not yet accepted by the operating system. */
  get waitingBytes(): number {
    return this.#size + this.#socket.writableLength
  }

  write(text: string): void {
    if (last.text !== text) last = { text, frame: frameText(text) }
    if (this.#frames.length === 0) writeBatcher.add(this)
    this.#frames.push(last.frame)
    this.#size += last.frame.length
  }

  /** Writes all pending frames now: nothing may follow a close frame (RFC 6455 §5.5.1). */
  flush(): void {
    const frames = this.#frames
    const size = this.#size
    this.#frames = []
    this.#size = 0
    if (size === 0 || this.#webSocket.readyState !== this.#webSocket.OPEN) return
    this.#socket.write(frames.length === 1 ? frames[0] : Buffer.concat(frames, size))
  }
}
