import type { PeerId } from '@patchbay/protocol'
import type { Clock } from '../transport/index.ts'

/** How long somebody counts as typing after the last notice, and how often one is sent, in milliseconds. */
const HOLD_MS = 6_000
const REPEAT_MS = 2_500

/** Who is typing. Notices may be lost, so each one counts for a while only. */
export class Typing {
  readonly #clock: Clock
  readonly #send: (isTyping: boolean) => void
  readonly #changed: () => void
  readonly #timers = new Map<PeerId, () => void>()
  #list: readonly PeerId[] = []
  /** When this client last said that it is typing. */
  #said: number | undefined

  constructor(clock: Clock, send: (isTyping: boolean) => void, changed: () => void) {
    this.#clock = clock
    this.#send = send
    this.#changed = changed
  }

  get list(): readonly PeerId[] {
    return this.#list
  }

  /** This client is typing, or has stopped. */
  tell(isTyping: boolean): void {
    const now = this.#clock.now()
    const isKnown = isTyping ? this.#said !== undefined && now - this.#said < REPEAT_MS : this.#said === undefined
    if (isKnown) return
    this.#said = isTyping ? now : undefined
    this.#send(isTyping)
  }

  heard(from: PeerId, isTyping: boolean): void {
    this.#timers.get(from)?.()
    this.#timers.delete(from)
    if (isTyping)
      this.#timers.set(
        from,
        this.#clock.after(HOLD_MS, () => this.heard(from, false)),
      )
    if (isTyping === this.#list.includes(from)) return
    this.#list = [...this.#timers.keys()]
    this.#changed()
  }

  stop(): void {
    for (const cancel of this.#timers.values()) cancel()
    this.#timers.clear()
  }
}
