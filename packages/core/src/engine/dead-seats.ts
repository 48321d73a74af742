import type { SessionId } from '@patchbay/protocol'
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
   * locked door it is, unless those are all who are in the room. A room is over when all others in it are gone for longer than its
   * rules are kept.
   */
  async before(
    entry: Entry,
    session: SessionId,
  ): Promise<{ readonly dead: readonly Seat[]; readonly isOver: boolean }> {
    const { seats } = entry.snapshot
    const refused = 'refused' in entry ? entry.refused : undefined
    const dead = await this.of(entry.snapshot, refused !== undefined)
    if (dead.length === 0) return { dead, isOver: false }
    const isGone = ({ node, state }: Seat) => state !== 'moving' && this.#nodes.isLongGone(node)
    const isOver = seats.every((seat) => seat.session === session || isGone(seat))
    if (refused === undefined || refused === 'full' || isOver) return { dead, isOver }
    // The rules end with the store's memory of those who move, or once all are gone for long enough.
    const isExpected = dead.length < seats.length || dead.every(({ state }) => state !== 'moving')
    return { dead: isExpected ? [] : dead, isOver }
  }
}
