import type { SessionId } from '@patchbay/protocol'
import type { Entry, StoredSnapshot } from './engine-store.ts'
import { RULES_MS, type Seat } from './engine.ts'
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
  async of(snapshot: Pick<StoredSnapshot, 'nodes' | 'seats'>, withMoving = false): Promise<Seat[]> {
    const { alive } = this.#nodes
    // Seats are decoded only if they are needed.
    if (snapshot.nodes.every((node) => alive.has(node))) return []
    const unsure = snapshot.seats.filter(({ node, state }) => !alive.has(node) && (withMoving || state !== 'moving'))
    if (unsure.length === 0) return []
    await this.#look()
    return unsure.filter(({ node }) => this.#nodes.isLost(node))
  }

  /**
   * Dead seats that somebody has come upon who wants one. Where there is no place, none is kept for those who are expected; at a
   * locked door it is, unless those are all who are in the room. A room is over when all others in it are gone, and nobody has been
   * in it, for longer than its rules are kept.
   */
  async before(
    entry: Entry,
    session: SessionId,
  ): Promise<{ readonly dead: readonly Seat[]; readonly isOver: boolean }> {
    const refused = 'refused' in entry ? entry.refused : undefined
    const dead = await this.of(entry.snapshot, refused !== undefined)
    if (dead.length === 0) return { dead, isOver: false }
    const { seats } = entry.snapshot
    const isGone = ({ node, state }: Seat) => state !== 'moving' && this.#nodes.isLongGone(node)
    const isQuiet = entry.quietMs >= RULES_MS
    const isOver = isQuiet && seats.every((seat) => seat.session === session || isGone(seat))
    if (refused === undefined || refused === 'full' || isOver) return { dead, isOver }
    // The rules end with the store's memory of those who move, or once all are gone for long enough.
    const isExpected = dead.length < seats.length || dead.every(({ state }) => state !== 'moving')
    return { dead: isExpected ? [] : dead, isOver }
  }
}
