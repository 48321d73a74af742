import type { PeerInfo } from '@patchbay/protocol'
import type { Signal } from '../client/index.ts'
import type { OpenedSignal, SignalSeal } from '../seal/index.ts'

/** Where signals leave a mesh and come in: sealed in between where the room has a key. Their order stays. */
export class SignalPort {
  readonly #seal: SignalSeal | undefined
  #outgoing: Promise<void> = Promise.resolve()
  #incoming: Promise<void> = Promise.resolve()

  constructor(seal: SignalSeal | undefined) {
    this.#seal = seal
  }

  /** Hands a signal to `send` as it may be shown to anyone. */
  out(signal: Signal, to: PeerInfo, send: (signal: Signal) => void): void {
    const seal = this.#seal
    if (seal === undefined) return send(signal)
    // Rejects only where the line takes no more of its size; whatever waits behind it goes on.
    this.#outgoing = this.#outgoing.then(async () => send(await seal.wrap(signal, to))).catch(() => {})
  }

  /** Hands a signal that came to `take`, as `from` said it; `undefined` when it is not from there. What came too late is dropped. */
  in(signal: Signal, from: PeerInfo, take: (opened: OpenedSignal | undefined) => void): void {
    const seal = this.#seal
    if (seal === undefined) return take({ signal, name: from.name })
    if (seal.isForAnother(signal)) return
    this.#incoming = this.#incoming.then(async () => take(await seal.unwrap(signal, from))).catch(() => {})
  }
}
