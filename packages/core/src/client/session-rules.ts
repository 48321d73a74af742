import type { ServerMessage } from '@patchbay/protocol'
import type { SessionRules } from '../session/index.ts'

/** Outbox limits of a client: small enough for the hub to accept all of it at once. */
const OUTBOX = { frames: 256, size: 512 * 1024 }

/** Rules before the welcome, which brings the server's numbers: only the attempt's timeout applies. */
export const rulesBeforeWelcome: SessionRules = { pingMs: 60_000, deadMs: Infinity, slowMs: Infinity, outbox: OUTBOX }

/** The client pings half as often as the server and waits twice as long for acknowledgements. */
export function rulesOf({ heartbeatMs, deadMs }: Extract<ServerMessage, { type: 'welcome' }>): SessionRules {
  return { pingMs: 2 * heartbeatMs, deadMs, slowMs: 2 * deadMs, outbox: OUTBOX }
}
