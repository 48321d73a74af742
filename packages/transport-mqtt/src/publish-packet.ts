/** A whole PUBLISH packet, QoS 0, not retained (MQTT 3.1.1 §3.3). */
export function publishPacket(topic: string, payload: string): Buffer {
  const topicSize = Buffer.byteLength(topic)
  const size = 2 + topicSize + Buffer.byteLength(payload)
  const head = size < 0x80 ? 2 : size < 0x4000 ? 3 : 4
  const bytes = Buffer.allocUnsafe(head + size)
  bytes[0] = 0x30
  // The length travels in groups of seven bits, the lowest first (§2.2.3).
  for (let at = 1, rest = size; at < head; at += 1, rest >>>= 7) bytes[at] = (rest & 0x7f) | (at < head - 1 ? 0x80 : 0)
  bytes.writeUInt16BE(topicSize, head)
  bytes.write(topic, head + 2)
  bytes.write(payload, head + 2 + topicSize)
  return bytes
}
