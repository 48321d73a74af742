import type { ConversationEntry, MessageEntry, Person } from '@patchbay/core/conversation'
import type { Transfer } from '@patchbay/core/files'
import type { PeerId } from '@patchbay/protocol'

/** A file in the log: one that somebody offers, or one that this person has offered to one or several others. */
export interface FileEntry {
  readonly kind: 'file'
  readonly key: string
  /** `undefined`: sent by this client. */
  readonly from: PeerId | undefined
  /** Name of the sender. */
  readonly name: string
  readonly fileName: string
  /** Wall clock, milliseconds since 1970. */
  readonly at: number
}

/** One line of the log. */
export type LogEntry = ConversationEntry | FileEntry

/** New entries that are said one after the other when many come at once: the last ones. */
const MOST_SAID = 5

/**
 * The entries that came after the one that was last before, at most so many as one would listen to: of the history that an empty
 * log gets, only the last one. One whose last entry was taken away has nothing new.
 */
export function newEntries(entries: readonly LogEntry[], lastBefore: string | undefined): readonly LogEntry[] {
  if (lastBefore !== undefined) {
    const known = entries.findLastIndex(({ key }) => key === lastBefore)
    return known < 0 ? [] : entries.slice(known + 1).slice(-MOST_SAID)
  }
  const live = entries.filter((entry) => originOf(entry).kind === 'sinceYouCame')
  return live.length > 0 ? live.slice(-MOST_SAID) : entries.slice(-1)
}

/** Whether somebody else's message means the person with that id by a name in it. */
export function isMeant(entry: LogEntry, self: string): boolean {
  return entry.kind === 'message' && entry.from !== undefined && entry.mentions.some((id) => id === self)
}

/**
 * What becomes of an own message that nobody has. Whoever has come since it was sent to nobody gets it only from history.
 * @param now `kept`: whoever comes later gets it; `isAlone`: nobody else is in the room.
 */
export function unreceived(
  { alone }: MessageEntry,
  { kept, isAlone }: { readonly kept: boolean; readonly isAlone: boolean },
): 'underway' | 'nobodyYet' | 'alone' {
  if (isAlone || (alone === true && !kept)) return kept ? 'nobodyYet' : 'alone'
  return 'underway'
}

/** Where a line of the log is from: said above the first of several. */
export type Origin =
  /** From before this page came, as its author tells it. */
  | { readonly kind: 'earlier' }
  /** From before this page came, as another member tells it. */
  | { readonly kind: 'passedOn'; readonly by: Person }
  | { readonly kind: 'sinceYouCame' }

/** @returns where an entry is from, if that is not where the one before it is from. */
export function newOrigin(entry: LogEntry, previous: LogEntry | undefined): Origin | undefined {
  const [origin, before] = [originOf(entry), originOf(previous)]
  const isSameTeller = origin.kind !== 'passedOn' || before.kind !== 'passedOn' || origin.by.id === before.by.id
  return origin.kind === before.kind && isSameTeller ? undefined : origin
}

function originOf(entry: LogEntry | undefined): Origin {
  if (entry?.kind !== 'message' || entry.earlier === undefined) return { kind: 'sinceYouCame' }
  return entry.earlier.id === entry.from ? { kind: 'earlier' } : { kind: 'passedOn', by: entry.earlier }
}

/** Whether a file is waiting for this person's answer. */
export function isAsking({ direction, state }: Transfer): boolean {
  return direction === 'in' && state.phase === 'offered'
}
