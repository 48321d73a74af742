import { type ConversationEntry, type MessageEntry } from './entry.ts'

/** Entries kept, and UTF-16 code units of their texts and reactions. */
const MAX_ENTRIES = 5_000
const MAX_SIZE = 2_097_152
/** What an entry counts besides its text, and what a reaction or a mention counts. */
const ENTRY_SIZE = 64
const PERSON_SIZE = 32

/**
 * The entries of a conversation, within bounds: when there are too many, the oldest of whoever has the most is dropped, so
 * that nobody can push out what the others have said.
 */
export class ConversationLog {
  #entries = new Map<string, ConversationEntry>()
  readonly #sizes = new Map<string, number>()
  #size = 0
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
    this.#count(before, -1)
    const after = { ...before, ...change(before) }
    this.#count(after, 1)
    this.#entries.set(key, after)
    this.#trim()
    return true
  }

  /** @returns whether a message as its author tells it is there, as somebody else has told it. */
  #isToldByOther({ key, isSecondHand }: MessageEntry): boolean {
    return !isSecondHand && this.find(key)?.isSecondHand === true
  }

  #put(entry: ConversationEntry): void {
    this.#entries.set(entry.key, entry)
    this.#count(entry, 1)
  }

  #count(entry: ConversationEntry, sign: 1 | -1): void {
    const size = sign * sizeOf(entry)
    const author = authorOf(entry)
    this.#size += size
    this.#sizes.set(author, (this.#sizes.get(author) ?? 0) + size)
    this.#list = undefined
  }

  #trim(): void {
    while (this.#entries.size > MAX_ENTRIES || this.#size > MAX_SIZE) {
      const [heaviest] = [...this.#sizes].toSorted(([, a], [, b]) => b - a)[0] ?? []
      const dropped = [...this.#entries.values()].find((entry) => authorOf(entry) === heaviest)
      if (dropped === undefined) {
        if (heaviest === undefined) return
        this.#size -= this.#sizes.get(heaviest) ?? 0
        this.#sizes.delete(heaviest)
        continue
      }
      this.#entries.delete(dropped.key)
      this.#count(dropped, -1)
    }
  }
}

/** Reactions are the word of others: those that are here stay, unless the message was told of as taken back, without any. */
function inPlaceOf(old: MessageEntry, message: MessageEntry): MessageEntry {
  const hasReactions = old.text !== undefined && message.text !== undefined
  return hasReactions ? { ...message, reactions: old.reactions } : message
}

function isEarlier(entry: ConversationEntry): entry is MessageEntry {
  return entry.kind === 'message' && entry.earlier !== undefined
}

function sizeOf(entry: ConversationEntry): number {
  if (entry.kind !== 'message') return ENTRY_SIZE
  const people = entry.reactions.reduce((sum, { by }) => sum + by.length, entry.mentions.length)
  return ENTRY_SIZE + (entry.text?.length ?? 0) + PERSON_SIZE * people
}

/** What somebody has passed on counts as theirs. Who came and went has one author. */
function authorOf(entry: ConversationEntry): string {
  if (entry.kind !== 'message') return 'room'
  return entry.earlier?.id ?? entry.from ?? 'self'
}
