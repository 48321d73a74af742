import { connect } from 'node:net'

const OPCODE_TEXT = 1
const OPCODE_BINARY = 2
const OPCODE_CLOSE = 8

/** One masked frame of a client (RFC 6455 §5.2). The mask is zero, which costs the server as much as any other. */
function frame(payload, opcode = OPCODE_TEXT) {
  const size = Buffer.byteLength(payload)
  const head = size < 126 ? 2 : 4
  const bytes = Buffer.allocUnsafe(head + 4 + size)
  bytes[0] = 0x80 | opcode
  bytes[1] = 0x80 | (head === 2 ? size : 126)
  if (head === 4) bytes.writeUInt16BE(size, 2)
  bytes.fill(0, head, head + 4)
  if (typeof payload === 'string') bytes.write(payload, head + 4)
  else payload.copy(bytes, head + 4)
  return bytes
}

/**
 * A minimal WebSocket client, so that the load generator is never the bottleneck. It reads only unmasked, unfragmented
 * frames, as servers send them.
 */
export class RawWebSocket {
  #socket
  #rest = Buffer.alloc(0)
  #open = false

  /** @param {{ open: () => void, text: (payload: Buffer) => void, failed: (error: Error) => void }} handlers */
  constructor(port, path, handlers, protocol) {
    const headers = ['Host: 127.0.0.1', 'Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13']
    headers.push('Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==')
    if (protocol !== undefined) headers.push(`Sec-WebSocket-Protocol: ${protocol}`)
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true })
    this.#socket.on('error', handlers.failed)
    this.#socket.on('data', (chunk) => this.#take(chunk, handlers))
    this.#socket.write(`GET ${path} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`)
  }

  send(text) {
    this.#socket.write(frame(text))
  }

  /** @param {Buffer} bytes */
  sendBinary(bytes) {
    this.#socket.write(frame(bytes, OPCODE_BINARY))
  }

  close() {
    this.#socket.end(frame('', OPCODE_CLOSE))
  }

  #take(chunk, handlers) {
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    if (!this.#open) {
      const end = bytes.indexOf('\r\n\r\n')
      if (end < 0) return void (this.#rest = bytes)
      if (!bytes.subarray(0, 12).equals(Buffer.from('HTTP/1.1 101'))) {
        return handlers.failed(new Error(bytes.toString('latin1', 0, end)))
      }
      bytes = bytes.subarray(end + 4)
      this.#open = true
      handlers.open()
    }
    while (bytes.length >= 2) {
      const short = bytes[1] & 0x7f
      const head = short < 126 ? 2 : short === 126 ? 4 : 10
      if (bytes.length < head) break
      const size = short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2))
      if (bytes.length < head + size) break
      if ((bytes[0] & 0x0f) <= OPCODE_BINARY) handlers.text(bytes.subarray(head, head + size))
      bytes = bytes.subarray(head + size)
    }
    this.#rest = bytes
  }
}
