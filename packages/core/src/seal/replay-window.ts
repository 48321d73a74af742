/** Window width: numbers older than this count as replays. */
const WIDTH = 4_096

/** Remembers a peer's recent numbers, so that each is accepted once (as in RFC 4303 §3.4.3). */
export class ReplayWindow {
  #newest = 0
  readonly #heard = new Set<number>()

  /** @returns whether the number is new. */
  take(n: number): boolean {
    if (n <= this.#newest - WIDTH || this.#heard.has(n)) return false
    this.#heard.add(n)
    if (n <= this.#newest) return true
    this.#newest = n
    if (this.#heard.size > WIDTH) for (const old of this.#heard) if (old <= n - WIDTH) this.#heard.delete(old)
    return true
  }
}
