import type { RoomId } from '@patchbay/protocol'
import type { NodeId, RoomDelta } from './engine.ts'
import type { Post } from './engine-store.ts'
import { readDelta } from './read-delta.ts'

/** What mail needs from its engine. */
interface MailHost {
  post(to: NodeId, post: Post): Promise<void>
  frame(from: NodeId, frame: string): void
  room(room: RoomId, delta: RoomDelta): void
  /** Something of what that node has sent is lost. */
  gap(from: NodeId): void
  /** That node shuts down. */
  bye(from: NodeId): void
  /** That node has a lease now. */
  hello(from: NodeId): void
}

/** The first character of every text says what it is, and in which version. */
const FRAME = '1'
const ROOM = '2'
const BYE = '3'
const HELLO = '4'
/** Longest text, in UTF-16 code units, and what one post carries if it is more than one text. */
const MAX_TEXT = 655_360
const MAX_POST = 262_144
/** What may wait for one node, in UTF-16 code units: a node that takes nothing is dead soon. */
const MAX_WAITING = 8 * 1_048_576

/** How often a post is repeated that cannot be stored though the store can be reached. */
const MAX_TRIES = 5

/** What has come from one node. */
interface Seen {
  /** The last number. */
  readonly n: number
  /** What was sent after it may be lost, and that is known: the next number may be any. */
  readonly isVoid: boolean
}

/** What waits for one node. */
interface Box {
  n: number
  size: number
  texts: string[]
  isPosting: boolean
  /** A post that failed, and how often. It may have arrived: it is repeated under its number, before anything else. */
  failed: { readonly post: Post; readonly tries: number } | undefined
  /** Something was left out: the other end learns of it by the number of the next post. */
  isBehind: boolean
}

/**
 * What a node sends to the others and gets from them. Texts of one turn go in one post, posts to one node one after another,
 * and each is numbered: a number that is missing is noticed.
 */
export class Mail {
  readonly #self: NodeId
  readonly #host: MailHost
  readonly #out = new Map<NodeId, Box>()
  readonly #seen = new Map<NodeId, Seen>()
  readonly #underWay = new Set<Promise<void>>()
  #probesSent = 0
  #probesSeen = 0
  /** Texts that were no texts of this version. */
  dropped = 0

  constructor(self: NodeId, host: MailHost) {
    this.#self = self
    this.#host = host
  }

  /** Whether what this node has posted to itself does not come: two probes are missing. */
  get isDeaf(): boolean {
    return this.#probesSent - this.#probesSeen > 1
  }

  /** A post to this node itself. */
  get probe(): Post {
    this.#probesSent += 1
    return { from: this.#self, n: this.#probesSent, texts: [] }
  }

  /** Nodes to which something was sent, or from which something came. */
  get partners(): NodeId[] {
    return [...new Set([...this.#out.keys(), ...this.#seen.keys()])]
  }

  frame(to: NodeId, frame: string): void {
    this.#add(to, FRAME + frame)
  }

  room(to: NodeId, room: RoomId, delta: RoomDelta): void {
    this.#add(to, `${ROOM}${room} ${JSON.stringify(delta)}`)
  }

  /** A change is not sent to a node that is dead, as far as is known: once it is there, it learns that something is missing. */
  leaveOut(to: NodeId): void {
    leaveOut(this.#boxOf(to))
  }

  bye(to: NodeId): void {
    this.#add(to, BYE)
  }

  hello(to: NodeId): void {
    this.#add(to, HELLO)
  }

  /**
   * Takes a post from this node's inbox. What is in none of the known forms is dropped and counted.
   * @throws the first of what its handlers have thrown, after everything was handled.
   */
  take({ from, n, texts }: Post): void {
    if (from === this.#self) return void (this.#probesSeen = this.#probesSent)
    const before = this.#seen.get(from)
    if (before !== undefined && n <= before.n) return void (this.dropped += 1)
    this.#seen.set(from, { n, isVoid: false })
    if (before?.isVoid !== true && n !== (before?.n ?? 0) + 1) this.#host.gap(from)
    const errors: unknown[] = []
    for (const text of texts) {
      try {
        this.#read(from, text)
      } catch (error) {
        // The others are not to blame for it.
        errors.push(error)
      }
    }
    if (errors.length > 0) throw errors[0]
  }

  /** A node is gone: what waits for it is dropped. Should it be there nevertheless, the numbers go on. */
  drop(node: NodeId): void {
    this.#seen.delete(node)
    const box = this.#out.get(node)
    // Another one: a post of this one may be under way. Once the node is back, it is told that something is missing.
    if (box !== undefined) this.#out.set(node, { ...emptyBox(box.n), isBehind: box.isBehind })
  }

  /** Posts of others may be lost from here on: the gap is known and not reported again. */
  forget(): void {
    for (const [node, { n }] of this.#seen) this.#seen.set(node, { n, isVoid: true })
  }

  /** Fulfilled when everything was posted, or could not be. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay)
  }

  #read(from: NodeId, text: string): void {
    const kind = text[0]
    if (text.length > MAX_TEXT) return void (this.dropped += 1)
    if (kind === FRAME) return this.#host.frame(from, text.slice(1))
    if (kind === BYE) return this.#host.bye(from)
    if (kind === HELLO) return this.#host.hello(from)
    const cut = text.indexOf(' ')
    const delta = kind === ROOM && cut > 0 ? readDelta(text.slice(cut + 1)) : undefined
    if (delta === undefined) return void (this.dropped += 1)
    this.#host.room(text.slice(1, cut) as RoomId, delta)
  }

  #add(to: NodeId, text: string): void {
    if (to === this.#self) return
    const box = this.#boxOf(to)
    if (text.length > MAX_TEXT || box.size + text.length > MAX_WAITING) return leaveOut(box)
    box.size += text.length
    box.texts.push(text)
    // What has failed is tried again at the next beat.
    if (box.failed === undefined) this.#postSoon(to, box)
  }

  #boxOf(to: NodeId): Box {
    const box = this.#out.get(to) ?? emptyBox(0)
    this.#out.set(to, box)
    return box
  }

  #postSoon(to: NodeId, box: Box): void {
    if (box.isPosting) return
    box.isPosting = true
    this.#track(Promise.resolve().then(() => this.#post(to, box)))
  }

  /** Whether more than half of what may wait for a node does. */
  isBackedUp(to: NodeId): boolean {
    return (this.#out.get(to)?.size ?? 0) > MAX_WAITING / 2
  }

  /** Posts to each living node what it has not got, or something that tells it so. */
  catchUp(alive: ReadonlySet<NodeId>): void {
    for (const [to, box] of this.#out) {
      if (!alive.has(to)) continue
      if (box.failed !== undefined || box.isBehind) this.#postSoon(to, box)
    }
  }

  #track(work: Promise<void>): void {
    this.#underWay.add(work)
    void work.finally(() => this.#underWay.delete(work))
  }

  async #post(to: NodeId, box: Box): Promise<void> {
    const hasSome = () => box.failed !== undefined || box.texts.length > 0 || box.isBehind
    // Unless the node was dropped meanwhile.
    while (hasSome() && this.#out.get(to) === box) {
      const { post, tries } = box.failed ?? { post: this.#next(box), tries: 0 }
      try {
        await this.#host.post(to, post)
        box.failed = undefined
      } catch {
        const isLost = tries >= MAX_TRIES
        box.failed = isLost ? undefined : { post, tries: tries + 1 }
        box.isBehind ||= isLost
        // At once the first time; then at each beat.
        if (tries > 0) break
      }
    }
    box.isPosting = false
  }

  #next(box: Box): Post {
    // Its number tells of what was left out.
    box.isBehind = false
    box.n += 1
    return { from: this.#self, n: box.n, texts: takeSome(box) }
  }
}

/** @param n number of the last post. */
function emptyBox(n: number): Box {
  return { n, size: 0, texts: [], isPosting: false, failed: undefined, isBehind: false }
}

/** The next number tells of what is missing. */
function leaveOut(box: Box): void {
  box.n += 1
  box.isBehind = true
}

function takeSome(box: Box): string[] {
  let size = 0
  let count = 0
  for (const text of box.texts) {
    if (count > 0 && size + text.length > MAX_POST) break
    size += text.length
    count += 1
  }
  box.size -= size
  return box.texts.splice(0, count)
}
