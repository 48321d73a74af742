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

  /** @returns the signal with its body sealed for `to`. */
  async wrap(signal: Signal, to: Party): Promise<Signal> {
    const content: SealedContent = { n: (this.#sent += 1), name: this.#self.name, body: signal.body }
    return {
      type: signal.type,
      body: await this.#seal.seal(JSON.stringify(content), this.#bound(signal, this.#me, to)),
    }
  }

  /** @returns the signal as `from` said it; `undefined` when it is not from there, not for here, or was heard before. */
  async unwrap(signal: Signal, from: Party): Promise<OpenedSignal | undefined> {
    const text = await this.#seal.open(signal.body, this.#bound(signal, from, this.#me))
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
