/** Lines that are served unless `LINES` says otherwise; the same default as the server's. */
const DEFAULT_LINES = 'websocket,longpoll,mqtt'

/** Names of the lines that the signaling server serves, as `LINES` has it. Read on the page's server. */
export function servedLines(): readonly string[] {
  return (process.env.LINES || DEFAULT_LINES).split(',').map((name) => name.trim())
}
