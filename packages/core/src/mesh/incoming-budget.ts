/** What a peer may say between two heartbeats: far more than anyone types, far less than would hold a page up. */
const MAX_MESSAGES = 1_000
const MAX_SAID = 8_388_608
/** Signals passed on for one peer in one heartbeat. */
const MAX_RELAYED = 32
/** Candidates taken from others who pass them on, at one try to heal: whoever it is, they leave room for the peer's own. */
const MAX_PASSED_ON = 32

/** Counts what comes from one peer against what is taken of it. */
export class IncomingBudget {
  #messages = 0
  #said = 0
  #relayed = 0
  #passedOn = 0

  /** A heartbeat has gone by. */
  beat(): void {
    this.#messages = 0
    this.#said = 0
    this.#relayed = 0
  }

  /** Another try to heal begins. */
  retry(): void {
    this.#passedOn = 0
  }

  /** @returns whether a message of so many characters may be taken; otherwise the peer floods. */
  takeMessage(length: number): boolean {
    this.#messages += 1
    this.#said += length
    return this.#messages <= MAX_MESSAGES && this.#said <= MAX_SAID
  }

  /** @returns whether one more signal is passed on for the peer. */
  takeRelay(): boolean {
    return (this.#relayed += 1) <= MAX_RELAYED
  }

  /** @returns whether one more candidate is taken that others have passed on. */
  takePassedOn(): boolean {
    return (this.#passedOn += 1) <= MAX_PASSED_ON
  }
}
