/** How far behind the newest number an older one may come and still be told from one that was heard before. */
const WIDTH = 4_096

/** Remembers which numbers of a peer's were heard, so that none counts twice (as in RFC 4303 §3.4.3). */
export class ReplayWindow {
  #newest = 0
  readonly #heard = new Set<number>()

  /** @returns whether this number was not heard before. */
  take(n: number): boolean {
    if (n <= this.#newest - WIDTH || this.#heard.has(n)) return false
    this.#heard.add(n)
    if (n <= this.#newest) return true
    this.#newest = n
    if (this.#heard.size > WIDTH) for (const old of this.#heard) if (old <= n - WIDTH) this.#heard.delete(old)
    return true
  }
}
