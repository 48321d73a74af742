import { randomToken } from '@patchbay/protocol'
import type { MessageOf } from '../feature.ts'

type Chat = MessageOf<'chat'>
type Sync = MessageOf<'sync'>
type Ack = MessageOf<'ack'>

/** Unconfirmed messages kept for a peer. */
const MAX_UNCONFIRMED = 256
/** Their total size, in UTF-16 code units. */
const MAX_UNCONFIRMED_SIZE = 262_144
/**
 * Heartbeats with a pong on which something is unconfirmed that was sent before a ping that was answered, on the same ordered
 * channel: the other end has it and does not say so. Pongs themselves are not counted: when a path is back, many come at once.
 */
const MAX_OWED_BEATS = 8
/**
 * Heartbeats on which the other end is heard and nothing more can be said to it. Each message that it confirms makes up for
 * one, and so do 1 024 characters: a slow path takes more.
 */
const MAX_FULL_BEATS = 30
/** Messages received after which an ack is sent at once instead of with the next heartbeat. */
const TELL_EVERY = 64
/** No ack was sent on this channel yet, so one is due. */
const NOTHING_TOLD = -1

/**
 * Delivers chat with one peer once and in order over successive connections: a data channel is reliable only while it
 * lives, and messages in flight when it died are resent on the next one. Each end numbers its messages in its own
 * stream; `sync` comes before any chat on every new channel, `ack` confirms what was received.
 */
export class ChatExchange {
  readonly #stream: string = randomToken(12)
  #sent = 0
  #unconfirmed: { readonly seq: number; readonly id: string; readonly body: string }[] = []
  /** The other end's stream, and the last number received in it. */
  #theirs: { readonly stream: string; heard: number } | undefined
  #toldHeard = NOTHING_TOLD
  #unconfirmedSize = 0
  #ponged = false
  /** A ping, and the last message sent before it. */
  #asked: { readonly ping: number; readonly seq: number; isAnswered: boolean } | undefined
  /** Heartbeats so far: see {@link MAX_OWED_BEATS}, {@link MAX_FULL_BEATS}. */
  readonly #beats = { owed: 0, full: 0 }

  /** Creates the exchange with a peer's new instance, with the messages that the earlier one has not confirmed. */
  static after(earlier: ChatExchange | undefined): ChatExchange {
    const next = new ChatExchange()
    if (earlier !== undefined) for (const { id, body } of earlier.#unconfirmed) next.add(id, body)
    return next
  }

  /** No more messages can be sent until the other end confirms some. */
  get full(): boolean {
    return this.#unconfirmed.length >= MAX_UNCONFIRMED || this.#unconfirmedSize >= MAX_UNCONFIRMED_SIZE
  }

  /** Adds a message. @returns what is to be sent. */
  add(id: string, body: string): Chat {
    const message = { seq: (this.#sent += 1), id, body }
    this.#unconfirmed.push(message)
    this.#unconfirmedSize += body.length
    return { type: 'chat', ...message }
  }

  /** First on a new channel: `sync`, then the unconfirmed messages. */
  opening(): (Sync | Chat)[] {
    this.#beats.owed = 0
    // Each channel has its own pings.
    this.#asked = undefined
    const before = this.#unconfirmed[0]?.seq ?? this.#sent + 1
    const chats = this.#unconfirmed.map((message) => ({ type: 'chat', ...message }) as const)
    return [{ type: 'sync', stream: this.#stream, before: before - 1 }, ...chats]
  }

  /** Handles the other end's `sync` on a new channel. */
  begin({ stream, before }: Sync): void {
    this.#toldHeard = NOTHING_TOLD
    if (this.#theirs?.stream !== stream) this.#theirs = { stream, heard: before }
  }

  /** @returns whether this message is new; `undefined` for a number that leaves a gap, which violates the protocol. */
  accept({ seq }: Chat): boolean | undefined {
    const theirs = this.#theirs
    if (theirs === undefined || seq > theirs.heard + 1) return undefined
    if (seq <= theirs.heard) return false
    theirs.heard = seq
    return true
  }

  /** Enough is unacknowledged to send an ack now instead of with the next heartbeat. */
  get ackIsDue(): boolean {
    return (this.#theirs?.heard ?? 0) - this.#toldHeard >= TELL_EVERY
  }

  /** Returns the ack to send, if anything is unacknowledged. */
  takeAck(): Ack | undefined {
    const theirs = this.#theirs
    if (theirs === undefined || theirs.heard === this.#toldHeard) return undefined
    this.#toldHeard = theirs.heard
    return { type: 'ack', ...theirs }
  }

  /** Handles the other end's `ack`. @returns the ids that it confirms; `undefined` for messages that were never sent. */
  confirm({ stream, heard }: Ack): string[] | undefined {
    // For a stream of this page before a reload.
    if (stream !== this.#stream) return []
    if (heard > this.#sent) return undefined
    const confirmed = this.#unconfirmed.filter(({ seq }) => seq <= heard)
    for (const { body } of confirmed) {
      this.#unconfirmedSize -= body.length
      this.#beats.full = Math.max(0, this.#beats.full - 1 - body.length / 1_024)
    }
    this.#unconfirmed = this.#unconfirmed.slice(confirmed.length)
    return confirmed.map(({ id }) => id)
  }

  /** The other end has answered ping number `n`. */
  ponged(n: number): void {
    this.#ponged = true
    if (this.#asked !== undefined && n >= this.#asked.ping) this.#asked.isAnswered = true
  }

  /**
   * Called with each heartbeat, before ping number `ping`. @returns `false` when the other end has long had messages that it
   * does not confirm: it would hold up everybody who waits for it. @param isHeard whether something has come from it of late.
   */
  beat(isHeard: boolean, ping: number): boolean {
    const oldest = this.#unconfirmed[0]?.seq ?? Infinity
    if (this.#asked === undefined || oldest > this.#asked.seq) {
      this.#beats.owed = 0
      this.#asked = { ping, seq: this.#sent, isAnswered: false }
    } else if (this.#ponged && this.#asked.isAnswered) this.#beats.owed += 1
    if (this.full && isHeard) this.#beats.full += 1
    this.#ponged = false
    return this.#beats.owed <= MAX_OWED_BEATS && this.#beats.full <= MAX_FULL_BEATS
  }
}
