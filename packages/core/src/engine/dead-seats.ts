import type { Entry, StoredSnapshot } from './engine-store.ts'
import type { Seat } from './engine.ts'
import type { NodeView } from './node-view.ts'

/** Finds the seats of nodes that are dead: nobody else gives them up. */
export class DeadSeats {
  readonly #nodes: NodeView
  readonly #look: () => Promise<void>

  /** @param look learns who has a lease. */
  constructor(nodes: NodeView, look: () => Promise<void>) {
    this.#nodes = nodes
    this.#look = look
  }

  /**
   * Seats whose node is dead, by a look that was taken after they were read.
   * @param withMoving those too that are expected at another node.
   */
  async of({ nodes, seats }: Pick<StoredSnapshot, 'nodes' | 'seats'>, withMoving = false): Promise<Seat[]> {
    const { alive } = this.#nodes
    if (nodes.every((node) => alive.has(node))) return []
    const unsure = seats.filter(({ node, state }) => !alive.has(node) && (withMoving || state !== 'moving'))
    if (unsure.length === 0) return []
    await this.#look()
    return unsure.filter(({ node }) => this.#nodes.isLost(node))
  }

  /**
   * Dead seats that somebody has come upon who wants one. Where there is no place, none is kept for those who are expected; at a
   * locked door it is, unless nobody else is in the room.
   */
  async before(entry: Entry): Promise<Seat[]> {
    const { snapshot } = entry
    if (!('refused' in entry)) return this.of(snapshot)
    const dead = await this.of(snapshot, true)
    return entry.refused === 'full' || dead.length === snapshot.seats.length ? dead : []
  }
}
