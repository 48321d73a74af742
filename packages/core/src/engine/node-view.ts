import type { Clock } from '../transport/index.ts'
import type { NodeId } from './engine.ts'

/** What one node knows of the others: who has a lease, and whose absence is certain. */
export class NodeView {
  readonly #clock: Clock
  readonly #changed: (nodes: ReadonlySet<NodeId>) => void
  #alive: ReadonlySet<NodeId> = new Set()
  #lately: ReadonlySet<NodeId> = new Set()
  /** Nodes that were alive when it was last certain. */
  #told: ReadonlySet<NodeId> = new Set()
  /** Since when it is certain that whoever lives has a lease: all had the time to get one. */
  #certainAt = 0

  /** @param changed called with all nodes of {@link told} when they are others than before. */
  constructor(clock: Clock, changed: (nodes: ReadonlySet<NodeId>) => void) {
    this.#clock = clock
    this.#changed = changed
  }

  /** Nodes with a lease, this one included. */
  get alive(): ReadonlySet<NodeId> {
    return this.#alive
  }

  /** Nodes that count as alive: those with a lease, and those of which it is not certain that they have none. */
  get told(): ReadonlySet<NodeId> {
    return this.#told
  }

  /** Whether all that are alive have had the time to say so since the store lost everything. */
  get isCertain(): boolean {
    return this.#clock.now() >= this.#certainAt
  }

  isLost(node: NodeId): boolean {
    return !this.#alive.has(node) && this.isCertain
  }

  /** Whether a node is lost for so long that no rules are kept any more for those who were there. */
  isLongGone(node: NodeId): boolean {
    return this.isLost(node) && !this.#lately.has(node)
  }

  /** For this long, in milliseconds, whoever lives may not have a lease yet. */
  doubt(ms: number): void {
    this.#certainAt = this.#clock.now() + ms
  }

  /**
   * These have a lease. Unknown is not dead: after a new beginning the others get the time of a lease to come back.
   * @param lately those too that had one within `RULES_MS`.
   */
  see(alive: Iterable<NodeId>, lately: Iterable<NodeId> = this.#lately): void {
    this.#alive = new Set(alive)
    this.#lately = new Set(lately)
    this.#tell(this.isCertain ? this.#alive : new Set([...this.#told, ...this.#alive]))
  }

  /** A node has said that it is there. */
  came(node: NodeId): void {
    this.see([...this.#alive, node])
  }

  /** A node has taken its leave. */
  went(node: NodeId): void {
    this.#tell(new Set([...this.#told].filter((one) => one !== node)))
  }

  #tell(now: ReadonlySet<NodeId>): void {
    if (now.size === this.#told.size && [...now].every((node) => this.#told.has(node))) return
    this.#told = now
    this.#changed(now)
  }
}
