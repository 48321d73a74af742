import type { RoomId } from '@patchbay/protocol'

/** Acts that wait for the store to come back, of all rooms. Each is a seat of this node, or was. */
const MAX_WAITING = 100_000

/** Orders the acts on a store: those on a room come one after another, and what must be done in the end outlives an outage. */
export class Acts {
  readonly #isUp: () => boolean
  readonly #turns = new Map<RoomId, Promise<unknown>>()
  /** The newest act by key that is not done yet: an older one that failed must not undo it. */
  readonly #newest = new Map<string, object>()
  /** Acts that could not be done, the newest by key. */
  readonly #waiting = new Map<string, () => void>()

  /** @param isUp whether the store can be reached. */
  constructor(isUp: () => boolean) {
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

  /** Does something now, or when the store is back. The newest act of a key is the one that counts. */
  ensure(key: string, act: () => Promise<unknown>): void {
    this.#waiting.delete(key)
    const mine = {}
    this.#newest.set(key, mine)
    const isNewest = () => this.#newest.get(key) === mine
    const keep = () => {
      if (!isNewest()) return
      if (this.#waiting.size < MAX_WAITING) this.#waiting.set(key, () => this.ensure(key, act))
      else this.#newest.delete(key)
    }
    if (this.#isUp()) act().then(() => isNewest() && this.#newest.delete(key), keep)
    else keep()
  }

  /** Something newer is done about a key. */
  forget(key: string): void {
    this.#newest.delete(key)
    this.#waiting.delete(key)
  }

  /** Tries again what could not be done. */
  retry(): void {
    const acts = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const act of acts) act()
  }

  /** Fulfilled once the turns of all rooms that were taken so far are over. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#turns.values())
  }
}
