import type { ConversationPage, MessageReference, PastMessage, PeerId } from '@patchbay/protocol'
import { createMessage, type ConversationEntry, type MessageEntry, type Person } from './entry.ts'
import { type Measured, pageOf, PAGE_SIZE } from './own-statements.ts'

/** Messages taken from one member, and their total size, in UTF-16 code units. */
export const MAX_HISTORY = { messages: 500, size: 262_144 }
/** Members asked for history, and parts of an answer. */
export const MAX_TELLERS = 3
export const MAX_PAGES = 64
/** How long a member may take to tell all, or from one part that is not small to the next, in milliseconds; then another is asked besides. */
export const TELLING_MS = 20_000
/** A part of this size is not small, in the units of {@link MAX_HISTORY}: a full one has at least twice as much, mostly. */
export const FAIR_PART_SIZE = 5_000

/** How much one member has told of what was said before, over all attempts to ask it. */
export interface Told {
  messages: number
  size: number
  /** Parts that were asked for, also those that did not come. */
  parts: number
  /** The oldest message it has told of. */
  oldest: MessageReference | undefined
  /** It has nothing to add. */
  isOver: boolean
  /** When it was asked for the first time, or has told a part that is not small; in milliseconds on a monotonic clock. */
  since: number
}

/** How messages are named: on the wire by author and id, in this client by a key. */
export interface MessageNames {
  keyOf(by: PeerId, id: string): string
  /** `undefined` as long as this client does not know its own id. */
  refOf(key: string): MessageReference | undefined
}

/** The messages before one of them, or the last: as many as fit in one answer, oldest first. */
export function pastOf(
  entries: readonly ConversationEntry[],
  before: string | undefined,
  names: MessageNames,
): ConversationPage<PastMessage> {
  const end = before === undefined ? entries.length : entries.findIndex(({ key }) => key === before)
  const { items, more } = pageOf(pastBefore(entries, end, names))
  return { items: items.toReversed(), more }
}

/** The messages before an index, newest first. */
function* pastBefore(
  entries: readonly ConversationEntry[],
  end: number,
  names: MessageNames,
): Iterable<Measured<PastMessage>> {
  for (let i = end - 1; i >= 0; i -= 1) {
    const entry = entries[i]
    const item = entry?.kind === 'message' ? toPast(entry, names) : undefined
    if (item !== undefined) yield measure(item)
  }
}

/** A text alone always fits in an answer; with many reactions it may not, so they are left out. */
function measure({ reactions, ...bare }: PastMessage): Measured<PastMessage> {
  const item = reactions === undefined ? bare : { ...bare, reactions }
  const size = JSON.stringify(item).length
  return size <= PAGE_SIZE || reactions === undefined ? { item, size } : measure(bare)
}

function toPast(message: MessageEntry, names: MessageNames): PastMessage | undefined {
  const ref = names.refOf(message.key)
  if (ref === undefined) return undefined
  const to = message.replyTo === undefined ? undefined : names.refOf(message.replyTo)
  return {
    ...ref,
    name: message.name,
    at: message.at,
    text: message.text ?? null,
    ...(message.from === undefined && message.isSecondHand && { told: true as const }),
    ...(message.edited && { edited: true as const }),
    ...(to !== undefined && { to }),
    ...(message.mentions.length > 0 && { mentions: [...message.mentions] }),
    ...(message.link !== undefined && { link: message.link }),
    ...(message.reactions.length > 0 && {
      reactions: message.reactions.map(({ emoji, by }) => ({ emoji, by: [...by] })),
    }),
  }
}

/**
 * A message as `teller` has passed it on. Its time is no later than now: it is only shown, and orders what is earlier.
 * @param personOf somebody by the name that this client knows, or else by the one that was told.
 */
export function fromPast(
  past: PastMessage,
  teller: Person,
  self: PeerId | undefined,
  names: MessageNames,
  personOf: (id: PeerId, told: string) => Person,
): MessageEntry {
  const isOwn = past.by === self
  return createMessage({
    key: names.keyOf(past.by, past.id),
    from: isOwn ? undefined : past.by,
    name: personOf(past.by, past.name).name,
    text: past.text ?? undefined,
    at: Math.min(past.at, Date.now()),
    edited: past.edited === true,
    replyTo: past.to && names.keyOf(past.to.by, past.to.id),
    mentions: [...new Set(past.mentions)],
    link: past.link,
    // Each emoji once, and each person once at it.
    reactions: uniqueBy(past.reactions ?? [], ({ emoji }) => emoji).map(({ emoji, by }) => ({
      emoji,
      by: uniqueBy(by, ({ id }) => id).map(({ id, name }) => personOf(id, name)),
    })),
    earlier: teller,
    isSecondHand: past.by !== teller.id || past.told === true,
    received: isOwn ? [teller.id] : [],
  })
}

function uniqueBy<T>(items: readonly T[], keyOf: (item: T) => string): readonly T[] {
  return [...new Map(items.map((item) => [keyOf(item), item])).values()]
}
