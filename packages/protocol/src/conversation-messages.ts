import * as v from 'valibot'
import { peerIdSchema } from './ids.ts'
import { isChatText, isTitle, nameSchema } from './text.ts'

/** Most different reactions of one member to one message, and the longest one, in UTF-16 code units. */
export const MAX_REACTIONS = 8
const MAX_REACTION_LENGTH = 16
/** Most members that one message mentions. */
export const MAX_MENTIONS = 16
/** Longest address of a link with a title, in UTF-16 code units. */
const MAX_ADDRESS_LENGTH = 500

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(1))
const token = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,32}$/))
const chatText = v.pipe(v.string(), v.check(isChatText, 'not a chat text'))
const emoji = v.pipe(
  v.string(),
  v.maxLength(MAX_REACTION_LENGTH),
  v.regex(
    /^(?=.*[\p{Extended_Pictographic}\p{Regional_Indicator}\u20E3])[\p{Extended_Pictographic}\p{Emoji_Component}]+$/u,
  ),
)
/** No white space, and no controls that could make an address look like another one. */
const address = v.pipe(
  v.string(),
  v.maxLength(MAX_ADDRESS_LENGTH),
  v.regex(/^https?:\/\/[^\s\p{Cc}\p{Cf}\p{Cs}\p{Co}]+$/u),
)
const title = v.pipe(v.string(), v.check(isTitle, 'not a clean title'))
/** A link in the text of a message, as it stands there, and what its author says it leads to. */
const link = v.object({ url: address, title })
export type MessageLink = v.InferOutput<typeof link>
const mentions = v.pipe(v.array(peerIdSchema), v.maxLength(MAX_MENTIONS))
/** A chat message, by its author and the id that the author gave it. */
const reference = v.object({ by: peerIdSchema, id: token })
export type MessageReference = v.InferOutput<typeof reference>

/**
 * Peer → peer over the application channel `patchbay:conversation`, by `type`; see docs/conversation.md. What a member states
 * of a message by `id` is about a message of its own: nobody can state anything of another's but a reaction. `n` numbers the
 * statements of one page, from 1.
 */
export const conversationMessageSchemas = {
  /** The message answers another one. */
  reply: v.object({ type: v.literal('reply'), n: count, id: token, to: reference }),
  /** The message has another text now. */
  edit: v.object({ type: v.literal('edit'), n: count, id: token, text: chatText }),
  /** The message is taken back. */
  delete: v.object({ type: v.literal('delete'), n: count, id: token }),
  /** All reactions of the sender to a message; none takes them back. */
  react: v.object({
    type: v.literal('react'),
    n: count,
    to: reference,
    emoji: v.pipe(v.array(emoji), v.maxLength(MAX_REACTIONS)),
  }),
  /** The members whom the message means by name, all of them. */
  mention: v.object({ type: v.literal('mention'), n: count, id: token, of: mentions }),
  /** The title of a link in the message, as its author has it. */
  link: v.object({ type: v.literal('link'), n: count, id: token, ...link.entries }),
  /** The sender has seen the receiver's messages up to this one. */
  read: v.object({ type: v.literal('read'), id: token }),
  /** The sender has these messages of the receiver from it, as history. */
  got: v.object({ type: v.literal('got'), ids: v.pipe(v.array(token), v.maxLength(100)) }),
}
export type ConversationMessage = v.InferOutput<
  (typeof conversationMessageSchemas)[keyof typeof conversationMessageSchemas]
>
/** What a member says of messages for everybody. */
export type Statement = Extract<ConversationMessage, { n: number }>

/** A request on that channel. */
const requestSchema = v.union([
  /** The sender's own statements after this number. */
  v.object({ type: v.literal('statements'), after: v.pipe(v.number(), v.safeInteger(), v.minValue(0)) }),
  /** What was said before that message, the newest first; without one, from the end. */
  v.object({ type: v.literal('history'), before: v.optional(reference) }),
])
export type ConversationRequest = v.InferOutput<typeof requestSchema>

const reactor = v.object({ id: peerIdSchema, name: nameSchema })
const pastMessageSchema = v.object({
  by: peerIdSchema,
  id: token,
  name: nameSchema,
  /** Wall clock, milliseconds since 1970. */
  at: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  /** `null`: taken back. */
  text: v.nullable(chatText),
  /** Whoever passes it on is its author, and has it from others itself. */
  told: v.optional(v.literal(true)),
  edited: v.optional(v.literal(true)),
  to: v.optional(reference),
  mentions: v.optional(mentions),
  // The message counts more than its title, which another version of Unicode may not allow.
  link: v.fallback(v.optional(link), undefined),
  reactions: v.optional(
    v.pipe(v.array(v.object({ emoji, by: v.pipe(v.array(reactor), v.maxLength(64)) })), v.maxLength(24)),
  ),
})
/** A message as a member passes it on to one who was not there. */
export type PastMessage = v.InferOutput<typeof pastMessageSchema>

const pageSchema = v.object({ items: v.pipe(v.array(v.unknown()), v.maxLength(1_000)), more: v.boolean() })

function parse<T>(schema: v.GenericSchema<unknown, T>, value: unknown): T | undefined {
  const parsed = v.safeParse(schema, value, { abortEarly: true })
  return parsed.success ? parsed.output : undefined
}

/** Whether a link can be sent with a message: an address of the web, and a clean title without `://`. */
export function isMessageLink(value: unknown): value is MessageLink {
  return v.is(link, value)
}

/** What may stand right before and after an address in a text: nothing that would belong to it. */
const beforeAddress = /(?:^|[^\w/:.@%#?&=~+-])$/
const afterAddress = /^[)\]}>"'»”’.,;:!?…。，、！？]*$/

/** Whether a text has that address as a whole: `https://a.example` is not in `https://a.example.org`. */
export function holdsLink(text: string, url: string): boolean {
  return text.split(/\s+/).some((word) => {
    const at = word.indexOf(url)
    return at >= 0 && beforeAddress.test(word.slice(0, at)) && afterAddress.test(word.slice(at + url.length))
  })
}

/** @returns the message, or `undefined` for anything else, also for one of a type that this version does not know. */
export function parseConversationMessage(value: unknown): ConversationMessage | undefined {
  const type = (value as { readonly type?: unknown } | null)?.type
  if (typeof type !== 'string' || !Object.hasOwn(conversationMessageSchemas, type)) return undefined
  const schema = conversationMessageSchemas[type as ConversationMessage['type']]
  return parse<ConversationMessage>(schema, value)
}

/** @returns the request, or `undefined` for anything else. */
export function parseConversationRequest(value: unknown): ConversationRequest | undefined {
  return parse(requestSchema, value)
}

/** One part of an answer; `more`: there is more after it. */
export interface ConversationPage<T> {
  readonly items: readonly T[]
  readonly more: boolean
}

/** Reads an answer to `statements`. What is not a statement is left out. */
export function parseStatements(value: unknown): ConversationPage<Statement> | undefined {
  return parsePage(value, (item) => {
    const message = parseConversationMessage(item)
    return message !== undefined && 'n' in message ? message : undefined
  })
}

/** Reads an answer to `history`. What is not a message is left out. */
export function parseHistory(value: unknown): ConversationPage<PastMessage> | undefined {
  return parsePage(value, (item) => parse(pastMessageSchema, item))
}

function parsePage<T>(value: unknown, read: (item: unknown) => T | undefined): ConversationPage<T> | undefined {
  const page = parse(pageSchema, value)
  return page && { items: page.items.map(read).filter((item) => item !== undefined), more: page.more }
}
