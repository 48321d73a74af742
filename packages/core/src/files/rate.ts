/** How long a rate looks back, in milliseconds. */
const WINDOW_MS = 3_000

/** Speed over the last seconds. */
export class RateMeter {
  #samples: { readonly at: number; readonly bytes: number }[] = []

  /** Notes how far it has come. @returns bytes a second. */
  note(now: number, bytes: number): number {
    this.#samples.push({ at: now, bytes })
    while ((this.#samples[1]?.at ?? Infinity) <= now - WINDOW_MS) this.#samples.shift()
    const first = this.#samples[0]
    return first === undefined || now <= first.at ? 0 : ((bytes - first.bytes) * 1_000) / (now - first.at)
  }

  /** Begins anew: what lay between does not count. */
  reset(): void {
    this.#samples = []
  }
}
