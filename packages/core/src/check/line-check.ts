import { createInstanceId, createPeerSecret, type IceServer } from '@patchbay/protocol'
import { SignalingClient } from '../client/index.ts'
import type { Dialer } from '../transport/index.ts'

/** What came of trying one line. */
export interface LineResult {
  /** From greeting to welcome, in milliseconds. */
  readonly roundTripMs: number
  /** What the server gave. */
  readonly iceServers: readonly IceServer[]
}

/** A line that has not been welcomed on by then does not work. */
const WELCOME_MS = 8_000

/** Tries one line as a stranger who enters no room. @throws {Error} when the server cannot be reached by it. */
export async function tryLine(dialer: Dialer): Promise<LineResult> {
  const client = new SignalingClient({
    dialers: [dialer],
    secret: createPeerSecret(),
    instance: createInstanceId(),
  })
  try {
    return await new Promise<LineResult>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('Nobody has answered in time.')), WELCOME_MS)
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
