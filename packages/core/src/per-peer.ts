import type { PeerId } from '@patchbay/protocol'

/** Peers of whom something is kept. */
const MAX_PEERS = 1_000

/**
 * Something for each peer that outlives its connections and its time in the room. Bounds on what a peer may do are counted here: a
 * peer makes new connections, leaves and comes back as it likes. Of too many peers, those not met for the longest are forgotten.
 */
export class PerPeer<T> {
  readonly #make: () => T
  /** Whoever was met last is at the end. */
  readonly #kept = new Map<PeerId, T>()

  constructor(make: () => T) {
    this.#make = make
  }

  /** What is kept for a peer that is met. */
  of(peer: PeerId): T {
    const kept = this.#kept.get(peer) ?? this.#make()
    this.#kept.delete(peer)
    const [longestAgo] = this.#kept.keys()
    if (longestAgo !== undefined && this.#kept.size >= MAX_PEERS) this.#kept.delete(longestAgo)
    this.#kept.set(peer, kept)
    return kept
  }
}
