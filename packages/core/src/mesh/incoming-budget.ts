import { ChatBudget, INCOMING_CHAT } from './chat-budget.ts'

/** Messages and characters accepted from a peer per heartbeat: more than any user types, too few to block the page. */
const MAX_MESSAGES = 1_000
const MAX_SAID = 8_388_608
/** Signals relayed for one peer per heartbeat. */
const MAX_RELAYED = 32
/** Relayed candidates accepted per ICE restart, capped so they cannot crowd out the peer's own. */
const MAX_PASSED_ON = 32

/** Counts what one peer sends against the limits. */
export class IncomingBudget {
  readonly #chat = new ChatBudget(INCOMING_CHAT)
  #messages = 0
  #said = 0
  #relayed = 0
  #passedOn = 0

  /** Resets the counts that apply per heartbeat. */
  beat(): void {
    this.#messages = 0
    this.#said = 0
    this.#relayed = 0
  }

  /** Resets the count that applies per ICE restart. */
  retry(): void {
    this.#passedOn = 0
  }

  /** @returns whether a message of this length is within the limits; if not, the peer is flooding. */
  takeMessage(length: number): boolean {
    this.#messages += 1
    this.#said += length
    return this.#messages <= MAX_MESSAGES && this.#said <= MAX_SAID
  }

  /** @returns whether one more signal may be relayed for the peer. */
  takeRelay(): boolean {
    return (this.#relayed += 1) <= MAX_RELAYED
  }

  /** @returns whether one more relayed candidate is accepted. */
  takePassedOn(): boolean {
    return (this.#passedOn += 1) <= MAX_PASSED_ON
  }

  /** @returns whether a chat message of that length is within what a page can show. */
  takeChat(length: number, now: number): boolean {
    return this.#chat.take(length, now)
  }
}
