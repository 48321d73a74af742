import { holdsLink } from '@patchbay/protocol'
import { type ConversationEntry, type MessageEntry, sizeOfLink, unreact } from './entry.ts'
import { Shares } from './shares.ts'

/** Entries kept, UTF-16 code units of their texts, and reactions to all of them. */
const MAX_ENTRIES = 5_000
const MAX_SIZE = 2_097_152
const MAX_REACTIONS = 32_768
/** What an entry counts besides its text, and what a mention counts. */
const ENTRY_SIZE = 64
const PERSON_SIZE = 32

/**
 * The entries of a conversation, within bounds: when there are too many, the oldest of whoever has the most is dropped, so
 * that nobody can push out what the others have said. Reactions count as of those who have put them there.
 */
export class ConversationLog {
  #entries = new Map<string, ConversationEntry>()
  readonly #sizes = new Shares()
  readonly #reactions = new Shares()
  #list: readonly ConversationEntry[] | undefined

  /** All entries, oldest first: the same list until something changes. */
  get list(): readonly ConversationEntry[] {
    return (this.#list ??= [...this.#entries.values()])
  }

  find(key: string): MessageEntry | undefined {
    const entry = this.#entries.get(key)
    return entry?.kind === 'message' ? entry : undefined
  }

  /** Adds an entry at the end. @returns `false` if there is one with the same key. */
  add(entry: ConversationEntry): boolean {
    if (this.#entries.has(entry.key)) return false
    this.#put(entry)
    this.#trim()
    return true
  }

  /**
   * Adds what was said before, in front of the rest, by time; of the same time what came last is first, because the newest is
   * told first. What an author tells of its own messages replaces what another has told of them.
   * @returns what was new or replaced.
   */
  addEarlier(messages: readonly MessageEntry[]): readonly MessageEntry[] {
    // Each once, whatever is told.
    const byKey = new Map(messages.map((message) => [message.key, message]))
    const news = [...byKey.values()].filter((one) => !this.#entries.has(one.key) || this.#isToldByOther(one))
    const added = news.filter(({ key }) => !this.#entries.has(key))
    for (const message of news) this.change(message.key, (old) => inPlaceOf(old, message))
    const before = [...this.#entries.values()]
    const earlier = before.filter(isEarlier)
    const rest = before.filter((entry) => !isEarlier(entry))
    for (const message of added) this.#put(message)
    const sorted = [...added, ...earlier].toSorted((a, b) => a.at - b.at)
    this.#entries = new Map([...sorted, ...rest].map((entry) => [entry.key, entry]))
    this.#trim()
    return news
  }

  /** Changes a message. @returns whether it is there. */
  change(key: string, change: (message: MessageEntry) => Partial<MessageEntry>): boolean {
    const before = this.find(key)
    if (before === undefined) return false
    this.#replace(before, change(before))
    this.#trim()
    return true
  }

  /** @returns whether a message as its author tells it is there, as somebody else has told it. */
  #isToldByOther({ key, isSecondHand }: MessageEntry): boolean {
    return !isSecondHand && this.find(key)?.isSecondHand === true
  }

  #put(given: ConversationEntry): void {
    const entry = withoutLostLink(given)
    this.#entries.set(entry.key, entry)
    this.#count(entry, 1)
  }

  #replace(before: MessageEntry, change: Partial<MessageEntry>): void {
    this.#count(before, -1)
    this.#put({ ...before, ...change })
  }

  #count(entry: ConversationEntry, sign: 1 | -1): void {
    this.#sizes.add(authorOf(entry), sign * sizeOf(entry))
    if (entry.kind === 'message')
      for (const { by } of entry.reactions) for (const { id } of by) this.#reactions.add(id, sign)
    this.#list = undefined
  }

  #trim(): void {
    while (this.#entries.size > MAX_ENTRIES || this.#sizes.total > MAX_SIZE) {
      const { heaviest } = this.#sizes
      const dropped = [...this.#entries.values()].find((entry) => authorOf(entry) === heaviest)
      if (dropped === undefined) break
      this.#entries.delete(dropped.key)
      this.#count(dropped, -1)
    }
    while (this.#reactions.total > MAX_REACTIONS) this.#halveReactions(this.#reactions.heaviest)
  }

  /** Takes away half of what somebody has reacted, on the oldest messages: one at a time, each would cost a walk through the log. */
  #halveReactions(person: string): void {
    const kept = this.#reactions.of(person) / 2
    for (const entry of this.#entries.values()) {
      if (this.#reactions.of(person) <= kept) return
      if (entry.kind === 'message' && entry.reactions.some(({ by }) => by.some(({ id }) => id === person)))
        this.#replace(entry, { reactions: unreact(entry.reactions, person) })
    }
  }
}

/** Reactions are the word of others: those that are here stay, unless the message was told of as taken back, without any. */
function inPlaceOf(old: MessageEntry, message: MessageEntry): MessageEntry {
  const hasReactions = old.text !== undefined && message.text !== undefined
  return hasReactions ? { ...message, reactions: old.reactions } : message
}

/** A link is shown with its title only as long as it is in the text. */
function withoutLostLink(entry: ConversationEntry): ConversationEntry {
  if (entry.kind !== 'message' || entry.link === undefined) return entry
  const { text = '', link, stated } = entry
  if (holdsLink(text, link.url)) return entry
  return { ...entry, link: undefined, stated: { ...stated, link: undefined } }
}

function isEarlier(entry: ConversationEntry): entry is MessageEntry {
  return entry.kind === 'message' && entry.earlier !== undefined
}

function sizeOf(entry: ConversationEntry): number {
  if (entry.kind !== 'message') return ENTRY_SIZE
  const { text = '', mentions, link } = entry
  return ENTRY_SIZE + text.length + PERSON_SIZE * mentions.length + sizeOfLink(link)
}

/** What somebody has passed on counts as theirs. Who came and went has one author. */
function authorOf(entry: ConversationEntry): string {
  if (entry.kind !== 'message') return 'room'
  return entry.earlier?.id ?? entry.from ?? 'self'
}
