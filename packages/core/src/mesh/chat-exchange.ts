import { encode, type PeerMessage, randomToken } from '@patchbay/protocol'

type Chat = Extract<PeerMessage, { type: 'chat' }>
type Sync = Extract<PeerMessage, { type: 'sync' }>
type Ack = Extract<PeerMessage, { type: 'ack' }>

/** Messages kept for a peer that has not confirmed them. */
const MAX_UNCONFIRMED = 256
/** Messages heard after which the other end is told at once, and not with the next heartbeat. */
const TELL_EVERY = 64
/** What the other end has heard of itself is not known: it is told. */
const NOTHING_TOLD = -1

/**
 * Chat with one peer, in order and once over however many connections it takes: a data channel is reliable only while it
 * lives, and what was on its way when it died is sent again on the next one. Each end numbers its messages in a stream of
 * its own; `sync` opens the talk on every new channel, `ack` says how far the other end has heard.
 */
export class ChatExchange {
  readonly #stream: string = randomToken(12)
  #sent = 0
  #unconfirmed: { readonly seq: number; readonly id: string; readonly body: string }[] = []
  /** The other end's stream, and how far it was heard. */
  #theirs: { readonly stream: string; heard: number } | undefined
  #toldHeard = NOTHING_TOLD

  /** Takes what a peer's earlier life has not confirmed, for the one that took its place. */
  static after(earlier: ChatExchange | undefined): ChatExchange {
    const next = new ChatExchange()
    if (earlier !== undefined) for (const { id, body } of earlier.#unconfirmed) next.add(id, body)
    return next
  }

  /** No more can be said before the other end confirms some of it. */
  get full(): boolean {
    return this.#unconfirmed.length >= MAX_UNCONFIRMED
  }

  /** Adds a message. @returns its frame. */
  add(id: string, body: string): string {
    const message = { seq: (this.#sent += 1), id, body }
    this.#unconfirmed.push(message)
    return encode({ type: 'chat', ...message })
  }

  /** Frames that begin the talk on a new channel: where this end stands, and what may have been lost. */
  opening(): string[] {
    const before = this.#unconfirmed[0]?.seq ?? this.#sent + 1
    const sync: Sync = { type: 'sync', stream: this.#stream, before: before - 1 }
    return [encode(sync), ...this.#unconfirmed.map((message) => encode({ type: 'chat', ...message }))]
  }

  /** The other end begins on a new channel. */
  begin({ stream, before }: Sync): void {
    this.#toldHeard = NOTHING_TOLD
    if (this.#theirs?.stream !== stream) this.#theirs = { stream, heard: before }
  }

  /** @returns whether this message was not heard before. A number that leaves a gap is the other end's fault: `undefined`. */
  accept({ seq }: Chat): boolean | undefined {
    const theirs = this.#theirs
    if (theirs === undefined || seq > theirs.heard + 1) return undefined
    if (seq <= theirs.heard) return false
    theirs.heard = seq
    return true
  }

  /** So much was heard since the other end was told that it should not wait for the heartbeat. */
  get ackIsDue(): boolean {
    return (this.#theirs?.heard ?? 0) - this.#toldHeard >= TELL_EVERY
  }

  /** How far the other end was heard, if it was not told yet. */
  takeAck(): Ack | undefined {
    const theirs = this.#theirs
    if (theirs === undefined || theirs.heard === this.#toldHeard) return undefined
    this.#toldHeard = theirs.heard
    return { type: 'ack', ...theirs }
  }

  /** The other end has heard so far. @returns `false` when it claims what was never sent. */
  confirm({ stream, heard }: Ack): boolean {
    // Of an earlier life of this end.
    if (stream !== this.#stream) return true
    if (heard > this.#sent) return false
    this.#unconfirmed = this.#unconfirmed.filter(({ seq }) => seq > heard)
    return true
  }
}
