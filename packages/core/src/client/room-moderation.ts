import type { ClientMessage, PeerId, RoomId } from '@patchbay/protocol'
import type { Knock, Moderation, ModerationState } from '../signaling/index.ts'
import { createStore } from '../store.ts'
import type { Clock } from '../transport/index.ts'

/** Whoever has not knocked again for so long has gone. */
const KNOCK_MS = 6_000
/** Those who knock that are shown. */
const MAX_KNOCKING = 50

/** Who may come into a room, as the server tells it, and what a host asks of it. */
export class RoomModeration implements Moderation {
  readonly #room: RoomId
  readonly #clock: Clock
  readonly #send: (message: ClientMessage) => void
  readonly #store = createStore<ModerationState>({ isHost: false, isLocked: false, knocking: [] })
  /** When those who knock are forgotten. */
  readonly #timers = new Map<PeerId, () => void>()

  constructor(room: RoomId, clock: Clock, send: (message: ClientMessage) => void) {
    this.#room = room
    this.#clock = clock
    this.#send = send
  }

  readonly getSnapshot = (): ModerationState => this.#store.getSnapshot()
  readonly subscribe = (listener: () => void): (() => void) => this.#store.subscribe(listener)
  readonly lock = (locked: boolean): void => this.#send({ type: 'lock', room: this.#room, locked })
  readonly admit = (to: PeerId): void => this.#answer('admit', to)
  readonly remove = (to: PeerId): void => this.#answer('remove', to)

  /** A roster has come: a server that has forgotten that a host has locked the room is told again. */
  entered({ isHost, isLocked }: Pick<ModerationState, 'isHost' | 'isLocked'>, isNewServer: boolean): void {
    const before = this.getSnapshot()
    if (!isHost) for (const id of this.#timers.keys()) this.#forget(id)
    this.#store.set({ ...this.getSnapshot(), isHost, isLocked })
    if (isNewServer && isHost && before.isHost && before.isLocked && !isLocked) this.lock(true)
  }

  locked(isLocked: boolean): void {
    this.#store.set({ ...this.getSnapshot(), isLocked })
  }

  knocked(knock: Knock): void {
    const { knocking } = this.getSnapshot()
    const isNew = !this.#timers.has(knock.id)
    if (isNew && knocking.length >= MAX_KNOCKING) return
    this.#timers.get(knock.id)?.()
    this.#timers.set(
      knock.id,
      this.#clock.after(KNOCK_MS, () => this.#forget(knock.id)),
    )
    if (isNew) this.#store.set({ ...this.getSnapshot(), knocking: [...knocking, knock] })
  }

  dispose(): void {
    for (const stop of this.#timers.values()) stop()
    this.#timers.clear()
  }

  #answer(type: 'admit' | 'remove', to: PeerId): void {
    this.#send({ type, room: this.#room, to })
    this.#forget(to)
  }

  #forget(id: PeerId): void {
    this.#timers.get(id)?.()
    if (!this.#timers.delete(id)) return
    const { knocking } = this.getSnapshot()
    this.#store.set({ ...this.getSnapshot(), knocking: knocking.filter((one) => one.id !== id) })
  }
}
