import type { CloseReason, ConnectionHandlers } from './connection.ts'

/**
 * Guards the handlers of one end of a line: `close` is delivered once and last, and no frame after it (T3, T5).
 * Every transport ends its lines through a `LineEnd`, so the rule is implemented in one place.
 */
export class LineEnd {
  #handlers: ConnectionHandlers | undefined
  #ended: CloseReason | undefined

  constructor(handlers?: ConnectionHandlers) {
    this.#handlers = handlers
  }

  /** Whether the line still carries frames. */
  get open(): boolean {
    return this.#ended === undefined
  }

  /** Sets the handlers of a line whose owner is known only after it exists (a server's `accept`). */
  own(handlers: ConnectionHandlers): void {
    if (this.#ended === undefined) this.#handlers = handlers
    else handlers.close(this.#ended)
  }

  frame(text: string): void {
    if (this.open) this.#handlers?.frame(text)
  }

  /** @returns whether this call was the one that ended the line. */
  end(reason: CloseReason): boolean {
    if (!this.open) return false
    this.#ended = reason
    this.#handlers?.close(reason)
    this.#handlers = undefined
    return true
  }
}
