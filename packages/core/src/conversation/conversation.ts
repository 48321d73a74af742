import {
  holdsLink,
  isChatText,
  isMessageLink,
  MAX_MENTIONS,
  MAX_REACTIONS,
  type MessageReference,
  type PastMessage,
  type PeerId,
  randomToken,
} from '@patchbay/protocol'
import {
  type ChatEntry,
  type ChatOutcome,
  type Feature,
  type LinkFeature,
  type LinkPort,
  SEALED_NAME,
} from '../mesh/index.ts'
import { createStore, type Store } from '../store.ts'
import { TrafficBudget, type TrafficRate } from '../traffic-budget.ts'
import { type Clock, systemClock } from '../transport/index.ts'
import { ConversationLink, type Cursor } from './conversation-link.ts'
import { ConversationLog } from './conversation-log.ts'
import type { ConversationOptions, ConversationRoom, ConversationState, MessageAbout } from './conversation-types.ts'
import { ConversationWire, lengthOf } from './conversation-wire.ts'
import { createMessage, type MessageEntry, type Person, sizeOfLink } from './entry.ts'
import { fromPast, type MessageNames, pastOf } from './history.ts'
import { type NewStatement, OwnStatements } from './own-statements.ts'
import { Reading, Receipts, Tellers } from './receipts.ts'
import { StatementBook } from './statement-book.ts'
import { Typing } from './typing.ts'

/** What this client states: more than anyone clicks, and less than is taken. */
const OUTGOING: TrafficRate = {
  messages: { perSecond: 10, burst: 100 },
  size: { perSecond: 16_384, burst: 262_144 },
}

/** What there is once the conversation has a room. */
interface Opened extends ConversationRoom {
  readonly wire: ConversationWire
  readonly typing: Typing
  readonly reading: Reading
  readonly tellers: Tellers
  readonly stop: () => void
}

/**
 * The chat of a room with replies, edits, reactions, who has a message and who has read it, who is typing, and what was said
 * before. A further feature of a mesh; members whose page does not have it take part in the chat alone.
 */
export class Conversation implements Feature<never>, Store<ConversationState> {
  readonly name = 'conversation'
  readonly handles = [] as const
  readonly #options: ConversationOptions
  readonly #clock: Clock
  readonly #log = new ConversationLog()
  readonly #receipts = new Receipts(this.#log)
  readonly #own = new OwnStatements()
  readonly #outgoing = new TrafficBudget(OUTGOING)
  readonly #links = new Map<PeerId, ConversationLink>()
  readonly #cursors = new Map<PeerId, Cursor>()
  readonly #names: MessageNames = {
    keyOf: (by, id) => (by === this.#room?.self() ? id : `${by}/${id}`),
    refOf: (key) => this.#refOf(key),
  }
  readonly #book = new StatementBook(this.#log, (by, id) => this.#names.keyOf(by, id))
  readonly #versions = createStore(0)
  #room: Opened | undefined
  #last: ChatEntry | undefined
  #state: ConversationState = { entries: [], typing: [] }
  #stateVersion = 0

  constructor(options: ConversationOptions = {}) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
  }

  readonly getSnapshot = (): ConversationState => {
    const version = this.#versions.getSnapshot()
    if (version !== this.#stateVersion) {
      this.#stateVersion = version
      this.#state = { entries: this.#log.list, typing: this.#room?.typing.list ?? [] }
    }
    return this.#state
  }
  readonly subscribe = (listener: () => void): (() => void) => this.#versions.subscribe(listener)

  /** Begins, in the room whose mesh has this as a feature. */
  start(room: ConversationRoom): void {
    const { mesh } = room
    const changed = () => this.#changed()
    const wire = new ConversationWire(mesh, {
      measure: (from, size) => this.#links.get(from)?.take(size) === true,
      statement: (from, statement) => this.#links.get(from)?.heard(statement),
      read: (from, id) => this.#receipts.readUpTo(id, from),
      got: (from, ids) => ids.forEach((id) => this.#receipts.received(id, from)),
      typing: (from, isTyping) => this.#links.get(from)?.mayType() === true && typing.heard(from, isTyping),
      changed,
      mayAsk: (from) => this.#links.get(from)?.mayAsk() === true,
      statements: (after) => this.#own.after(after),
      history: (before) => this.#history(before),
    })
    const typing = new Typing(this.#clock, wire.sayTyping, changed)
    const reading = new Reading((author, id) => this.#links.get(author)?.passes === true && wire.sayRead(author, id))
    const stops = [
      mesh.chat.subscribe(() => this.#takeChat()),
      mesh.chat.onReceived((id, by) => {
        this.#receipts.received(id, by)
        changed()
      }),
      () => typing.stop(),
      () => wire.close(),
    ]
    const stop = () => stops.forEach((one) => one())
    this.#room = { ...room, wire, typing, reading, tellers: new Tellers(mesh.membership, this.#clock), stop }
    this.#takeChat()
  }

  /** Ends: nothing more is heard or answered. */
  close(): void {
    this.#room?.stop()
  }

  /**
   * Sends a message to everyone: see `RoomChat.send`. What is sent just before `leave` may not arrive: `received` of its entry
   * tells who has it.
   * @returns why nothing was sent, if nothing was.
   */
  send(text: string, { replyTo, mentions = [], link }: MessageAbout = {}): ChatOutcome {
    const room = this.#room
    const to = replyTo === undefined ? undefined : this.#refOf(replyTo)
    if (room === undefined || (replyTo !== undefined && to === undefined)) return 'waiting'
    if (link !== undefined && !(isMessageLink(link) && holdsLink(text, link.url))) return 'invalid'
    const statements = [to !== undefined, mentions.length > 0, link !== undefined].filter(Boolean).length
    if (!this.#outgoing.has(sizeOfLink(link), this.#clock.now(), statements)) return 'too_fast'
    // Made here: whoever hears of the message may send another before this is told that it was sent.
    const id = randomToken(12)
    const outcome = room.mesh.chat.send(text, id)
    if (outcome !== 'sent') return outcome
    room.typing.tell(false)
    if (to !== undefined) this.#tell({ type: 'reply', id, to })
    this.#mention(id, mentions)
    if (link !== undefined) this.#tell({ type: 'link', id, url: link.url, title: link.title })
    return 'sent'
  }

  /** Gives a message of this client another text, and others that it means. */
  edit(key: string, text: string, { mentions = [] }: Pick<MessageAbout, 'mentions'> = {}): ChatOutcome {
    if (!isChatText(text) || !this.#isOwn(key)) return 'invalid'
    if (!this.#outgoing.has(text.length, this.#clock.now(), 2)) return 'too_fast'
    const outcome = this.#tell({ type: 'edit', id: key, text })
    if (outcome !== 'sent') return outcome
    this.#room?.typing.tell(false)
    this.#mention(key, mentions)
    return 'sent'
  }

  /** Takes a message of this client back. Members that are not connected, and old pages, keep it. */
  delete(key: string): ChatOutcome {
    if (!this.#isOwn(key)) return 'invalid'
    // Whoever was editing it is not any more.
    this.#room?.typing.tell(false)
    return this.#tell({ type: 'delete', id: key })
  }

  /** Puts an emoji on a message, or takes it away again. */
  react(key: string, emoji: string): ChatOutcome {
    const message = this.#log.find(key)
    const to = this.#refOf(key)
    if (message?.text === undefined || to === undefined) return 'invalid'
    const self = this.#room?.self()
    const before = message.reactions.filter(({ by }) => by.some(({ id }) => id === self)).map((one) => one.emoji)
    const after = before.includes(emoji) ? before.filter((one) => one !== emoji) : [...before, emoji]
    return after.length > MAX_REACTIONS ? 'invalid' : this.#tell({ type: 'react', to, emoji: after })
  }

  /** Everything that has come was read: tells the authors. */
  markRead(): void {
    this.#room?.reading.readAll()
  }

  /** This client's user is typing, or has stopped. To be called with each key; it is told now and then. */
  setTyping(isTyping: boolean): void {
    this.#room?.typing.tell(isTyping)
  }

  attach(port: LinkPort): LinkFeature<never> {
    const { id, instance } = port.peer
    const before = this.#cursors.get(id)
    const cursor = before?.instance === instance ? before : { instance, n: 0 }
    this.#cursors.set(id, cursor)
    const link: ConversationLink = new ConversationLink(port, {
      cursor,
      ask: (request) => this.#room?.wire.ask(id, request),
      apply: (statement) => {
        this.#book.apply(this.#personOf(id), statement)
        this.#changed()
      },
      resend: () => {
        const last = this.#own.last
        return last === undefined || this.#room?.wire.say(last, id) === true
      },
      wantsHistory: () => (this.#options.history === false ? undefined : this.#room?.tellers.take(id)),
      history: (messages) => this.#addHistory(id, messages),
      historyMissed: () => this.#room?.tellers.release(id),
      resumed: () => this.#room?.reading.repeat(id),
      closed: () => {
        if (this.#links.get(id) === link) this.#links.delete(id)
      },
    })
    this.#links.set(id, link)
    return link
  }

  forget(peer: PeerId): void {
    this.#book.forget(peer)
    this.#cursors.delete(peer)
    this.#receipts.forget(peer)
    this.#room?.typing.heard(peer, false)
  }

  #changed(): void {
    this.#versions.set(this.#versions.getSnapshot() + 1)
  }

  #isOwn(key: string): boolean {
    const message = this.#log.find(key)
    return message?.from === undefined && message?.text !== undefined
  }

  /** @param told the name of somebody whose name this client does not know, or not yet. */
  readonly #personOf = (id: PeerId, told = SEALED_NAME): Person => {
    const member = this.#room?.mesh.getSnapshot().find(({ info }) => info.id === id)
    const name = member?.info.name ?? SEALED_NAME
    return { id, name: name === SEALED_NAME ? told : name }
  }

  /** Keys of others' messages have their author's id before a slash. */
  #refOf(key: string): MessageReference | undefined {
    const slash = key.indexOf('/')
    const by = slash < 0 ? this.#room?.self() : (key.slice(0, slash) as PeerId)
    return by && { by, id: key.slice(slash + 1) }
  }

  /** States whom a message of this client means, if that is news. */
  #mention(id: string, mentions: readonly PeerId[]): void {
    const of = [...new Set(mentions)].slice(0, MAX_MENTIONS)
    const before = this.#log.find(id)?.mentions ?? []
    if (of.length !== before.length || of.some((peer) => !before.includes(peer)))
      this.#tell({ type: 'mention', id, of })
  }

  /** Applies a statement of this client, and tells everyone. */
  #tell(content: NewStatement): ChatOutcome {
    const room = this.#room
    const id = room?.self()
    if (room === undefined || id === undefined) return 'waiting'
    if (room.mesh.membership.getSnapshot().status === 'left') return 'left'
    if (!this.#outgoing.take(lengthOf(content), this.#clock.now())) return 'too_fast'
    const statement = this.#own.add(content)
    this.#book.apply({ id, name: room.name }, statement)
    const isTaken = room.wire.say(statement)
    for (const link of this.#links.values()) if (!isTaken || !link.passes) link.missed()
    this.#changed()
    return 'sent'
  }

  /** Adds what the chat has got since the last time. */
  #takeChat(): void {
    const entries = this.#room?.mesh.chat.getSnapshot() ?? []
    const known = this.#last === undefined ? -1 : entries.lastIndexOf(this.#last)
    this.#last = entries.at(-1)
    for (const entry of entries.slice(known + 1)) this.#add(entry)
    this.#changed()
  }

  #add(entry: ChatEntry): void {
    if (entry.kind !== 'message') return void this.#log.add(entry)
    const said = createMessage(entry)
    const { key, from } = said
    if (!this.#log.add(said)) {
      // Where somebody else has told of it before, its author's own word counts. Reactions are the word of others; what the
      // author has stated since, or told itself, is newer than this.
      if (this.#log.find(key)?.earlier === undefined) return
      this.#log.change(key, ({ isSecondHand, reactions, stated }) =>
        isSecondHand ? { ...said, reactions, ...stated } : { earlier: undefined },
      )
    }
    if (from === undefined) return this.#receipts.sent(key)
    this.#room?.reading.heard(from, key.slice(from.length + 1))
    this.#room?.typing.heard(from, false)
    this.#book.arrived(key)
  }

  #history(before: MessageReference | undefined) {
    if (this.#options.history === false) return undefined
    return pastOf(this.#log.list, before && this.#names.keyOf(before.by, before.id), this.#names)
  }

  #addHistory(teller: PeerId, messages: readonly PastMessage[]): void {
    const room = this.#room
    if (room === undefined) return
    const person = this.#personOf(teller)
    const added: readonly MessageEntry[] = this.#log.addEarlier(
      messages.map((past) => fromPast(past, person, room.self(), this.#names, this.#personOf)),
    )
    this.#receipts.sentBefore(added.flatMap(({ key, from }) => (from === undefined ? [key] : [])))
    for (const { by, id } of messages) if (by === room.self()) this.#receipts.received(id, teller)
    for (const { key } of added) this.#book.arrived(key)
    const ofTeller = added.filter(({ from }) => from === teller).map(({ key }) => key.slice(teller.length + 1))
    const last = ofTeller.at(-1)
    if (last !== undefined) {
      room.wire.sayGot(teller, ofTeller)
      room.reading.heardBefore(teller, last)
    }
    this.#changed()
  }
}
