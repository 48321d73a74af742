import type { PeerId, Statement } from '@patchbay/protocol'
import type { ConversationLog } from './conversation-log.ts'
import { type MessageEntry, type Person, react } from './entry.ts'

/** Statements kept of one member about messages that are not here yet: they go over another channel than chat. */
const MAX_PENDING = 64

interface Pending {
  /** Of the message. */
  readonly key: string
  readonly from: Person
  readonly statement: Statement
}

/** Applies what members state of messages, at once or when the message comes. */
export class StatementBook {
  readonly #log: ConversationLog
  readonly #keyOf: (by: PeerId, id: string) => string
  /** The oldest first. */
  #pending: readonly Pending[] = []

  /** @param keyOf the key of a message in the log. */
  constructor(log: ConversationLog, keyOf: (by: PeerId, id: string) => string) {
    this.#log = log
    this.#keyOf = keyOf
  }

  /** Applies a statement. Only a reaction is about a message that may be somebody else's. */
  apply(from: Person, statement: Statement): void {
    const key =
      statement.type === 'react' ? this.#keyOf(statement.to.by, statement.to.id) : this.#keyOf(from.id, statement.id)
    if (this.#log.change(key, (message) => this.#change(message, from, statement))) return
    // Of too many the newest are kept: applied to a message as history brings it, they leave it as it is now.
    const own = this.#pending.filter((one) => one.from.id === from.id)
    const kept = own.length < MAX_PENDING ? this.#pending : this.#pending.filter((one) => one !== own[0])
    this.#pending = [...kept, { key, from, statement }]
  }

  /** A message has come. */
  arrived(key: string): void {
    const ready = this.#pending.filter((one) => one.key === key)
    if (ready.length === 0) return
    this.#pending = this.#pending.filter((one) => one.key !== key)
    for (const { from, statement } of ready) this.apply(from, statement)
  }

  /** The member is gone: its messages that are not here will not come. */
  forget(peer: PeerId): void {
    this.#pending = this.#pending.filter(({ from }) => from.id !== peer)
  }

  #change(message: MessageEntry, from: Person, statement: Statement): Partial<MessageEntry> {
    const patch = this.#patch(message, from, statement)
    return statement.type === 'react' ? patch : { ...patch, stated: { ...message.stated, ...patch } }
  }

  #patch(message: MessageEntry, from: Person, statement: Statement): Partial<MessageEntry> {
    const { reactions, stated } = message
    // Nothing is stated of what was taken back. Where only another has told that it was, the author's own edit or deletion counts.
    const isHearsay = message.isSecondHand && !('text' in stated)
    const isWord = statement.type === 'edit' || statement.type === 'delete'
    if (message.text === undefined && !(isHearsay && isWord)) return {}
    switch (statement.type) {
      case 'reply':
        return { replyTo: this.#keyOf(statement.to.by, statement.to.id) }
      case 'edit':
        return { text: statement.text, edited: true }
      case 'delete':
        return { text: undefined, edited: false, mentions: [], link: undefined, reactions: [] }
      case 'mention':
        return { mentions: [...new Set(statement.of)] }
      case 'link':
        return { link: { url: statement.url, title: statement.title } }
      case 'react':
        return { reactions: react(reactions, from, statement.emoji) }
    }
  }
}
