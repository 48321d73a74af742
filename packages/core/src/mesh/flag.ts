import type { PeerId } from '@patchbay/protocol'
import { createStore, type Store } from '../store.ts'
import { type Clock, systemClock } from '../transport/index.ts'
import type { Feature, LinkFeature, LinkPort, MessageOf } from './feature.ts'

/** Messages that say whether the sender's flag is up. */
type FlagMessage = MessageOf<'hand' | 'recording'>

/** How long another member's flag is shown at least, in milliseconds: one that goes up and down must not make a page flash. */
const SHOWN_MS = 2_000

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

  readonly #clock: Clock

  constructor(name: FlagMessage['type'], clock: Clock = systemClock) {
    this.name = name
    this.#clock = clock
    this.handles = [name]
  }

  /** Raises this member's flag, or takes it down. */
  raise(own: boolean): void {
    this.#store.set({ ...this.#store.getSnapshot(), own })
    for (const link of this.#links) if (link.has(this.name)) link.send({ type: this.name, up: own })
  }

  attach(port: LinkPort): LinkFeature<FlagMessage> {
    const { id } = port.peer
    let until = 0
    let cancel = () => {}
    const show = (up: boolean, inMs = 0): void => {
      cancel()
      if (inMs > 0) return void (cancel = this.#clock.after(inMs, () => show(up)))
      const { own, raised } = this.#store.getSnapshot()
      if (raised.includes(id) === up) return
      until = this.#clock.now() + SHOWN_MS
      const others = raised.filter((one) => one !== id)
      this.#store.set({ own, raised: up ? [...others, id] : others })
    }
    this.#links.add(port)
    const introduced = () =>
      this.#store.getSnapshot().own && port.has(this.name) && port.send({ type: this.name, up: true })
    return {
      introduced,
      receive: ({ up }) => show(up, up ? 0 : until - this.#clock.now()),
      closed: () => this.#links.delete(port) && show(false),
    }
  }
}
