import type { PeerId } from '@patchbay/protocol'
import type { RoomMembership } from '../signaling/index.ts'
import type { Clock } from '../transport/index.ts'
import type { ConversationLog } from './conversation-log.ts'
import { including } from './entry.ts'
import { MAX_TELLERS, TELLING_MS, type Told } from './history.ts'

/** Own messages whose receipts are kept. */
const MAX_OWN = 5_000

/** Members of whom it is known whether they were there first. */
const MAX_SEEN = 1_000

/** Who has which of this client's messages, and who has read them. */
export class Receipts {
  readonly #log: ConversationLog
  /** Ids of own messages, oldest first. */
  #own: string[] = []
  /** Up to where each member has read: that it has these messages may be known later. */
  readonly #reads = new Map<PeerId, string>()

  constructor(log: ConversationLog) {
    this.#log = log
  }

  /** This client has sent a message. */
  sent(id: string): void {
    this.#own.push(id)
    if (this.#own.length > MAX_OWN) this.#own = this.#own.slice(MAX_OWN / 2)
  }

  /** This client has sent these before it sent what is known already, oldest first. */
  sentBefore(ids: readonly string[]): void {
    this.#own = [...ids, ...this.#own].slice(-MAX_OWN)
    for (const [by, id] of this.#reads) if (ids.includes(id)) this.readUpTo(id, by)
  }

  /** A member has a message. That it has read it may have come before. */
  received(id: string, by: PeerId): void {
    const at = this.#own.lastIndexOf(id)
    if (at < 0) return
    const isRead = at <= this.#own.lastIndexOf(this.#reads.get(by) ?? '')
    this.#log.change(id, ({ received, read }) => ({
      received: including(received, by),
      read: isRead ? including(read, by) : read,
    }))
  }

  /** A member has read a message, so it has it, and all that it has of the ones before: others may never have reached it. */
  readUpTo(id: string, by: PeerId): void {
    this.#reads.set(by, id)
    const last = this.#own.lastIndexOf(id)
    for (let i = last; i >= 0; i -= 1) {
      const key = this.#own[i] ?? ''
      const message = this.#log.find(key)
      if (message?.read.includes(by) === true) return
      if (i < last && message?.received.includes(by) !== true) continue
      this.#log.change(key, ({ received, read }) => ({ received: including(received, by), read: including(read, by) }))
    }
  }

  /** The member is gone. */
  forget(member: PeerId): void {
    this.#reads.delete(member)
  }
}

/** What this client has read of each author, and whom it has told. */
export class Reading {
  readonly #tell: (author: PeerId, id: string) => boolean
  readonly #last = new Map<PeerId, string>()
  readonly #read = new Map<PeerId, string>()
  readonly #told = new Map<PeerId, string>()

  /** @param tell returns whether the author was told. */
  constructor(tell: (author: PeerId, id: string) => boolean) {
    this.#tell = tell
  }

  heard(author: PeerId, id: string): void {
    this.#last.set(author, id)
  }

  /** What the author has said before: it is the last only where nothing else is known. */
  heardBefore(author: PeerId, id: string): void {
    if (!this.#last.has(author)) this.#last.set(author, id)
  }

  /** Everything was read that has come. */
  readAll(): void {
    for (const [author, id] of this.#last) {
      this.#read.set(author, id)
      if (this.#told.get(author) !== id) this.repeat(author)
    }
  }

  /** The author may not have got the last notice. */
  repeat(author: PeerId): void {
    const id = this.#read.get(author)
    if (id !== undefined && this.#tell(author, id)) this.#told.set(author, id)
  }
}

/** Whom to ask for what was said before: those who were in the room first, once each, until a few have told something. */
export class Tellers {
  /** Members, and whether they were there first when they were first seen. */
  readonly #wereFirst = new Map<PeerId, boolean>()
  /** Who tells, or has told. */
  readonly #asked = new Set<PeerId>()
  /** It outlives a member's page and its place, so that neither gives the member another share. */
  readonly #told = new Map<PeerId, Told>()
  readonly #clock: Clock

  constructor(membership: RoomMembership, clock: Clock) {
    this.#clock = clock
    let isIn = false
    let isBack = false
    membership.subscribe(() => (isIn ||= membership.getSnapshot().status === 'joined'))
    membership.onEvent((event) => {
      // Whoever is met on coming back may have come meanwhile.
      if (event.type === 'discontinuity') isBack = isIn
      if (event.type !== 'peer_joined' || this.#wereFirst.has(event.peer.id)) return
      if (this.#wereFirst.size < MAX_SEEN) this.#wereFirst.set(event.peer.id, !event.newcomer && !isBack)
    })
  }

  /** @returns what a member has told so far if it is to be asked, and then takes one of the places. */
  take(member: PeerId): Told | undefined {
    if (this.#asked.has(member) || this.#wereFirst.get(member) !== true) return
    if ([...this.#asked].filter((one) => this.#hasPlace(one)).length >= MAX_TELLERS) return
    this.#asked.add(member)
    const since = this.#clock.now()
    const told = this.#told.get(member) ?? { messages: 0, size: 0, parts: 0, oldest: undefined, isOver: false, since }
    this.#told.set(member, told)
    return told
  }

  /** A member that has told nothing has given its place back, and is not asked again. One that is slow goes on without a place. */
  #hasPlace(member: PeerId): boolean {
    const told = this.#told.get(member)
    if (told === undefined) return false
    return told.isOver ? told.messages > 0 : this.#clock.now() - told.since < TELLING_MS
  }

  /** The member has not told everything: its place is free. */
  release(member: PeerId): void {
    this.#asked.delete(member)
  }
}
