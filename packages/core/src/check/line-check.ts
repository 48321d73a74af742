import { createInstanceId, createPeerSecret, type IceServer } from '@patchbay/protocol'
import { SignalingClient } from '../client/index.ts'
import type { Dialer } from '../transport/index.ts'

/** Result of testing one line. */
export interface LineResult {
  /** From greeting to welcome, in milliseconds. */
  readonly roundTripMs: number
  /** The ICE servers that the server sent. */
  readonly iceServers: readonly IceServer[]
}

/** Timeout for the welcome on a line. */
const WELCOME_MS = 8_000

/** Tests one line with a fresh identity, without joining a room. @throws {Error} when it cannot reach the server. */
export async function tryLine(dialer: Dialer): Promise<LineResult> {
  const client = new SignalingClient({
    dialers: [dialer],
    secret: createPeerSecret(),
    instance: createInstanceId(),
  })
  try {
    return await new Promise<LineResult>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('The server did not answer in time.')), WELCOME_MS)
      client.subscribe(() => {
        const { status } = client.getSnapshot()
        if (status === 'reconnecting' || status === 'closed') reject(new Error('The line could not be opened.'))
        if (status !== 'online') return
        clearTimeout(timer)
        resolve({ roundTripMs: client.roundTripMs ?? 0, iceServers: client.iceServers.getSnapshot() })
      })
    })
  } finally {
    client.close()
  }
}
