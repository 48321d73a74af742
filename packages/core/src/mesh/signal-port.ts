import type { PeerInfo } from '@patchbay/protocol'
import type { Signal } from '../signaling/index.ts'
import type { OpenedSignal, SignalSeal } from '../seal/index.ts'

/** Seals outgoing and unseals incoming signals of a mesh, if the room has a key. Keeps their order. */
export class SignalPort {
  readonly #seal: SignalSeal | undefined
  #outgoing: Promise<void> = Promise.resolve()
  #incoming: Promise<void> = Promise.resolve()

  constructor(seal: SignalSeal | undefined) {
    this.#seal = seal
  }

  get isSealed(): boolean {
    return this.#seal !== undefined
  }

  /** Passes a signal to `send`, sealed if the room has a key. */
  out(signal: Signal, to: PeerInfo, send: (signal: Signal) => void): void {
    const seal = this.#seal
    if (seal === undefined) return send(signal)
    // Rejects only when the signal is too big for a frame; the signals queued behind it are still sent.
    this.#outgoing = this.#outgoing.then(async () => send(await seal.wrap(signal, to))).catch(() => {})
  }

  /** Unseals a signal and passes it to `take`, or `undefined` if `from` did not send it. Drops out-of-date signals. */
  in(signal: Signal, from: PeerInfo, take: (opened: OpenedSignal | undefined) => void, isRelayed = false): void {
    const seal = this.#seal
    if (seal === undefined) return take({ signal, name: from.name })
    if (seal.isForAnother(signal)) return
    this.#incoming = this.#incoming.then(async () => take(await seal.unwrap(signal, from, isRelayed))).catch(() => {})
  }
}
