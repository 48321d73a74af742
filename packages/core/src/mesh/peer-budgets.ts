import type { PeerId } from '@patchbay/protocol'
import { setNewest } from '../set-newest.ts'
import { TrafficBudget, type TrafficRate } from '../traffic-budget.ts'

/** Peers of whom it is known what they have sent: more than meet in a room. */
const MAX_PEERS = 1_000

/** By the name of what is counted. */
type Budgets = Map<string, TrafficBudget>

/**
 * What may still be taken of each peer. It outlives the connections to a peer and its time in the room: it makes new connections,
 * leaves and comes back as it likes.
 */
export class PeerBudgets {
  readonly #peers = new Map<PeerId, Budgets>()

  /**
   * Counts something of that size.
   * @param name of what is counted, a constant: each name has a budget of its own, at one rate.
   * @returns whether it is within the rate.
   */
  take(peer: PeerId, name: string, rate: TrafficRate, size: number, now: number): boolean {
    const budgets: Budgets = this.#peers.get(peer) ?? new Map()
    setNewest(this.#peers, peer, budgets, MAX_PEERS)
    const budget = budgets.get(name) ?? new TrafficBudget(rate)
    budgets.set(name, budget)
    return budget.take(size, now)
  }
}
