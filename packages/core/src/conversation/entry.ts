import type { MessageLink, PeerId } from '@patchbay/protocol'
import type { ChatEntry } from '../mesh/index.ts'

/** One emoji on a message, and who put it there, in that order. */
export interface Reaction {
  readonly emoji: string
  readonly by: readonly Person[]
}

/** Somebody who is or was in the room, with the name they had. */
export interface Person {
  readonly id: PeerId
  readonly name: string
}

/** A message of a conversation, as it is now. */
export interface MessageEntry {
  readonly kind: 'message'
  /** Names the message in this client: `replyTo` of another, and what `edit`, `react` and the like take. */
  readonly key: string
  /** `undefined`: sent by this client. */
  readonly from: PeerId | undefined
  readonly name: string
  /** `undefined`: its author has taken it back. */
  readonly text: string | undefined
  /** Sent while nobody else was in the room: only history brings it to anybody. */
  readonly alone?: true
  /** Wall clock, milliseconds since 1970, for display only. */
  readonly at: number
  readonly edited: boolean
  /** Key of the message that this one answers; that message may be gone. */
  readonly replyTo: string | undefined
  /** Whom its author means by the names in it. */
  readonly mentions: readonly PeerId[]
  /** A link in the text, with a title that nobody but whoever tells of the message vouches for. */
  readonly link: MessageLink | undefined
  readonly reactions: readonly Reaction[]
  /** Who has passed it on, if it was said before this client came: their word for what others have said. */
  readonly earlier: Person | undefined
  /** Whether it is here as somebody other than its author has told it: the author's own word counts more. */
  readonly isSecondHand: boolean
  /** What its author has stated of it to this client. */
  readonly stated: Partial<MessageEntry>
  /** Of one's own messages: who has it, and who has seen it. */
  readonly received: readonly PeerId[]
  readonly read: readonly PeerId[]
}

/** One entry of a conversation: a message, or that somebody came or went. */
export type ConversationEntry = MessageEntry | Exclude<ChatEntry, { kind: 'message' }>

/** A message as it was sent. */
export function createMessage(
  message: Pick<MessageEntry, 'key' | 'from' | 'name' | 'text' | 'at'> & Partial<MessageEntry>,
): MessageEntry {
  return {
    kind: 'message',
    edited: false,
    replyTo: undefined,
    mentions: [],
    link: undefined,
    reactions: [],
    earlier: undefined,
    isSecondHand: false,
    stated: {},
    received: [],
    read: [],
    ...message,
  }
}

/** What a link with a title counts, in UTF-16 code units; none counts nothing. */
export function sizeOfLink(link: MessageLink | undefined): number {
  return link === undefined ? 0 : link.url.length + link.title.length
}

/** Most different reactions to a message, and people who have reacted. */
const MAX_KINDS = 24
const MAX_REACTORS = 64

/** @returns the reactions to a message when that person has exactly these, or what they were if there are too many. */
export function react(before: readonly Reaction[], person: Person, emoji: readonly string[]): readonly Reaction[] {
  const others = withoutPerson(before, person.id).filter(({ by, emoji: one }) => by.length > 0 || emoji.includes(one))
  const kept = others.map((one) => (emoji.includes(one.emoji) ? { ...one, by: [...one.by, person] } : one))
  const added = [...new Set(emoji)].filter((one) => !kept.some((reaction) => reaction.emoji === one))
  const after = [...kept, ...added.map((one) => ({ emoji: one, by: [person] }))]
  const reactors = new Set(after.flatMap(({ by }) => by.map(({ id }) => id)))
  return after.length > MAX_KINDS || reactors.size > MAX_REACTORS ? before : after
}

/** @returns the reactions that are left when somebody takes all of theirs away. */
export function unreact(before: readonly Reaction[], person: string): readonly Reaction[] {
  return withoutPerson(before, person).filter(({ by }) => by.length > 0)
}

function withoutPerson(before: readonly Reaction[], person: string): readonly Reaction[] {
  return before.map((reaction) => ({ ...reaction, by: reaction.by.filter(({ id }) => id !== person) }))
}

/** @returns the list with that member at its end, or the same list if it is there. */
export function including(list: readonly PeerId[], peer: PeerId): readonly PeerId[] {
  return list.includes(peer) ? list : [...list, peer]
}
