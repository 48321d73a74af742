/**
 * Sends on an open data channel. @returns `false` when the platform refuses: the peer says that it takes less than every browser
 * does (`max-message-size`, RFC 8841 §6), and whoever sends to others as well must go on.
 */
export function trySend(channel: RTCDataChannel, frame: string): boolean {
  try {
    channel.send(frame)
    return true
  } catch {
    return false
  }
}
