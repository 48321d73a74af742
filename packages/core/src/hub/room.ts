import { encode, encodeShown, type PeerId, type RemoveReason, type RoomId, type SessionId } from '@patchbay/protocol'
import type { Claim, RoomHead, RoomRules, Seat } from '../engine/index.ts'
import { LocalMember, type Member } from './member.ts'

/** One room: its members by id, and those whose place is kept. */
export class Room implements RoomHead {
  readonly id: RoomId
  title: string | undefined
  #rules: RoomRules | undefined
  readonly #members = new Map<PeerId, Member>()
  readonly #kept = new Map<PeerId, Member>()
  /** Who has come in since the engine lost everything, the first one first, and the keys they have shown here: one may be its host. */
  readonly openings: Map<PeerId, Claim> = new Map()

  constructor(id: RoomId, title: string | undefined) {
    this.id = id
    this.title = title
  }

  get rules(): RoomRules | undefined {
    return this.#rules
  }

  /**
   * Tells the members of this node what is different, and takes the seats of those who are removed.
   * @param isChange a host has changed them while this node followed the room: whoever is removed and has no seat any more, as far
   *   as this node knows, may still be connected to the members.
   * @returns those who had seats.
   */
  setRules(rules: RoomRules, isChange: boolean): readonly Member[] {
    const before = this.#rules
    this.#rules = rules
    this.openings.clear()
    if (rules.isLocked !== (before?.isLocked === true))
      this.#tell(undefined, encode({ type: 'lock', room: this.id, locked: rules.isLocked }))
    const gone: Member[] = []
    for (const [id, verdict] of Object.entries(rules.verdicts)) {
      const peer = id as PeerId
      const member = this.of(peer)
      if (verdict !== 'removed' || member?.info.host === true) continue
      const isNews = isChange && before?.verdicts[peer] !== 'removed'
      // The others have lost it before, and may be connected to it still.
      if (member === undefined ? isNews : !this.#members.has(peer))
        this.#tell(peer, encode({ type: 'remove_peer', room: this.id, peer, reason: 'left' }))
      if (member === undefined) continue
      gone.push(member)
      this.remove(peer, member.session, 'left')
    }
    for (const member of gone) member.removed(this.id)
    if (rules.host !== before?.host) for (const member of [...this.everyone()]) member.ruled(this.id)
    return gone
  }

  /**
   * Whoever was the first to enter with a key since the engine lost everything opens the room, unless others were in it before.
   * @param seats everybody in the room.
   * @returns the host that it makes; `undefined` when it makes none, and those who have entered are told so.
   */
  open(seats: readonly Pick<Seat, 'info'>[]): string | undefined {
    const entered = [...this.openings]
    const [first, { host, afterOthers = false } = {}] = entered.find(([, claim]) => claim.host !== undefined) ?? []
    const opensIt = afterOthers || seats.every(({ info }) => this.openings.has(info.id))
    this.openings.clear()
    if (first !== undefined && host !== undefined && opensIt) {
      this.openings.set(first, { host, afterOthers })
      return host
    }
    for (const [peer] of entered) this.of(peer)?.ruled(this.id)
    return undefined
  }

  /** Tells the hosts that somebody wants to come in. */
  knock(frame: string): void {
    for (const member of this.#members.values()) if (member.info.host === true) member.knock(frame)
  }

  get members(): ReadonlyMap<PeerId, Member> {
    return this.#members
  }

  /** Members that were lost and may come back: nobody else gets their place, and what is sent to them waits. */
  get kept(): ReadonlyMap<PeerId, Member> {
    return this.#kept
  }

  /** Seats that are taken by others. */
  takenBeside(peer: PeerId): number {
    const own = this.#members.has(peer) || this.#kept.has(peer) ? 1 : 0
    return this.#members.size + this.#kept.size - own
  }

  /** Everybody that has a seat, or whose place is kept. */
  *everyone(): IterableIterator<Member> {
    yield* this.#members.values()
    yield* this.#kept.values()
  }

  /** Whoever has the peer's seat. */
  of(peer: PeerId): Member | undefined {
    return this.#members.get(peer) ?? this.#kept.get(peer)
  }

  /** Whether a session of this node has a seat. */
  get isOurs(): boolean {
    for (const member of this.everyone()) if (member instanceof LocalMember) return true
    return false
  }

  /** Puts a member in, and tells the others what is different. */
  put(member: Member): void {
    const { info } = member
    const before = this.#members.get(info.id)
    this.#kept.delete(info.id)
    this.#members.set(info.id, member)
    if (before === undefined) this.#tell(info.id, encodeShown('new_peer', this.id, member.infoJson))
    else if (before.infoJson !== member.infoJson)
      this.#tell(info.id, encodeShown('peer_update', this.id, member.infoJson))
  }

  /** Keeps the place of a member that is lost, and tells the others, whichever session of it was shown. */
  keep(member: Member): void {
    const before = this.of(member.info.id)
    if (before !== undefined) this.remove(member.info.id, before.session, 'lost')
    this.#kept.set(member.info.id, member)
  }

  /**
   * Takes a session's seat away.
   * @param reason told to the others if it was a member; absent: they are not told.
   * @returns whoever had the seat; `undefined`, and nothing happens, when the session did not.
   */
  remove(peer: PeerId, session: SessionId, reason?: RemoveReason): Member | undefined {
    const member = this.of(peer)
    if (member?.session !== session) return undefined
    this.openings.delete(peer)
    this.#kept.delete(peer)
    if (this.#members.delete(peer) && reason !== undefined)
      this.#tell(peer, encode({ type: 'remove_peer', room: this.id, peer, reason }))
    return member
  }

  /** Sends one frame to all other members; it is built once, whatever the size of the room. */
  #tell(peer: PeerId | undefined, frame: string): void {
    for (const member of this.#members.values()) if (member.info.id !== peer) member.notify(this.id, frame)
  }
}
