import type { PeerId, PeerInfo } from '@patchbay/protocol'

/** What a host has said about somebody. */
export type Verdict = 'admitted' | 'removed'

/** Who may come into a room, for as long as it lasts. */
export interface RoomRules {
  /** Derived from the key of whoever is its host; absent: nobody has shown one. */
  readonly host?: string
  /** Newcomers have to be let in. */
  readonly isLocked: boolean
  /** By peer id, the oldest first. */
  readonly verdicts: Readonly<Record<string, Verdict>>
}

/** One change of them, by a host. */
export type RuleChange =
  /** `members` may come back to the locked room without being let in. */
  | { readonly type: 'lock'; readonly isLocked: boolean; readonly members: readonly PeerId[] }
  | { readonly type: 'verdict'; readonly peer: PeerId; readonly verdict: Verdict }

const OPEN: RoomRules = { isLocked: false, verdicts: {} }

/** @returns the rules of a room that has a host now. */
export function rulesOf(host: string): RoomRules {
  return { host, ...OPEN }
}

/** Verdicts that a room keeps; beyond that the oldest is forgotten. */
export const MAX_VERDICTS = 256

/** Somebody who wants to come in. */
interface Entrant {
  readonly peer: PeerId
  readonly isHost: boolean
  /** It has a place in the room already, perhaps with another session. */
  readonly hasSeat: boolean
}

/** @returns why somebody may not come in; `undefined` when it may. */
function barrier(rules: RoomRules = OPEN, { peer, isHost, hasSeat }: Entrant): 'locked' | 'removed' | undefined {
  if (isHost) return undefined
  const verdict = rules.verdicts[peer]
  if (verdict === 'removed') return 'removed'
  return rules.isLocked && !hasSeat && verdict !== 'admitted' ? 'locked' : undefined
}

/** @returns the rules after a change. */
export function withChange(rules: RoomRules = OPEN, change: RuleChange): RoomRules {
  if (change.type === 'verdict') return withVerdicts(rules, [[change.peer, change.verdict]])
  const { isLocked, members } = change
  if (isLocked) {
    const fresh = members.filter((peer) => rules.verdicts[peer] === undefined)
    return {
      ...withVerdicts(
        rules,
        fresh.map((peer) => [peer, 'admitted']),
      ),
      isLocked,
    }
  }
  const removed = Object.entries(rules.verdicts).filter(([, verdict]) => verdict === 'removed')
  return { ...rules, isLocked, verdicts: Object.fromEntries(removed) }
}

function withVerdicts(rules: RoomRules, said: readonly (readonly [PeerId, Verdict])[]): RoomRules {
  const all = new Map<string, Verdict>(Object.entries(rules.verdicts))
  for (const [peer, verdict] of said) {
    all.delete(peer)
    all.set(peer, verdict)
  }
  return { ...rules, verdicts: Object.fromEntries([...all].slice(-MAX_VERDICTS)) }
}

/** A room as somebody finds it who asks for a seat. */
export interface Door {
  readonly rules: RoomRules | undefined
  /** Whether the peer has a place in it already. */
  readonly hasSeat: boolean
  /** Places that others have, and how many there are. */
  readonly others: number
  readonly max: number
}

/**
 * Decides whether somebody gets a seat, and whether as a host: it was one before, or has shown the key of the rules, or is the
 * first to show one.
 * @param host derived from the key that it has shown.
 */
export function passDoor(
  { rules, hasSeat, others, max }: Door,
  info: Pick<PeerInfo, 'id' | 'host'>,
  host: string | undefined,
):
  | { readonly refused: 'full' | 'locked' | 'removed' }
  | { readonly isHost: boolean; readonly rules: RoomRules | undefined } {
  const opened = rules ?? (host === undefined ? undefined : rulesOf(host))
  const isHost = info.host === true || (host !== undefined && opened?.host === host)
  const refused = barrier(opened, { peer: info.id, isHost, hasSeat }) ?? (others >= max ? 'full' : undefined)
  return refused === undefined ? { isHost, rules: opened } : { refused }
}

/** @returns rules as another node has written them; `undefined` for anything else. */
export function readRules(value: unknown): RoomRules | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { host, isLocked, verdicts } = value as Record<string, unknown>
  if (host !== undefined && typeof host !== 'string') return undefined
  if (typeof isLocked !== 'boolean' || typeof verdicts !== 'object' || verdicts === null) return undefined
  for (const verdict of Object.values(verdicts)) if (verdict !== 'admitted' && verdict !== 'removed') return undefined
  return { ...(host !== undefined && { host }), isLocked, verdicts: verdicts as RoomRules['verdicts'] }
}
