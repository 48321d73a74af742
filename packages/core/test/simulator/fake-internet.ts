import type { Clock } from '../../src/transport/index.ts'
import type { Random } from '@patchbay/fault-proxy'

/** An error with the name that a browser would give it. */
export function fail(name: string, message: string): Error {
  return Object.assign(new Error(message), { name })
}

/** The part of EventTarget that the code under test uses. A listener that throws fails the dispatching code. */
export class FakeEventTarget {
  readonly #listeners: { readonly type: string; readonly listener: (event: object) => void }[] = []

  addEventListener(type: string, listener: (event: object) => void): void {
    this.#listeners.push({ type, listener })
  }

  emit(type: string, event: object = {}): void {
    for (const one of this.#listeners) if (one.type === type) one.listener(event)
  }
}

/** A connection, as the paths between pages see it. */
interface Endpoint {
  readonly page: string
  /** Whether the path in use is dead; an ICE restart finds another. */
  readonly severed: boolean
  /** Whether it has the ICE credentials of the other. */
  pairs(other: this): boolean
}

/** The paths between pages that talk directly, and all connections on them. */
export class FakeInternet<C extends Endpoint> {
  readonly clock: Clock
  readonly random: Random
  readonly connections: C[] = []
  /** Pages whose direct path is currently down. */
  readonly dark = new Set<string>()
  /** Protocol errors of pages on their paths. */
  readonly problems: string[] = []

  constructor(clock: Clock, random: Random) {
    this.clock = clock
    this.random = random
  }

  delay(maxMs: number): number {
    return this.random.next() * maxMs
  }

  passes(a: C, b: C): boolean {
    return !this.dark.has(a.page) && !this.dark.has(b.page) && !a.severed && !b.severed
  }

  /** Finds the connection at the other end of `one`: ICE credentials match both ways. */
  counterpart(one: C): C | undefined {
    return this.connections.find((other) => other !== one && other.pairs(one) && one.pairs(other))
  }
}

/** Text, or a chunk of a file. */
export type FakeMessage = string | ArrayBuffer

/** Copies data on send, because the sender may reuse its buffer (W3C WebRTC §6.2). */
export function copied(data: FakeMessage | Uint8Array<ArrayBuffer>): FakeMessage {
  return data instanceof Uint8Array ? data.slice().buffer : data
}

/** A data channel with a fixed id, ordered and reliable whatever the path does. */
export class FakeDataChannel extends FakeEventTarget {
  readonly #sent: (data: FakeMessage) => void
  /** Messages queued for sending. */
  readonly queue: FakeMessage[] = []
  /** A chunk is being sent; later messages wait for it. */
  busy = false
  readyState: RTCDataChannelState = 'connecting'
  bufferedAmount = 0
  bufferedAmountLowThreshold = 0

  /** @param sent is called for each message queued. */
  constructor(sent: (data: FakeMessage) => void) {
    super()
    this.#sent = sent
  }

  send(data: string | Uint8Array<ArrayBuffer>): void {
    if (this.readyState !== 'open') throw fail('InvalidStateError', 'not open')
    const message = copied(data)
    this.queue.push(message)
    this.#sent(message)
  }

  open(): void {
    if (this.readyState !== 'connecting') return
    this.readyState = 'open'
    this.emit('open')
  }

  deliver(data: FakeMessage): void {
    if (this.readyState === 'open') this.emit('message', { data })
  }

  end(): void {
    if (this.readyState === 'closed') return
    this.readyState = 'closed'
    this.emit('close')
  }
}
