import { networkOf } from './network.ts'

/** Bounds of what waits for sessions that have no line, in UTF-16 code units. */
export interface WaitingBounds {
  readonly size: number
  readonly sizePerAddress: number
}

/** Counts what is kept for sessions that have no line: their own bounds, times their number, would be gigabytes. */
export class WaitingBudget {
  readonly #bounds: WaitingBounds
  readonly #byNetwork = new Map<string, number>()
  #size = 0

  constructor(bounds: WaitingBounds) {
    this.#bounds = bounds
  }

  /** @returns whether `size` more may wait for a session from `address`; it then counts until it is released. */
  tryTake(address: string, size: number): boolean {
    const network = networkOf(address)
    const ofNetwork = (this.#byNetwork.get(network) ?? 0) + size
    if (ofNetwork > this.#bounds.sizePerAddress || this.#size + size > this.#bounds.size) return false
    this.#byNetwork.set(network, ofNetwork)
    this.#size += size
    return true
  }

  /** Counts what waits for a session from `address` when it loses its line, whether it fits or not. */
  charge(address: string, size: number): void {
    if (size === 0) return
    const network = networkOf(address)
    this.#byNetwork.set(network, (this.#byNetwork.get(network) ?? 0) + size)
    this.#size += size
  }

  /** @returns the network whose sessions have to end until what waits fits: that of `address`, or the one with most. */
  overdrawn(address: string): string | undefined {
    const network = networkOf(address)
    if ((this.#byNetwork.get(network) ?? 0) > this.#bounds.sizePerAddress) return network
    if (this.#size <= this.#bounds.size) return undefined
    return [...this.#byNetwork].reduce((most, one) => (one[1] > most[1] ? one : most))[0]
  }

  release(address: string, size: number): void {
    if (size === 0) return
    const network = networkOf(address)
    const left = (this.#byNetwork.get(network) ?? 0) - size
    if (left > 0) this.#byNetwork.set(network, left)
    else this.#byNetwork.delete(network)
    this.#size -= size
  }
}
