import type { ServerMessage } from '@patchbay/protocol'
import type { SessionRules } from '../session/index.ts'

/** What a client keeps for a line that is down: little enough for the hub to take it at once. */
const OUTBOX = { frames: 256, size: 512 * 1024 }

/** Until the server has said its own numbers, the timer of the attempt rules: it ends before the first ping. */
export const rulesBeforeWelcome: SessionRules = { pingMs: 60_000, deadMs: Infinity, slowMs: Infinity, outbox: OUTBOX }

/** The client pings half as often as the server, and waits twice as long for what it sent. */
export function rulesOf({ heartbeatMs, deadMs }: Extract<ServerMessage, { type: 'welcome' }>): SessionRules {
  return { pingMs: 2 * heartbeatMs, deadMs, slowMs: 2 * deadMs, outbox: OUTBOX }
}
