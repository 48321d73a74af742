import {
  type AcceptedConnection,
  type Connection,
  type ConnectionHandlers,
  createLinkedPair,
  type LinkedPair,
} from '@patchbay/core/transport'

type Accept = (connection: AcceptedConnection) => ConnectionHandlers

/** Connects the dialers of a process with its listener. There is no wire: frames are handed over by microtask. */
export class MemoryAddress {
  readonly #lines = new Set<LinkedPair>()
  #accept: Accept | undefined
  #count = 0

  /** Lines open now, oldest first; the near end is the client's. */
  get lines(): readonly LinkedPair[] {
    return [...this.#lines]
  }

  /** @internal Called by the listener. */
  open(accept: Accept): void {
    this.#accept = accept
  }

  /** @internal Ends every line from the server's side and refuses new ones. */
  close(): void {
    this.#accept = undefined
    for (const { far } of this.lines) far.close()
  }

  /** @internal Called by the dialer. @returns `undefined` when nothing listens. */
  connect(handlers: ConnectionHandlers): Connection | undefined {
    const accept = this.#accept
    if (accept === undefined) return undefined
    // The server may end the line inside `accept`, before `pair` exists.
    let ended = false
    let forget = () => {}
    const pair: LinkedPair = createLinkedPair(`memory-${(this.#count += 1)}`, ({ far }) => {
      const server = accept({ ...far, remote: { address: 'memory', origin: undefined } })
      return {
        near: handlers,
        far: {
          frame: (text) => server.frame(text),
          close: (reason) => {
            ended = true
            forget()
            server.close(reason)
          },
        },
      }
    })
    forget = () => this.#lines.delete(pair)
    if (!ended) this.#lines.add(pair)
    return pair.near
  }
}
