import type { FileMessage, InstanceId } from '@patchbay/protocol'
import type { OutgoingFile } from './outgoing-file.ts'
import { MAX_OFFERS } from './transfer-list.ts'

/** Files offered to one peer that are not over: half of what it lists, which leaves room for those of an earlier page. */
const MAX_OPEN = 128

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
    const open = [...this.#files.values()].filter(({ over }) => !over)
    const told = open.filter((file) => this.#offered.has(file))
    const unanswered = told.filter(({ state }) => state.phase !== 'moving')
    const room = Math.min(MAX_OFFERS - unanswered.length, MAX_OPEN - told.length)
    const next = open.filter((file) => !this.#offered.has(file)).slice(0, Math.max(0, room))
    for (const file of next) if (this.#send(file.offer())) this.#offered.add(file)
  }
}
