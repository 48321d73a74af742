/** Largest packet of a client: a frame with its number and topic. Before it has introduced itself, much less. */
const MAX_PACKET_BYTES = 65_536 + 256
const MAX_CONNECT_BYTES = 4_096

/** First bytes of the packets that a client may send after CONNECT: nothing above QoS 0, nothing retained. */
const allowed: ReadonlySet<number> = new Set([
  0x30, // PUBLISH
  0x82, // SUBSCRIBE
  0xa2, // UNSUBSCRIBE
  0xc0, // PINGREQ
  0xe0, // DISCONNECT
])
const CONNECT = 0x10

/**
 * Reads the fixed headers of a client's packets (MQTT 3.1.1 §2.2), before anything is kept in memory for them: a broker
 * otherwise collects whatever length a stranger announces.
 */
export class PacketGuard {
  /** Bytes of the packet still to come; -1 while its header is being read. */
  #body = -1
  #first: number | undefined
  #length = 0
  #shift = 0
  #connected = false

  /** @returns `false` when these bytes hold what no client of ours sends. */
  accepts(bytes: Uint8Array): boolean {
    for (let at = 0; at < bytes.length;) {
      if (this.#body > 0) {
        const skipped = Math.min(this.#body, bytes.length - at)
        at += skipped
        this.#body -= skipped
      } else if (!this.#header(bytes[at++] ?? 0)) {
        return false
      }
      if (this.#body === 0) this.#next()
    }
    return true
  }

  #header(byte: number): boolean {
    if (this.#first === undefined) {
      this.#first = byte
      return this.#connected ? allowed.has(byte) : byte === CONNECT
    }
    this.#length |= (byte & 0x7f) << this.#shift
    this.#shift += 7
    if (this.#length > (this.#connected ? MAX_PACKET_BYTES : MAX_CONNECT_BYTES)) return false
    if (byte < 0x80) this.#body = this.#length
    return byte < 0x80 || this.#shift <= 21
  }

  #next(): void {
    this.#connected = true
    this.#body = -1
    this.#first = undefined
    this.#length = 0
    this.#shift = 0
  }
}
