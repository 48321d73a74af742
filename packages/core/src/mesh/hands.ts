import type { PeerId } from '@patchbay/protocol'
import { createStore, type Store } from '../store.ts'
import type { Feature, LinkFeature, LinkPort, MessageOf } from './feature.ts'

/** Who has a hand up: this member, and the others, first raised first. */
export interface HandsState {
  readonly own: boolean
  readonly raised: readonly PeerId[]
}

/** Shows who would like to speak. */
export class Hands implements Feature<MessageOf<'hand'>> {
  readonly name = 'hand'
  readonly handles = ['hand'] as const
  readonly #links = new Set<LinkPort>()
  readonly #store = createStore<HandsState>({ own: false, raised: [] })
  readonly state: Store<HandsState> = this.#store

  /** Raises this member's hand, or takes it down. */
  raise(own: boolean): void {
    this.#store.set({ ...this.#store.getSnapshot(), own })
    for (const link of this.#links) if (link.has(this.name)) link.send({ type: 'hand', up: own })
  }

  attach(port: LinkPort): LinkFeature<MessageOf<'hand'>> {
    const { id } = port.peer
    const show = (up: boolean) => {
      const { own, raised } = this.#store.getSnapshot()
      const others = raised.filter((one) => one !== id)
      if (raised.includes(id) !== up) this.#store.set({ own, raised: up ? [...others, id] : others })
    }
    this.#links.add(port)
    const introduced = () =>
      this.#store.getSnapshot().own && port.has(this.name) && port.send({ type: 'hand', up: true })
    return { introduced, receive: ({ up }) => show(up), closed: () => this.#links.delete(port) && show(false) }
  }
}
