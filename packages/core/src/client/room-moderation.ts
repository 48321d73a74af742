import type { ClientMessage, PeerId, RoomId, ServerMessage } from '@patchbay/protocol'
import { setNewest } from '../set-newest.ts'
import type { Knock, Moderation, ModerationState } from '../signaling/index.ts'
import { createStore } from '../store.ts'
import type { Clock } from '../transport/index.ts'

/** Whoever has not knocked again for so long has gone. */
const KNOCK_MS = 8_000
/** Those who knock that are shown. */
const MAX_KNOCKING = 100
/** What the server could not do is asked of it again after this long. */
const AGAIN_MS = 1_000
/** Requests that are remembered, in case that the server could not do them. */
const MAX_ASKED = 128

type Roster = Pick<Extract<ServerMessage, { type: 'peers' }>, 'host' | 'undecided' | 'locked' | 'peers'>

/** Who may come into a room, as the server tells it, and what a host asks of it. */
export class RoomModeration implements Moderation {
  readonly #room: RoomId
  readonly #clock: Clock
  readonly #send: (message: ClientMessage) => void
  readonly #store = createStore<ModerationState>({ isHost: false, isLocked: false, knocking: [] })
  /** When those who knock are forgotten. */
  readonly #timers = new Map<PeerId, () => void>()
  /** The last request about each person, and about the lock under `undefined`, the oldest first. */
  readonly #asked = new Map<PeerId | undefined, ClientMessage>()
  /** The lock as requested before the newest request and not confirmed yet: a notice of it does not confirm the newest one. */
  #overtaken: boolean | undefined
  /** About whom the server could not do what was asked. */
  readonly #failed = new Set<PeerId | undefined>()
  #stopAgain: (() => void) | undefined
  /** What was asked while nobody could hear it: before the room was entered, or while it is not known whether this is a host. */
  readonly #early = new Map<PeerId | undefined, ClientMessage>()
  #isIn = false

  constructor(room: RoomId, clock: Clock, send: (message: ClientMessage) => void) {
    this.#room = room
    this.#clock = clock
    this.#send = send
  }

  readonly getSnapshot = (): ModerationState => this.#store.getSnapshot()
  readonly subscribe = (listener: () => void): (() => void) => this.#store.subscribe(listener)
  readonly lock = (locked: boolean): void => {
    const before = this.#asked.get(undefined)
    this.#overtaken = before?.type === 'lock' && before.locked !== locked ? before.locked : undefined
    this.#ask(undefined, { type: 'lock', room: this.#room, locked })
  }
  readonly admit = (to: PeerId): void => this.#answer('admit', to)
  readonly remove = (to: PeerId): void => this.#answer('remove', to)

  /**
   * A roster has come.
   * @param before who was in the room before a restart of the server: a server that has forgotten that this client, a host, has
   *   locked it is told again, and lets them in. Another host that is back already has done so, or has unlocked it.
   */
  entered({ host, undecided, locked, peers }: Roster, before?: readonly PeerId[]): void {
    const { isHost: wasHost, isLocked: wasLocked } = this.getSnapshot()
    const [isHost, isLocked] = [host === true, locked === true]
    if (!isHost) this.#forgetAll()
    this.#store.set({ ...this.getSnapshot(), isHost, isLocked })
    this.#isIn = undecided !== true
    const early = new Map(this.#isIn ? this.#early : [])
    if (this.#isIn) this.#early.clear()
    const lock = early.get(undefined)
    const isUnlocking = lock?.type === 'lock' && !lock.locked
    if (lock?.type === 'lock' && lock.locked === isLocked) {
      early.delete(undefined)
      this.#asked.delete(undefined)
    }
    if (isHost) for (const [about, message] of early) this.#ask(about, message)
    if (before === undefined || !isHost || !wasHost || !wasLocked || isLocked || isUnlocking) return
    if (peers.some((peer) => peer.host === true)) return
    this.lock(true)
    for (const id of before) this.admit(id)
  }

  /** The room is entered anew, in another session: a lock that was not confirmed may not have been heard. */
  discontinued(): void {
    this.#isIn = false
    this.#overtaken = undefined
    const lock = this.#asked.get(undefined)
    if (lock !== undefined) this.#early.set(undefined, lock)
  }

  locked(isLocked: boolean): void {
    if (isLocked !== this.#overtaken) this.#asked.delete(undefined)
    this.#overtaken = undefined
    this.#store.set({ ...this.getSnapshot(), isLocked })
    if (!isLocked) this.#forgetAll()
  }

  knocked(knock: Knock): void {
    const { knocking } = this.getSnapshot()
    const isNew = !this.#timers.has(knock.id)
    if (isNew && knocking.length >= MAX_KNOCKING) return
    this.#timers.get(knock.id)?.()
    this.#timers.set(
      knock.id,
      this.#clock.after(KNOCK_MS, () => this.forget(knock.id)),
    )
    if (isNew) this.#store.set({ ...this.getSnapshot(), knocking: [...knocking, knock] })
  }

  /** The server could not do what was asked of it, about one person or about the lock: it is asked again. */
  refused(to: PeerId | undefined): void {
    if (!this.#asked.has(to)) return
    this.#failed.add(to)
    this.#stopAgain ??= this.#clock.after(AGAIN_MS, () => this.#askAgain())
  }

  /** This client is not a host: what it has asked is not asked again, even if it becomes one. */
  denied(to: PeerId | undefined): void {
    this.#asked.delete(to)
    if (to === undefined) this.#overtaken = undefined
  }

  /** Somebody is in, or does not knock any more. */
  forget(id: PeerId): void {
    this.#timers.get(id)?.()
    if (!this.#timers.delete(id)) return
    const { knocking } = this.getSnapshot()
    this.#store.set({ ...this.getSnapshot(), knocking: knocking.filter((one) => one.id !== id) })
  }

  dispose(): void {
    for (const stop of this.#timers.values()) stop()
    this.#timers.clear()
    this.#stopAgain?.()
  }

  #answer(type: 'admit' | 'remove', to: PeerId): void {
    this.#ask(to, { type, room: this.#room, to })
    this.forget(to)
  }

  #ask(about: PeerId | undefined, message: ClientMessage): void {
    setNewest(this.#isIn ? this.#asked : this.#early, about, message, MAX_ASKED)
    if (this.#isIn) this.#send(message)
  }

  #askAgain(): void {
    this.#stopAgain = undefined
    for (const about of this.#failed) {
      const message = this.#asked.get(about)
      // A notice that comes from now on is about this one.
      if (about === undefined) this.#overtaken = undefined
      if (message !== undefined) this.#send(message)
    }
    this.#failed.clear()
  }

  #forgetAll(): void {
    for (const id of [...this.#timers.keys()]) this.forget(id)
  }
}
