/**
 * Encodes a PUBLISH packet, QoS 0, not retained (MQTT 3.1.1 §3.3). An all-ASCII packet is returned as a string with one
 * character per byte (latin1), which needs no intermediate buffer.
 */
export function publishPacket(topic: string, payload: string): string | Buffer {
  const payloadSize = Buffer.byteLength(payload)
  const size = 2 + topic.length + payloadSize
  // The length is encoded in groups of seven bits, lowest first (§2.2.3).
  let head = '\x30'
  for (let rest = size; ; rest >>>= 7) {
    head += String.fromCharCode((rest & 0x7f) | (rest >= 0x80 ? 0x80 : 0))
    if (rest < 0x80) break
  }
  head += String.fromCharCode(topic.length >> 8, topic.length & 0xff) + topic
  if (payloadSize === payload.length) return head + payload
  return Buffer.concat([Buffer.from(head, 'latin1'), Buffer.from(payload)])
}
