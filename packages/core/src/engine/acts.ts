import type { PeerId, RoomId, SessionId } from '@patchbay/protocol'
import type { Clock } from '../transport/index.ts'
import { Gate } from './gate.ts'
import { within } from './within.ts'

/** Acts that wait for the store to come back, of all rooms. Each is a seat of this node, or was. */
const MAX_WAITING = 100_000

/** Orders the acts on a store: those on a room come one after another, and what must be done in the end outlives an outage. */
export class Acts {
  readonly #clock: Clock
  readonly #isUp: () => boolean
  readonly #gate = new Gate()
  readonly #turns = new Map<RoomId, Promise<unknown>>()
  /** The newest act by key that is not done yet: an older one that failed must not undo it. */
  readonly #newest = new Map<string, { readonly act: () => Promise<unknown> }>()
  /** Acts that could not be done, the newest by key. */
  readonly #waiting = new Map<string, () => void>()

  /** @param isUp whether the store can be reached. */
  constructor(clock: Clock, isUp: () => boolean) {
    this.#clock = clock
    this.#isUp = isUp
  }

  /** Acts on a room come one after another. @throws what `act` throws. */
  turn<T>(room: RoomId, act: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(room) ?? Promise.resolve()
    const mine = before.then(act, act)
    this.#turns.set(room, mine)
    const settle = () => this.#turns.get(room) === mine && this.#turns.delete(room)
    mine.then(settle, settle)
    return mine
  }

  /** As {@link turn}, but somebody waits: it takes no longer than `ms`, however many wait before it. @throws as `turn`, or when it does. */
  inTime<T>(room: RoomId, ms: number, act: () => Promise<T>): Promise<T> {
    let isLate = false
    const inTime = within(this.#clock, ms, () =>
      this.turn(room, async () => {
        if (isLate || !this.#isUp()) throw new Error('The store is away.')
        return act()
      }),
    )
    return inTime.catch((error: unknown) => {
      isLate = true
      throw error
    })
  }

  /** Does something for which nobody waits: few of these, and of those that are ensured, are under way at a time. @throws what `act` throws. */
  later<T>(act: () => Promise<T>): Promise<T> {
    return this.#gate.through(act)
  }

  /** Does something soon, or when the store is back. The newest act of a key is the one that counts. */
  ensure(key: string, act: () => Promise<unknown>): void {
    this.#waiting.delete(key)
    const mine = { act }
    this.#newest.set(key, mine)
    const isNewest = () => this.#newest.get(key) === mine
    const keep = () => {
      if (!isNewest()) return
      if (this.#waiting.size < MAX_WAITING) this.#waiting.set(key, () => this.ensure(key, act))
      else this.#newest.delete(key)
    }
    if (!this.#isUp()) return keep()
    this.#gate.start(async () => {
      if (!isNewest()) return
      if (!this.#isUp()) return keep()
      await act().then(() => isNewest() && this.#newest.delete(key), keep)
    })
  }

  /** Something newer is done about a key. @returns what to call if it was not even begun: the older act counts still. */
  forget(key: string): () => void {
    const older = this.#newest.get(key)
    this.#newest.delete(key)
    this.#waiting.delete(key)
    return () => {
      if (older !== undefined && !this.#newest.has(key)) this.ensure(key, older.act)
    }
  }

  /** Tries again what could not be done. */
  retry(): void {
    const acts = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const act of acts) act()
  }

  /** Fulfilled once what waits has begun, and the turns of all rooms are over. */
  async settled(): Promise<void> {
    await this.#gate.through(() => Promise.resolve())
    await Promise.allSettled(this.#turns.values())
  }
}

/** Key of what is done about the home of a peer. */
export const homeKey = (peer: PeerId): string => `home ${peer}`

/** Key of what is done about the seat of a session. */
export function keyOf(room: RoomId, { session }: { readonly session: SessionId }): string {
  return `${room} ${session}`
}
