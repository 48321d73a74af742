import type { PeerId, SessionId } from '@patchbay/protocol'
import { networkOf } from './network.ts'
import type { Participant } from './participant.ts'

/** Sessions of one network, and those of them that have no line, longest first. */
interface Neighbours {
  sessions: number
  readonly away: Set<Participant>
}

/** Most sessions, of everybody and of one network (see {@link networkOf}). */
export interface SessionBounds {
  readonly sessions: number
  readonly sessionsPerAddress: number
}

/** Every session of a hub: found by peer and by id, bounded in all and for each network. */
export class SessionTable {
  readonly #bounds: SessionBounds
  readonly #byPeer = new Map<PeerId, Participant>()
  readonly #bySession = new Map<SessionId, Participant>()
  readonly #networks = new Map<string, Neighbours>()
  /** Sessions without a line, longest first. */
  readonly #away = new Set<Participant>()

  constructor(bounds: SessionBounds) {
    this.#bounds = bounds
  }

  get size(): number {
    return this.#bySession.size
  }

  all(): Participant[] {
    return [...this.#bySession.values()]
  }

  ofPeer(peer: PeerId): Participant | undefined {
    return this.#byPeer.get(peer)
  }

  find(session: SessionId): Participant | undefined {
    return this.#bySession.get(session)
  }

  /**
   * Says whether a session from `address` fits, beside the others or in place of `before`. When there are too many, the one that
   * has been without a line for longest makes room: whoever is gone must not keep out whoever is here.
   */
  makeRoom(address: string, before: Participant | undefined): boolean {
    const { sessions, sessionsPerAddress } = this.#bounds
    const network = networkOf(address)
    if (before !== undefined && networkOf(before.identity.address) === network) return true
    const neighbours = this.#networks.get(network)
    if (neighbours !== undefined && neighbours.sessions >= sessionsPerAddress) return endFirst(neighbours.away)
    return before !== undefined || this.#bySession.size < sessions || endFirst(this.#away)
  }

  /** Ends sessions without a line of the network that `next` names, longest first, until it names none. */
  shed(next: () => string | undefined): void {
    for (let network = next(); network !== undefined; network = next())
      if (!endFirst(this.#networks.get(network)?.away ?? new Set())) return
  }

  add(participant: Participant): void {
    this.#byPeer.set(participant.identity.id, participant)
    this.#bySession.set(participant.sessionId, participant)
    this.#neighboursOf(participant).sessions += 1
  }

  remove(participant: Participant): void {
    this.returned(participant)
    this.#bySession.delete(participant.sessionId)
    if (this.#byPeer.get(participant.identity.id) === participant) this.#byPeer.delete(participant.identity.id)
    const neighbours = this.#neighboursOf(participant)
    neighbours.sessions -= 1
    if (neighbours.sessions <= 0) this.#networks.delete(networkOf(participant.identity.address))
  }

  /** The participant has no line. */
  left(participant: Participant): void {
    this.#away.add(participant)
    this.#neighboursOf(participant).away.add(participant)
  }

  /** The participant has a line again. */
  returned(participant: Participant): void {
    this.#away.delete(participant)
    this.#neighboursOf(participant).away.delete(participant)
  }

  #neighboursOf({ identity }: Participant): Neighbours {
    const network = networkOf(identity.address)
    const neighbours = this.#networks.get(network) ?? { sessions: 0, away: new Set<Participant>() }
    this.#networks.set(network, neighbours)
    return neighbours
  }
}

function endFirst(away: ReadonlySet<Participant>): boolean {
  const [longest] = away
  longest?.session.end('silent')
  return longest !== undefined
}
