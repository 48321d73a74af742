import {
  decodeSealedContent,
  type InstanceId,
  type PeerId,
  type PeerInfo,
  ProtocolError,
  type SealedContent,
} from '@patchbay/protocol'
import type { Signal } from '../client/index.ts'
import { ReplayWindow } from './replay-window.ts'
import type { RoomSeal } from './room-seal.ts'

/** Lives of peers whose numbers are remembered. */
const MAX_WINDOWS = 1_024

/** Who seals. */
export interface SealingSelf {
  /** This client's own peer id, once it is known. */
  readonly id: () => PeerId | undefined
  readonly instance: InstanceId
  /** Told to the others inside of what is sealed. */
  readonly name: string
}

/** A signal that was found to be what it seems. */
export interface OpenedSignal {
  readonly signal: Signal
  readonly name: string
}

type Party = Pick<PeerInfo, 'id' | 'instance'>

/**
 * Seals signals from one member of a room to another (R25). Bound to each: its kind, the two peers, and the lives of both
 * pages, which are random and so also what keeps a signal of yesterday from being heard today. Its number, within, keeps it from
 * being heard twice.
 */
export class SignalSeal {
  readonly #seal: RoomSeal
  readonly #self: SealingSelf
  readonly #windows = new Map<InstanceId, ReplayWindow>()
  // Goes on from where an earlier mesh of the same page was.
  #sent = Date.now()

  constructor(seal: RoomSeal, self: SealingSelf) {
    this.#seal = seal
    this.#self = self
  }

  /** Whether a signal says itself that it is for an earlier life of this page, or for someone else: it came too late. */
  isForAnother({ body }: Signal): boolean {
    return /^[\w-]{22}\.s1\./.test(body) && !body.startsWith(`${this.#self.instance}.`)
  }

  /** @returns the signal with its body sealed for `to`, whose instance stands before it. */
  async wrap(signal: Signal, to: Party): Promise<Signal> {
    const content: SealedContent = { n: (this.#sent += 1), name: this.#self.name, body: signal.body }
    const sealed = await this.#seal.seal(JSON.stringify(content), this.#bound(signal, this.#me, to))
    return { type: signal.type, body: `${to.instance}.${sealed}` }
  }

  /** @returns the signal as `from` said it; `undefined` when it is not from there, not for here, or was heard before. */
  async unwrap(signal: Signal, from: Party): Promise<OpenedSignal | undefined> {
    const prefix = `${this.#self.instance}.`
    if (!signal.body.startsWith(prefix)) return undefined
    const sealed = signal.body.slice(prefix.length)
    const text = await this.#seal.open(sealed, this.#bound(signal, from, this.#me))
    if (text === undefined) return undefined
    try {
      const { n, name, body } = decodeSealedContent(text)
      return this.#windowOf(from.instance).take(n) ? { signal: { type: signal.type, body }, name } : undefined
    } catch (error) {
      if (error instanceof ProtocolError) return undefined
      throw error
    }
  }

  get #me(): Party {
    return { id: this.#self.id() ?? ('' as PeerId), instance: this.#self.instance }
  }

  #bound({ type }: Signal, from: Party, to: Party): string[] {
    return [type, from.id, from.instance, to.id, to.instance]
  }

  #windowOf(instance: InstanceId): ReplayWindow {
    const window = this.#windows.get(instance) ?? new ReplayWindow()
    // The one heard of last is forgotten last.
    this.#windows.delete(instance)
    this.#windows.set(instance, window)
    const [oldest] = this.#windows.keys()
    if (this.#windows.size > MAX_WINDOWS && oldest !== undefined) this.#windows.delete(oldest)
    return window
  }
}
