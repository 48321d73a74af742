import type { PeerId } from '@patchbay/protocol'
import { createStore, type Store } from '../store.ts'
import type { Feature, LinkFeature, LinkPort, MessageOf } from './feature.ts'

/** Messages that say whether the sender's flag is up. */
type FlagMessage = MessageOf<'hand' | 'recording'>

/** Who has the flag up: this member, and the others, first raised first. */
export interface FlagState {
  readonly own: boolean
  readonly raised: readonly PeerId[]
}

/** Something that is so or not of each member, and that everyone is shown, newcomers included. */
export class Flag implements Feature<FlagMessage> {
  readonly name: FlagMessage['type']
  readonly handles: readonly FlagMessage['type'][]
  readonly #links = new Set<LinkPort>()
  readonly #store = createStore<FlagState>({ own: false, raised: [] })
  readonly state: Store<FlagState> = this.#store

  constructor(name: FlagMessage['type']) {
    this.name = name
    this.handles = [name]
  }

  /** Raises this member's flag, or takes it down. */
  raise(own: boolean): void {
    this.#store.set({ ...this.#store.getSnapshot(), own })
    for (const link of this.#links) if (link.has(this.name)) link.send({ type: this.name, up: own })
  }

  attach(port: LinkPort): LinkFeature<FlagMessage> {
    const { id } = port.peer
    const show = (up: boolean) => {
      const { own, raised } = this.#store.getSnapshot()
      const others = raised.filter((one) => one !== id)
      if (raised.includes(id) !== up) this.#store.set({ own, raised: up ? [...others, id] : others })
    }
    this.#links.add(port)
    const introduced = () =>
      this.#store.getSnapshot().own && port.has(this.name) && port.send({ type: this.name, up: true })
    return { introduced, receive: ({ up }) => show(up), closed: () => this.#links.delete(port) && show(false) }
  }
}
