import type { PeerId, Statement } from '@patchbay/protocol'
import type { ConversationLog } from './conversation-log.ts'
import { type MessageEntry, type Person, react } from './entry.ts'

/** Statements kept of one member about messages that are not here yet: they go over another channel than chat. */
const MAX_PENDING = 64

interface Pending {
  readonly from: Person
  readonly statement: Statement
}

/** Applies what members state of messages, at once or when the message comes. */
export class StatementBook {
  readonly #log: ConversationLog
  readonly #keyOf: (by: PeerId, id: string) => string
  readonly #pending = new Map<string, Pending[]>()
  readonly #counts = new Map<PeerId, number>()

  /** @param keyOf the key of a message in the log. */
  constructor(log: ConversationLog, keyOf: (by: PeerId, id: string) => string) {
    this.#log = log
    this.#keyOf = keyOf
  }

  /** Applies a statement. Only a reaction is about a message that may be somebody else's. */
  apply(from: Person, statement: Statement): void {
    const key =
      statement.type === 'react' ? this.#keyOf(statement.to.by, statement.to.id) : this.#keyOf(from.id, statement.id)
    if (this.#log.change(key, (message) => this.#patch(message, from, statement))) return
    const count = this.#counts.get(from.id) ?? 0
    if (count >= MAX_PENDING) return
    this.#counts.set(from.id, count + 1)
    this.#pending.set(key, [...(this.#pending.get(key) ?? []), { from, statement }])
  }

  /** A message has come. */
  arrived(key: string): void {
    const pending = this.#pending.get(key)
    if (pending === undefined) return
    this.#pending.delete(key)
    for (const { from, statement } of pending) {
      this.#counts.set(from.id, (this.#counts.get(from.id) ?? 1) - 1)
      this.apply(from, statement)
    }
  }

  /** The member is gone: its messages that are not here will not come. */
  forget(peer: PeerId): void {
    this.#counts.delete(peer)
    for (const [key, pending] of this.#pending) {
      const rest = pending.filter(({ from }) => from.id !== peer)
      if (rest.length > 0) this.#pending.set(key, rest)
      else this.#pending.delete(key)
    }
  }

  #patch({ text, reactions }: MessageEntry, from: Person, statement: Statement): Partial<MessageEntry> {
    // Nothing is stated of what was taken back.
    if (text === undefined) return {}
    switch (statement.type) {
      case 'reply':
        return { replyTo: this.#keyOf(statement.to.by, statement.to.id) }
      case 'edit':
        return { text: statement.text, edited: true }
      case 'delete':
        return { text: undefined, edited: false, mentions: [], reactions: [] }
      case 'mention':
        return { mentions: [...new Set(statement.of)] }
      case 'react':
        return { reactions: react(reactions, from, statement.emoji) }
    }
  }
}
