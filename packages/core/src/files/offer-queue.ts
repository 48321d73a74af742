import type { FileMessage, InstanceId } from '@patchbay/protocol'
import type { OutgoingFile } from './outgoing-file.ts'
import { MAX_OFFERS } from './transfer-list.ts'

/** Which files a peer is offered, and when: no more at a time than it takes without an answer. The others wait their turn. */
export class OfferQueue {
  readonly #files: ReadonlyMap<string, OutgoingFile>
  readonly #send: (message: FileMessage) => boolean
  #instance: InstanceId | undefined
  /** What this instance of the peer has been offered. */
  #offered = new WeakSet<OutgoingFile>()

  /** @param send returns whether the message was sent. */
  constructor(files: ReadonlyMap<string, OutgoingFile>, send: (message: FileMessage) => boolean) {
    this.#files = files
    this.#send = send
  }

  /** There is another channel, with this instance of the peer. */
  attach(instance: InstanceId): void {
    if (instance !== this.#instance) this.#offered = new WeakSet()
    this.#instance = instance
  }

  /** Says once more what the peer knows of: stream numbers are valid on one channel only. Then offers what waits. */
  repeat(): void {
    for (const file of this.#files.values()) {
      const { state, id, over } = file
      if (!this.#offered.has(file)) continue
      if (!over) this.#send(file.offer())
      // Sent again: the peer may have been disconnected when it was sent first.
      if (state.phase === 'stopped' && state.byUs) this.#send({ type: 'stop', id, why: 'cancelled' })
    }
    this.advance()
  }

  /** Offers what waits, as far as the peer takes it. */
  advance(): void {
    const unanswered = [...this.#files.values()].filter(
      ({ state }) => state.phase === 'offered' || state.phase === 'waiting',
    )
    const next = unanswered.filter((file) => !this.#offered.has(file))
    const room = Math.max(0, MAX_OFFERS - unanswered.length + next.length)
    for (const file of next.slice(0, room)) if (this.#send(file.offer())) this.#offered.add(file)
  }
}
