import { MAX_DURATION_MS, MAX_ROSTER } from '@patchbay/protocol'
import type { OutboxLimits } from '../session/index.ts'
import type { Rate } from '../token-bucket.ts'

/** All limits of a hub, with the code sent when one is exceeded (docs/session.md). Durations in milliseconds. */
export interface HubLimits {
  /** Time for the first message: `hello_timeout`. */
  readonly helloMs: number
  /** Size of the first message in UTF-16 code units: `too_big`. */
  readonly helloSize: number
  /** The hub pings a session this long after its last ping. Where it is longer, silences may be longer alike unless `deadMs` is given. */
  readonly heartbeatMs: number
  /** A line silent for this long is dead and its member `away`. */
  readonly deadMs: number
  /** A line that leaves a message unacknowledged for this long is cut: `slow_consumer`. */
  readonly slowMs: number
  /** A member that was silent for this long is removed as `lost`. */
  readonly lostMs: number
  /** How long a session outlives its line. */
  readonly resumeMs: number
  /** Unacknowledged messages kept for a session: `slow_consumer`. */
  readonly outbox: OutboxLimits
  /** Messages of one session: `rate_limited` after {@link rateGraceMs} over it. */
  readonly messages: Rate
  /** Size of those messages, in UTF-16 code units. */
  readonly traffic: Rate
  readonly rateGraceMs: number
  /** Rooms a session may join: `too_fast`. */
  readonly joins: Rate
  /** What a host says about who may come in: `too_fast`. */
  readonly rules: Rate
  /** Rooms one session may be in: `too_many_rooms`. */
  readonly roomsPerSession: number
  /** Members of one room: `room_full`. */
  readonly peersPerRoom: number
  /** Sessions of the whole hub, and of one network: whoever has no line for longest makes room, else `overloaded`. */
  readonly sessions: number
  readonly sessionsPerAddress: number
  /** What is kept for sessions without a line, in UTF-16 code units, in all and for those of one network: `peer_busy`. */
  readonly waitingSize: number
  readonly waitingSizePerAddress: number
}

/** The documented defaults. */
export const defaultHubLimits: HubLimits = {
  helloMs: 5_000,
  helloSize: 12_288,
  heartbeatMs: 2_500,
  deadMs: 5_500,
  slowMs: 5_000,
  lostMs: 6_500,
  resumeMs: 120_000,
  outbox: { frames: 512, size: 512 * 1024 },
  messages: { perSecond: 50, burst: 200 },
  traffic: { perSecond: 256 * 1024, burst: 1024 * 1024 },
  rateGraceMs: 3_000,
  joins: { perSecond: 2, burst: 16 },
  // After a restart of the server a host lets everybody in again who was there.
  rules: { perSecond: 4, burst: 128 },
  roomsPerSession: 8,
  peersPerRoom: 16,
  sessions: 10_000,
  sessionsPerAddress: 200,
  waitingSize: 64 * 1024 * 1024,
  waitingSizePerAddress: 4 * 1024 * 1024,
}

/** Heartbeats are no closer than this, in milliseconds. */
export const MIN_HEARTBEAT_MS = 250

/**
 * The defaults, with what is given in their place.
 * @throws {RangeError} that names the limit that is no number or below 0; of durations, no whole number of milliseconds of a day
 *   at most; and what no client could use: more members than a roster may have, heartbeats closer than 250 ms, or a silence that
 *   ends a line before the next of them.
 */
export function limitsOf(given: Partial<HubLimits> = {}): HubLimits {
  const wanted = Object.entries(given).filter(([, value]) => value !== undefined)
  const limits = { ...defaultHubLimits, ...longerSilences(given), ...Object.fromEntries(wanted) } as HubLimits
  requireNumbers('limits', limits)
  if (limits.peersPerRoom > MAX_ROSTER) throw new RangeError(`\`limits.peersPerRoom\` must be ${MAX_ROSTER} at most.`)
  if (limits.heartbeatMs < MIN_HEARTBEAT_MS)
    throw new RangeError(`\`limits.heartbeatMs\` must be ${MIN_HEARTBEAT_MS} or more.`)
  if (limits.deadMs <= limits.heartbeatMs)
    throw new RangeError('`limits.deadMs` must be more than `limits.heartbeatMs`.')
  return limits
}

/** How long a line and its member may be silent where heartbeats are rarer than usual, and nothing else is said. */
function longerSilences({ heartbeatMs, deadMs }: Partial<HubLimits>): Partial<HubLimits> {
  const usual = defaultHubLimits
  if (heartbeatMs === undefined || !(heartbeatMs > usual.heartbeatMs) || deadMs !== undefined) return {}
  const longer = (ms: number) => Math.min(MAX_DURATION_MS, Math.round((ms * heartbeatMs) / usual.heartbeatMs))
  const lostMs = longer(usual.lostMs)
  // The place of a member that is lost is kept as long as usual.
  const resumeMs = Math.min(MAX_DURATION_MS, lostMs + usual.resumeMs - usual.lostMs)
  return { deadMs: longer(usual.deadMs), slowMs: longer(usual.slowMs), lostMs, resumeMs }
}

function requireNumbers(name: string, value: unknown): void {
  if (typeof value === 'object' && value !== null)
    for (const [key, part] of Object.entries(value)) requireNumbers(`${name}.${key}`, part)
  else if (typeof value !== 'number' || !(value >= 0)) throw new RangeError(`\`${name}\` must be a number, 0 or more.`)
  else if (name.endsWith('Ms') && !(Number.isInteger(value) && value <= MAX_DURATION_MS))
    throw new RangeError(`\`${name}\` must be a whole number of milliseconds, ${MAX_DURATION_MS} at most.`)
}
