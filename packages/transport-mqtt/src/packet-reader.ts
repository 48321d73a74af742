/** Largest packet of a client: a frame with its number and topic. Before it has introduced itself, much less. */
const MAX_PACKET_BYTES = 65_536 + 256
const MAX_CONNECT_BYTES = 4_096
/** Largest packet that is no message: a few topics. */
const MAX_CONTROL_BYTES = 1_024

const CONNECT = 0x10
const PUBLISH = 0x30
/** First bytes of the packets that a client may send after CONNECT: nothing above QoS 0, nothing retained. */
const allowed: ReadonlySet<number> = new Set([
  PUBLISH,
  0x82, // SUBSCRIBE
  0xa2, // UNSUBSCRIBE
  0xc0, // PINGREQ
  0xe0, // DISCONNECT
])

/**
 * Cuts what a client sends into packets (MQTT 3.1.1 §2.2). What may not pass is found by its fixed header, before
 * anything is kept in memory for it: a broker otherwise collects whatever length a stranger announces.
 */
export class PacketReader {
  #connected = false
  /** A fixed header of which the end has not come yet. */
  #head: Buffer | undefined
  /** A packet that is not whole yet, and how much of it is there. */
  #partial: Buffer | undefined
  #filled = 0

  /** Whether no packet has begun that has not ended. */
  get isWhole(): boolean {
    return this.#head === undefined && this.#partial === undefined
  }

  /** Hands over each packet that is whole. @returns `false` when these bytes hold what no client of ours sends. */
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

  /** Adds to the packet that is not whole yet. @returns the bytes used up. */
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

/** @returns bytes of the whole packet that begins at `at`, 0 while its header is not whole, `Infinity` if it is none. */
function sizeOf(bytes: Buffer, at: number): number {
  let length = 0
  // The length travels in groups of seven bits, the lowest first (§2.2.3).
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
