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
  /** By member: when its flag may be shown otherwise at the earliest, and what cancels a change that is scheduled. */
  readonly #shown = new Map<PeerId, { readonly until: number; readonly cancel?: () => void }>()
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
    this.#links.add(port)
    const introduced = () =>
      this.#store.getSnapshot().own && port.has(this.name) && port.send({ type: this.name, up: true })
    return {
      introduced,
      receive: ({ up }) => this.#show(id, up, up ? 0 : (this.#shown.get(id)?.until ?? 0) - this.#clock.now()),
      // A new link to the member may follow, on which it says the same again.
      closed: () => this.#links.delete(port) && this.#isUp(id) && this.#show(id, false, SHOWN_MS),
    }
  }

  forget(id: PeerId): void {
    this.#show(id, false)
    this.#shown.delete(id)
  }

  #isUp(id: PeerId): boolean {
    return this.#store.getSnapshot().raised.includes(id)
  }

  /** Shows a member's flag, at once, or after so many milliseconds in which nothing else is to be shown of it. */
  #show(id: PeerId, up: boolean, inMs = 0): void {
    const { until = 0, cancel } = this.#shown.get(id) ?? {}
    cancel?.()
    if (inMs > 0) return void this.#shown.set(id, { until, cancel: this.#clock.after(inMs, () => this.#show(id, up)) })
    if (this.#isUp(id) === up) return
    this.#shown.set(id, { until: this.#clock.now() + SHOWN_MS })
    const { own, raised } = this.#store.getSnapshot()
    const others = raised.filter((one) => one !== id)
    this.#store.set({ own, raised: up ? [...others, id] : others })
  }
}
