import {
  type ConversationRequest,
  parseHistory,
  parseStatements,
  type PastMessage,
  type Statement,
} from '@patchbay/protocol'
import { ChannelError, type LinkFeature, type LinkPort } from '../mesh/index.ts'
import type { TrafficRate } from '../traffic-budget.ts'
import { weigh } from './conversation-wire.ts'
import { sizeOfLink } from './entry.ts'
import { FAIR_PART_SIZE, MAX_HISTORY, MAX_PAGES, type Told } from './history.ts'

/** What is taken of one member before it counts as a flood, in messages and UTF-16 code units. */
const INCOMING: TrafficRate = {
  messages: { perSecond: 40, burst: 600 },
  size: { perSecond: 32_768, burst: 1_048_576 },
}
/** What is taken of one member in answers: a page keeps 1 000 statements, and may add 100 at once while it is being asked. */
const ANSWERED: TrafficRate = { ...INCOMING, messages: { perSecond: 40, burst: 1_200 } }
/** How often one member may ask. */
const QUESTIONS: TrafficRate = { messages: { perSecond: 4, burst: 128 }, size: { perSecond: 4, burst: 128 } }
/** How often one member may begin or stop typing. */
const TYPING: TrafficRate = { messages: { perSecond: 4, burst: 20 }, size: { perSecond: 4, burst: 20 } }

/** The last statement of a member's page. */
export interface Cursor {
  readonly instance: string
  n: number
}

/** What the conversation with one member tells the conversation of the room. */
export interface ConversationLinkHandlers {
  /** The cursor outlives the link. */
  readonly cursor: Cursor
  /** @throws {ChannelError} */
  ask(request: ConversationRequest): Promise<unknown> | undefined
  apply(statement: Statement): void
  /** Sends the newest own statement again: it shows whether those before it are missing. @returns whether it was sent. */
  resend(): boolean
  /** What this member has told so far of what was said before, if it is to be asked for that from now on. */
  wantsHistory(): Told | undefined
  history(messages: readonly PastMessage[]): void
  /** The member could not be asked for all of it. */
  historyMissed(): void
  /** The connection has opened, or works again. */
  resumed(): void
  closed(): void
}

/** The conversation with one member over one link: gets what was stated while it was not there. */
export class ConversationLink implements LinkFeature<never> {
  readonly #port: LinkPort
  readonly #room: ConversationLinkHandlers
  #isSynced = false
  #isSyncing = false
  #isMissing = false
  /** A statement has shown, while the member was being asked, that others are missing. */
  #hasGap = false

  constructor(port: LinkPort, room: ConversationLinkHandlers) {
    this.#port = port
    this.#room = room
  }

  /** Whether the member gets what is sent now. */
  get passes(): boolean {
    return this.#port.passes
  }

  /** The member did not get the newest statement. */
  missed(): void {
    this.#isMissing = true
  }

  /** Counts a message. @returns whether it may be read; if not, the member is flooding and was cut. */
  take(size: number): boolean {
    return this.#count('statements', INCOMING, size)
  }

  /** @returns whether the member may ask this now. */
  mayAsk(): boolean {
    return this.#port.accepts('questions', QUESTIONS, 1)
  }

  /** @returns whether the member may say whether it is typing. */
  mayType(): boolean {
    return this.#port.accepts('typing', TYPING, 1)
  }

  /** Takes a statement in its turn; one that leaves a gap is asked for with those before it. */
  heard(statement: Statement): void {
    const { cursor } = this.#room
    if (statement.n > cursor.n + 1) {
      this.#hasGap = this.#isSyncing
      return void this.#sync()
    }
    if (statement.n <= cursor.n) return
    cursor.n = statement.n
    this.#room.apply(statement)
  }

  introduced(): void {
    void this.#sync()
  }

  beat(): void {
    if (!this.#port.passes) this.#isSynced = false
    else if (!this.#isSynced) void this.#sync()
    else {
      if (this.#isMissing) this.#isMissing = !this.#room.resend()
      void this.#sync(false)
    }
  }

  closed(): void {
    this.#room.closed()
  }

  #count(name: string, rate: TrafficRate, size: number): boolean {
    const isFine = this.#port.accepts(name, rate, size)
    if (!isFine) this.#port.cut()
    return isFine
  }

  /** @param withStatements if not, the member is only asked for history, once it is its turn. */
  async #sync(withStatements = true): Promise<void> {
    if (this.#isSyncing || !this.#port.passes || !this.#port.has('conversation')) return
    this.#isSyncing = true
    try {
      if (withStatements) await this.#getStatements()
      if (!this.#isSynced) this.#room.resumed()
      this.#isSynced = true
      const told = this.#room.wantsHistory()
      if (told !== undefined) await this.#tryHistory(told)
    } catch {
      // The connection ended, or does not work at the moment: the next heartbeat tries again.
      this.#isSynced = false
    } finally {
      this.#isSyncing = false
      // The next heartbeat asks for what it was.
      if (this.#hasGap) this.#isSynced = false
      this.#hasGap = false
    }
  }

  async #getStatements(): Promise<void> {
    const { cursor } = this.#room
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const answer = parseStatements(await this.#room.ask({ type: 'statements', after: cursor.n }))
      const fresh = (answer?.items ?? []).filter(({ n }) => n > cursor.n).toSorted((a, b) => a.n - b.n)
      for (const statement of fresh) {
        if (!this.#count('answers', ANSWERED, weigh(statement))) throw new ChannelError('gone')
        cursor.n = statement.n
        this.#room.apply(statement)
      }
      if (answer?.more !== true || fresh.length === 0) return
    }
  }

  async #tryHistory(told: Told): Promise<void> {
    try {
      await this.#getHistory(told)
      told.isOver = true
    } catch (error) {
      // It has more, and cannot tell it: asked again it would say the same.
      told.isOver = error instanceof ChannelError && error.code === 'failed'
      if (told.isOver) return
      this.#room.historyMissed()
      throw error
    }
  }

  /** Goes on from what the member has told before, up to the bounds. */
  async #getHistory(told: Told): Promise<void> {
    while (told.messages < MAX_HISTORY.messages && told.size < MAX_HISTORY.size && told.parts < MAX_PAGES) {
      told.parts += 1
      const before = told.oldest
      const answer = parseHistory(await this.#room.ask({ type: 'history', ...(before !== undefined && { before }) }))
      const items = (answer?.items ?? []).slice(-(MAX_HISTORY.messages - told.messages))
      const [oldest] = items
      if (oldest === undefined) return
      told.messages += items.length
      const size = items.reduce((sum, item) => sum + sizeOfPast(item), 0)
      told.size += size
      if (size >= FAIR_PART_SIZE) told.since = this.#port.clock.now()
      told.oldest = { by: oldest.by, id: oldest.id }
      this.#room.history(items)
      if (answer?.more !== true) return
    }
  }
}

/** What a message of the history counts, in UTF-16 code units. */
function sizeOfPast({ text, link }: PastMessage): number {
  return 64 + (text?.length ?? 0) + sizeOfLink(link)
}
