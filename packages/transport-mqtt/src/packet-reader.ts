/** Largest packet of a client: a frame with its number and topic. CONNECT has a much lower limit. */
const MAX_PACKET_BYTES = 65_536 + 256
const MAX_CONNECT_BYTES = 4_096
/** Largest packet that is not a message: a few topics. */
const MAX_CONTROL_BYTES = 1_024

const CONNECT = 0x10
const PUBLISH = 0x30
/** First bytes of packets that a client may send after CONNECT: nothing above QoS 0, nothing retained. */
const allowed: ReadonlySet<number> = new Set([
  PUBLISH,
  0x82, // SUBSCRIBE
  0xa2, // UNSUBSCRIBE
  0xc0, // PINGREQ
  0xe0, // DISCONNECT
])

/**
 * Splits a client's bytes into packets (MQTT 3.1.1 §2.2). Forbidden packets are detected by their fixed header, before
 * any memory is allocated for them: otherwise a broker buffers whatever length an untrusted client announces.
 */
export class PacketReader {
  #connected = false
  /** An incomplete fixed header. */
  #head: Buffer | undefined
  /** An incomplete packet, and how many of its bytes have arrived. */
  #partial: Buffer | undefined
  #filled = 0

  /** Whether no packet has begun that has not ended. */
  get isWhole(): boolean {
    return this.#head === undefined && this.#partial === undefined
  }

  /** Passes each complete packet to `take`. @returns `false` when the bytes contain a forbidden packet. */
  read(chunk: Buffer, take: (packet: Buffer) => void): boolean {
    const bytes = this.#head === undefined ? chunk : Buffer.concat([this.#head, chunk])
    this.#head = undefined
    for (let at = this.#fill(bytes, take); at < bytes.length;) {
      const first = bytes[at] as number
      if (this.#connected ? !allowed.has(first) : first !== CONNECT) return false
      const size = sizeOf(bytes, at)
      const most = first === PUBLISH ? MAX_PACKET_BYTES : first === CONNECT ? MAX_CONNECT_BYTES : MAX_CONTROL_BYTES
      if (size > most) return false
      if (size === 0) {
        this.#head = Buffer.from(bytes.subarray(at))
        return true
      }
      this.#connected = true
      if (at + size <= bytes.length) {
        take(bytes.subarray(at, at + size))
      } else {
        this.#partial = Buffer.allocUnsafe(size)
        this.#filled = bytes.copy(this.#partial, 0, at)
      }
      at += size
    }
    return true
  }

  /** Adds to the incomplete packet. @returns the number of bytes consumed. */
  #fill(bytes: Buffer, take: (packet: Buffer) => void): number {
    const partial = this.#partial
    if (partial === undefined) return 0
    const used = bytes.copy(partial, this.#filled)
    this.#filled += used
    if (this.#filled === partial.length) {
      this.#partial = undefined
      take(partial)
    }
    return used
  }
}

/** @returns size of the packet that begins at `at`, 0 while its header is incomplete, `Infinity` if malformed. */
function sizeOf(bytes: Buffer, at: number): number {
  let length = 0
  // The length is encoded in groups of seven bits, lowest first (§2.2.3).
  for (let head = 1; head <= 4; head += 1) {
    const byte = bytes[at + head]
    if (byte === undefined) return 0
    length |= (byte & 0x7f) << (7 * (head - 1))
    if (byte < 0x80) return 1 + head + length
  }
  return Infinity
}

/** A PUBLISH at QoS 0 (MQTT 3.1.1 §3.3). @returns `undefined` when the packet is another one, or malformed. */
export function readPublish(packet: Buffer): { readonly topic: string; readonly payload: Buffer } | undefined {
  if (packet[0] !== PUBLISH) return undefined
  let at = 2
  while ((packet[at - 1] as number) >= 0x80) at += 1
  if (at + 2 > packet.length) return undefined
  const end = at + 2 + packet.readUInt16BE(at)
  if (end > packet.length) return undefined
  return { topic: packet.toString('latin1', at + 2, end), payload: packet.subarray(end) }
}
