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

  /**
   * A roster has come.
   * @param before who was in the room before a restart of the server: a server that has forgotten that this client, a host, has
   *   locked it is told again, and lets them in.
   */
  entered({ host, locked }: { readonly host?: true; readonly locked?: true }, before?: readonly PeerId[]): void {
    const { isHost: wasHost, isLocked: wasLocked } = this.getSnapshot()
    const [isHost, isLocked] = [host === true, locked === true]
    if (!isHost) this.#forgetAll()
    this.#store.set({ ...this.getSnapshot(), isHost, isLocked })
    if (before === undefined || !isHost || !wasHost || !wasLocked || isLocked) return
    this.lock(true)
    for (const id of before) this.admit(id)
  }

  locked(isLocked: boolean): void {
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
  }

  #answer(type: 'admit' | 'remove', to: PeerId): void {
    this.#send({ type, room: this.#room, to })
    this.forget(to)
  }

  #forgetAll(): void {
    for (const id of [...this.#timers.keys()]) this.forget(id)
  }
}
