import { TokenBucket } from '@patchbay/core/hub'

/** How many lines one network address may have, and open. */
export interface AddressLimitOptions {
  readonly linesPerAddress: number
  readonly newLinesPerSecond: number
  /** Lines of all addresses together. */
  readonly lines: number
}

/** New lines an address may open at once, as a multiple of its rate per second. */
const BURST_SECONDS = 5
/** Addresses remembered before those without a line are forgotten. */
const MAX_IDLE_ADDRESSES = 10_000

/** Keeps one address from taking every line, and all of them from taking the process down. */
export class AddressLimits {
  readonly #options: AddressLimitOptions
  readonly #addresses = new Map<string, { open: number; readonly bucket: TokenBucket }>()
  #open = 0

  constructor(options: AddressLimitOptions) {
    this.#options = options
  }

  /** @returns the undo to call when the line is gone, or `undefined` when it must be refused. */
  admit(address: string): (() => void) | undefined {
    const { lines, linesPerAddress, newLinesPerSecond } = this.#options
    const now = performance.now()
    const rate = { perSecond: newLinesPerSecond, burst: newLinesPerSecond * BURST_SECONDS }
    const entry = this.#addresses.get(address) ?? { open: 0, bucket: new TokenBucket(rate, now) }
    if (this.#addresses.size > MAX_IDLE_ADDRESSES) this.#forgetIdle()
    this.#addresses.set(address, entry)
    if (this.#open >= lines || entry.open >= linesPerAddress || !entry.bucket.tryTake(1, now)) return undefined
    entry.open += 1
    this.#open += 1
    let released = false
    return () => {
      if (released) return
      released = true
      entry.open -= 1
      this.#open -= 1
    }
  }

  #forgetIdle(): void {
    for (const [address, { open }] of this.#addresses) if (open === 0) this.#addresses.delete(address)
  }
}
