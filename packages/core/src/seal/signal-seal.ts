import {
  decodeSealedContent,
  type InstanceId,
  type PeerId,
  type PeerInfo,
  ProtocolError,
  type SealedContent,
} from '@patchbay/protocol'
import { setNewest } from '../set-newest.ts'
import type { Signal } from '../signaling/index.ts'
import { ReplayWindow } from './replay-window.ts'
import type { RoomSeal } from './room-seal.ts'

/** Number of peer instances whose replay windows are kept. */
const MAX_WINDOWS = 1_024

/** The sealing client. */
export interface SealingSelf {
  /** This client's own peer id, once it is known. */
  readonly id: () => PeerId | undefined
  readonly instance: InstanceId
  /** Display name, sent inside the sealed content. */
  readonly name: string
}

/** A signal that was opened and verified. */
export interface OpenedSignal {
  readonly signal: Signal
  readonly name: string
}

type Party = Pick<PeerInfo, 'id' | 'instance'>

/**
 * Seals signals from one member of a room to another (R25). Each is bound to its kind, both peers and both instances.
 * Instances are random per page load, so a recorded signal cannot be replayed to a reloaded page; the number inside
 * prevents a replay within one page load.
 */
export class SignalSeal {
  readonly #seal: RoomSeal
  readonly #self: SealingSelf
  readonly #windows = new Map<string, ReplayWindow>()
  // Starts above the numbers of an earlier mesh of the same page.
  #sent = Date.now()

  constructor(seal: RoomSeal, self: SealingSelf) {
    this.#seal = seal
    this.#self = self
  }

  /** Whether a signal names another instance as its receiver, such as this page before a reload: it is out of date. */
  isForAnother({ body }: Signal): boolean {
    return /^[\w-]{22}\.s1\./.test(body) && !body.startsWith(`${this.#self.instance}.`)
  }

  /** @returns the signal with its body sealed for `to` and prefixed with that instance. */
  async wrap(signal: Signal, to: Party): Promise<Signal> {
    const content: SealedContent = { n: (this.#sent += 1), name: this.#self.name, body: signal.body }
    const sealed = await this.#seal.seal(JSON.stringify(content), this.#bound(signal, this.#me, to))
    return { type: signal.type, body: `${to.instance}.${sealed}` }
  }

  /**
   * @param isRelayed it came by way of a third member: its number is judged apart, since whoever has the key could use one up.
   * @returns the signal that `from` sealed; `undefined` when it is forged, not for this page, or a replay.
   */
  async unwrap(signal: Signal, from: Party, isRelayed = false): Promise<OpenedSignal | undefined> {
    const prefix = `${this.#self.instance}.`
    if (!signal.body.startsWith(prefix)) return undefined
    const sealed = signal.body.slice(prefix.length)
    const text = await this.#seal.open(sealed, this.#bound(signal, from, this.#me))
    if (text === undefined) return undefined
    try {
      const { n, name, body } = decodeSealedContent(text)
      return this.#windowOf(isRelayed ? `relayed ${from.instance}` : from.instance).take(n)
        ? { signal: { type: signal.type, body }, name }
        : undefined
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

  #windowOf(stream: string): ReplayWindow {
    const window = this.#windows.get(stream) ?? new ReplayWindow()
    setNewest(this.#windows, stream, window, MAX_WINDOWS)
    return window
  }
}
