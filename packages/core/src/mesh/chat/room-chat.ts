import { isChatText, type PeerId, type PeerInfo, randomToken } from '@patchbay/protocol'
import { awaitEntry, type RosterState } from '../../signaling/index.ts'
import { callEach, type Store } from '../../store.ts'
import { TrafficBudget } from '../../traffic-budget.ts'
import type { Clock } from '../../transport/index.ts'
import type { Feature, LinkFeature, LinkPort, MessageOf } from '../feature.ts'
import { INCOMING_CHAT, OUTGOING_CHAT } from './chat-rate.ts'
import { ChatExchange } from './chat-exchange.ts'
import { type ChatEntry, ChatLog, type ChatOutcome } from './chat-log.ts'

type ChatMessage = MessageOf<'sync' | 'ack' | 'chat'>

/** What the chat of a room needs from its mesh. */
export interface RoomChatOptions {
  readonly clock: Clock
  /** This client's own name. */
  readonly name: string
  /** The name of a member, as it is known now. */
  readonly nameOf: (peer: PeerId) => string
}

interface KnownExchange {
  readonly instance: string
  readonly exchange: ChatExchange
  /** Of a member that has left: when it is forgotten. */
  readonly until?: number
}

/** How long a page may take to be loaded again. */
const RELOAD_MS = 10_000
/** Messages that wait while the room is being entered. */
const MAX_EARLY = 64

type ReceivedListener = (id: string, by: PeerId) => void

/** The chat of a room: everything that was said, by anyone, and who came and went. */
export class RoomChat implements Feature<ChatMessage>, Store<readonly ChatEntry[]> {
  readonly name = 'chat'
  readonly handles = ['sync', 'ack', 'chat'] as const
  readonly #options: RoomChatOptions
  readonly #log = new ChatLog()
  readonly #spoken = new TrafficBudget(OUTGOING_CHAT)
  /** Outlive the links to a member. */
  readonly #exchanges = new Map<PeerId, KnownExchange>()
  readonly #links = new Map<PeerId, ChatLink>()
  readonly #receivedListeners = new Set<ReceivedListener>()
  /** What was sent before it is known who is in the room; `undefined` from then on. */
  #early: (readonly [id: string, text: string])[] | undefined
  #membership: Store<RosterState> | undefined
  #notes = 0

  constructor(options: RoomChatOptions) {
    this.#options = options
  }

  readonly getSnapshot = (): readonly ChatEntry[] => this.#log.getSnapshot()
  readonly subscribe = (listener: () => void): (() => void) => this.#log.subscribe(listener)

  /**
   * Until it is known who is in the room, what is sent waits: it is for them too. They are those that signaling tells of by the
   * end of the turn in which it says `joined`.
   */
  follow(membership: Store<RosterState>): void {
    this.#membership = membership
    if (membership.getSnapshot().status !== 'joining') return
    this.#early = []
    void awaitEntry(membership).then((status) => {
      const early = this.#early ?? []
      this.#early = undefined
      if (status === 'joined') for (const [id, text] of early) this.#say(id, text)
    })
  }

  /**
   * Sends a message to everyone in the room; members still connecting get it when their channel opens, and so do those who have
   * yet to show the key of the room. What is sent while the room is being entered waits until it is known who is there: a room that
   * does not let this client in gets nothing of it. For a member that is not connected, and for which too much waits, that is
   * dropped; it counts as lost, and is met anew while it is listed. `sent` says that a message is on its way. What is sent just
   * before `leave` may not arrive: `onReceived` tells who has it.
   * @param id of the message, and the key of its entry: a new one for each, as `randomToken` makes it.
   * @returns why nothing was sent, if nothing was.
   */
  send(text: string, id: string = randomToken(12)): ChatOutcome {
    const status = this.#membership?.getSnapshot().status
    if (status === 'left' || (status === 'refused' && this.#links.size === 0)) return 'left'
    if (!isChatText(text)) return 'invalid'
    const early = this.#early
    const full = [...this.#links.values()].filter(({ exchange }) => exchange.full)
    if (full.some(({ port }) => port.state.phase === 'connected') || (early?.length ?? 0) >= MAX_EARLY) return 'waiting'
    if (!this.#spoken.take(text.length, this.#options.clock.now())) return 'too_fast'
    const at = Date.now()
    for (const { port } of full) port.giveUp()
    const receivers = early === undefined ? this.#say(id, text) : early.push([id, text])
    const alone = receivers === 0 && { alone: true as const }
    this.#log.add({ kind: 'message', key: id, from: undefined, name: this.#options.name, text, at, ...alone })
    return 'sent'
  }

  /** @returns how many members it is for: those with a link, and those that are expected. */
  #say(id: string, text: string): number {
    let receivers = 0
    for (const [peer, { exchange, until }] of this.#exchanges) {
      const link = this.#links.get(peer)
      if (until !== undefined || (link === undefined && exchange.full)) continue
      // Where the channel is not open, this is dropped, and comes when it opens.
      const message = exchange.add(id, text)
      link?.port.send(message)
      receivers += 1
    }
    return receivers
  }

  /** Calls `listener` when a member has confirmed a message of this client: the key of its entry. @returns a function that unsubscribes. */
  onReceived(listener: ReceivedListener): () => void {
    this.#receivedListeners.add(listener)
    return () => this.#receivedListeners.delete(listener)
  }

  /** Adds to the log that someone came or went. */
  note(kind: Exclude<ChatEntry['kind'], 'message'>, name: string): void {
    this.#log.add({ kind, key: `${kind} ${(this.#notes += 1)}`, name, at: Date.now() })
  }

  /** What is said from now on is for this member too, also while there is no link to it. @returns what it is kept in. */
  expect({ id, instance }: PeerInfo): ChatExchange {
    this.#sweep()
    const known = this.#exchanges.get(id)
    // A page that was given up and is met anew begins anew.
    const isSame = known?.instance === instance
    const isKept = isSame && known.until === undefined
    const exchange = isKept ? known.exchange : ChatExchange.after(isSame ? undefined : known?.exchange)
    this.#exchanges.set(id, { instance, exchange })
    return exchange
  }

  attach(port: LinkPort): LinkFeature<ChatMessage> {
    const { id } = port.peer
    const link = new ChatLink(port, this.expect(port.peer), {
      heard: (message) => this.#heard(id, message),
      received: (message) => callEach(this.#receivedListeners, (listener) => listener(message, id)),
      closed: () => this.#links.delete(id),
    })
    this.#links.set(id, link)
    return link
  }

  /** A page that is loaded again is reported as one that has left and another that joins: it hears what the first has not. */
  forget(peer: PeerId): void {
    this.#sweep()
    const known = this.#exchanges.get(peer)
    if (known === undefined || known.exchange.full) this.#exchanges.delete(peer)
    else this.#exchanges.set(peer, { ...known, until: this.#options.clock.now() + RELOAD_MS })
  }

  #sweep(): void {
    const now = this.#options.clock.now()
    for (const [peer, { until = Infinity }] of this.#exchanges) if (until <= now) this.#exchanges.delete(peer)
  }

  #heard(from: PeerId, { id, body: text }: MessageOf<'chat'>): void {
    const name = this.#options.nameOf(from)
    this.#log.add({ kind: 'message', key: `${from}/${id}`, from, name, text, at: Date.now() })
  }
}

/** What the chat with one member tells the chat of the room. */
interface ChatLinkHandlers {
  heard(message: MessageOf<'chat'>): void
  /** The member has confirmed a message. */
  received(id: string): void
  closed(): void
}

/** Chat with one member over one link. */
class ChatLink implements LinkFeature<ChatMessage> {
  readonly port: LinkPort
  readonly exchange: ChatExchange
  readonly #room: ChatLinkHandlers

  constructor(port: LinkPort, exchange: ChatExchange, room: ChatLinkHandlers) {
    this.port = port
    this.exchange = exchange
    this.#room = room
  }

  opened(): void {
    for (const message of this.exchange.opening()) this.port.send(message)
  }

  beat(ping = 0): void {
    if (this.port.isOpen) this.#confirm()
    if (!this.exchange.beat(this.port.passes, ping)) this.port.cut()
  }

  pinged(): void {
    this.#confirm()
  }

  ponged(n: number): void {
    this.exchange.ponged(n)
  }

  closed(): void {
    this.#room.closed()
  }

  receive(message: ChatMessage): void {
    switch (message.type) {
      case 'sync':
        return this.exchange.begin(message)
      case 'ack': {
        const confirmed = this.exchange.confirm(message)
        return confirmed === undefined ? this.port.cut() : confirmed.forEach((id) => this.#room.received(id))
      }
      case 'chat': {
        const fresh = this.exchange.accept(message)
        // What comes again over a new connection is not shown, and does not count.
        const isFlood = fresh === true && !this.port.accepts('chat', INCOMING_CHAT, message.body.length)
        if (fresh === undefined || isFlood) return this.port.cut()
        if (fresh) this.#room.heard(message)
        if (this.exchange.ackIsDue) this.#confirm()
      }
    }
  }

  #confirm(): void {
    const news = this.exchange.takeAck()
    if (news !== undefined) this.port.send(news)
  }
}
