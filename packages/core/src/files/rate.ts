/** Averaging window, in milliseconds. */
const WINDOW_MS = 3_000

/** Transfer rate over the last seconds. */
export class RateMeter {
  #samples: { readonly at: number; readonly bytes: number }[] = []

  /** Records the progress. @returns bytes per second. */
  note(now: number, bytes: number): number {
    this.#samples.push({ at: now, bytes })
    while ((this.#samples[1]?.at ?? Infinity) <= now - WINDOW_MS) this.#samples.shift()
    const first = this.#samples[0]
    return first === undefined || now <= first.at ? 0 : ((bytes - first.bytes) * 1_000) / (now - first.at)
  }

  /** Starts over, so that a pause does not lower the rate. */
  reset(): void {
    this.#samples = []
  }
}
