import type { FileMessage, InstanceId } from '@patchbay/protocol'
import type { OutgoingFile } from './outgoing-file.ts'
import { isStoppedByUs, MAX_OFFERS } from './transfer-list.ts'

/** Files offered to one peer that are not over: half of what it lists, which leaves room for those of an earlier page. */
const MAX_OPEN = 128

/** Which files a peer is offered, and when: no more at a time than it takes without an answer. The others wait their turn. */
export class OfferQueue {
  readonly #files: Map<string, OutgoingFile>
  readonly #send: (message: FileMessage) => boolean
  #instance: InstanceId | undefined
  /** What this instance of the peer has been offered. */
  #offered = new WeakSet<OutgoingFile>()

  /** @param send returns whether the message was sent. */
  constructor(files: Map<string, OutgoingFile>, send: (message: FileMessage) => boolean) {
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
      if (this.#offered.has(file) && !file.over) this.#send(file.offer())
      // Sent again: the peer may have been disconnected when it was sent first.
      const isTold = !this.#isToTell(file) || this.#send({ type: 'stop', id: file.id, why: 'cancelled' })
      if (isTold && !file.isListed) this.#files.delete(file.id)
    }
    this.advance()
  }

  /** Takes a file that is over off the list. @param isInReach whether the peer has heard what it was told. */
  dismiss(id: string, isInReach: boolean): void {
    const file = this.#files.get(id)
    if (file?.over !== true) return
    if (!isInReach && this.#isToTell(file)) file.isListed = false
    else this.#files.delete(id)
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

  /** Whether this end has stopped what this instance of the peer knows of. */
  #isToTell(file: OutgoingFile): boolean {
    return this.#offered.has(file) && isStoppedByUs(file)
  }
}
