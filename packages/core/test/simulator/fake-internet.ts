import type { Clock } from '../../src/transport/index.ts'
import type { FakePeerConnection } from './fake-peer-connection.ts'
import type { Random } from '@patchbay/fault-proxy'

/** An error of the name a browser would give it. */
export function fail(name: string, message: string): Error {
  return Object.assign(new Error(message), { name })
}

/** As much of EventTarget as the code under test asks for. A listener that throws fails whoever made the event. */
export class FakeEventTarget {
  readonly #listeners: { readonly type: string; readonly listener: (event: object) => void }[] = []

  addEventListener(type: string, listener: (event: object) => void): void {
    this.#listeners.push({ type, listener })
  }

  emit(type: string, event: object = {}): void {
    for (const one of this.#listeners) if (one.type === type) one.listener(event)
  }
}

/** The path between two pages that talk directly, and every connection on it. */
export class FakeInternet {
  readonly clock: Clock
  readonly random: Random
  readonly connections: FakePeerConnection[] = []
  /** Pages whose direct path is down now. */
  readonly dark = new Set<string>()
  /** What no page should have done to its path. */
  readonly problems: string[] = []

  constructor(clock: Clock, random: Random) {
    this.clock = clock
    this.random = random
  }

  delay(maxMs: number): number {
    return this.random.next() * maxMs
  }

  passes(a: FakePeerConnection, b: FakePeerConnection): boolean {
    return !this.dark.has(a.page) && !this.dark.has(b.page) && !a.severed && !b.severed
  }

  /** Finds the connection whose descriptions answer those of `one`: ICE credentials match both ways. */
  counterpart(one: FakePeerConnection): FakePeerConnection | undefined {
    return this.connections.find((other) => other !== one && other.pairs(one) && one.pairs(other))
  }
}

/** Text, or a piece of a file. */
export type FakeMessage = string | ArrayBuffer

/** What a channel takes is copied: the sender may use its memory again (W3C WebRTC §6.2). */
export function copied(data: FakeMessage | Uint8Array<ArrayBuffer>): FakeMessage {
  return data instanceof Uint8Array ? data.slice().buffer : data
}

/** A data channel with a fixed id; ordered and reliable, whatever the path does. */
export class FakeDataChannel extends FakeEventTarget {
  readonly #sent: (data: FakeMessage) => void
  /** What is not yet on its way. */
  readonly queue: FakeMessage[] = []
  /** A piece of a file is on its way: what follows waits for it. */
  busy = false
  readyState: RTCDataChannelState = 'connecting'
  bufferedAmount = 0
  bufferedAmountLowThreshold = 0

  /** @param sent is told of each message that is there to be sent. */
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
