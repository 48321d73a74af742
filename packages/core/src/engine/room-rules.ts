import type { PeerId, PeerInfo } from '@patchbay/protocol'

/** What a host has said about somebody. */
export type Verdict = 'admitted' | 'removed'

/** Who may come into a room, for as long as it lasts. */
export interface RoomRules {
  /** Derived from the key of whoever is its host; absent: nobody has shown one. */
  readonly host?: string
  /** Newcomers have to be let in. */
  readonly isLocked: boolean
  /** How often they were changed. */
  readonly revision: number
  /** By peer id, the oldest first. */
  readonly verdicts: Readonly<Record<string, Verdict>>
}

/** One change of them, by a host. */
export type RuleChange =
  /** Whoever has a seat may come back to the locked room without being let in. */
  | { readonly type: 'lock'; readonly isLocked: boolean }
  | { readonly type: 'verdict'; readonly peer: PeerId; readonly verdict: Verdict }
  /** Whoever has shown the key of this host is one, if the room has none. */
  | { readonly type: 'host'; readonly host: string }

const OPEN: RoomRules = { isLocked: false, revision: 0, verdicts: {} }

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

/**
 * @param members who has a seat.
 * @returns the rules after a change; the same object when it changes nothing.
 */
export function withChange(rules: RoomRules = OPEN, change: RuleChange, members: () => readonly PeerId[]): RoomRules {
  const { verdicts } = rules
  if (change.type === 'host') return rules.host === undefined ? changed(rules, { host: change.host }) : rules
  if (change.type === 'verdict') {
    const { peer, verdict } = change
    return verdicts[peer] === verdict ? rules : changed(rules, { verdicts: withVerdicts(verdicts, [[peer, verdict]]) })
  }
  if (change.isLocked === rules.isLocked) return rules
  if (!change.isLocked) {
    const removed = Object.entries(verdicts).filter(([, verdict]) => verdict === 'removed')
    return changed(rules, { isLocked: false, verdicts: Object.fromEntries(removed) })
  }
  const fresh = members().filter((peer) => verdicts[peer] === undefined)
  const admitted = fresh.map((peer) => [peer, 'admitted'] as const)
  return changed(rules, { isLocked: true, verdicts: withVerdicts(verdicts, admitted) })
}

/** @returns whether rules that a node remembers count more than those that are there since the engine has lost them. */
export function outranks(remembered: RoomRules, found: RoomRules | undefined): boolean {
  return found === undefined || found.host !== remembered.host || found.revision < remembered.revision
}

function changed(rules: RoomRules, change: Partial<RoomRules>): RoomRules {
  return { ...rules, ...change, revision: rules.revision + 1 }
}

function withVerdicts(
  verdicts: RoomRules['verdicts'],
  said: readonly (readonly [PeerId, Verdict])[],
): RoomRules['verdicts'] {
  const all = new Map<string, Verdict>(Object.entries(verdicts))
  for (const [peer, verdict] of said) {
    all.delete(peer)
    all.set(peer, verdict)
  }
  return Object.fromEntries([...all].slice(-MAX_VERDICTS))
}

/** By what somebody who enters may be the room's host. */
export interface Claim {
  /** Derived from its key: it is the room's host if it was before, or opens the room. */
  readonly host?: string | undefined
  /** A room without a host is opened with a key though others are in it: after a restart they may only have been back sooner. */
  readonly afterOthers?: boolean
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
 * Decides whether somebody gets a seat, and whether as a host: it was one before, or has shown the key of the rules, or opens the
 * room with one. A room in which others are without a host has none: no latecomer rules over them.
 */
export function passDoor(
  { rules, hasSeat, others, max }: Door,
  info: Pick<PeerInfo, 'id' | 'host'>,
  { host, afterOthers = false }: Claim,
):
  | { readonly refused: 'full' | 'locked' | 'removed' }
  | { readonly isHost: boolean; readonly rules: RoomRules | undefined } {
  const mayOpen = host !== undefined && (others === 0 || afterOthers)
  const opened = rules ?? (mayOpen ? rulesOf(host) : undefined)
  const isHost = info.host === true || (host !== undefined && opened?.host === host)
  const refused = barrier(opened, { peer: info.id, isHost, hasSeat }) ?? (others >= max ? 'full' : undefined)
  return refused === undefined ? { isHost, rules: opened } : { refused }
}

/** @returns rules as another node has written them; `undefined` for anything else. */
export function readRules(value: unknown): RoomRules | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { host, isLocked, revision, verdicts } = value as Record<string, unknown>
  if (host !== undefined && typeof host !== 'string') return undefined
  if (typeof isLocked !== 'boolean' || typeof verdicts !== 'object' || verdicts === null) return undefined
  if (typeof revision !== 'number' || !Number.isSafeInteger(revision)) return undefined
  for (const verdict of Object.values(verdicts)) if (verdict !== 'admitted' && verdict !== 'removed') return undefined
  return { ...(host !== undefined && { host }), isLocked, revision, verdicts: verdicts as RoomRules['verdicts'] }
}
