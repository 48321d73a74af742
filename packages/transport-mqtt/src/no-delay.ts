import type { MqttClient } from 'mqtt'

/**
 * Sends each packet at once. By default TCP holds a small one until the other end has acknowledged those before it (Nagle's
 * algorithm, RFC 896), which takes 40 ms where that end waits for something to send along. Over WebSocket there is nothing to set.
 */
export function sendAtOnce({ stream }: MqttClient): void {
  const socket: object = stream
  if ('setNoDelay' in socket && typeof socket.setNoDelay === 'function') socket.setNoDelay(true)
}
