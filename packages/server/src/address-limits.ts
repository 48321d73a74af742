import { networkOf, TokenBucket } from '@patchbay/core/hub'

/** How much one network address may have open, and ask for. Addresses are counted by {@link networkOf}. */
export interface AddressLimitOptions {
  readonly linesPerAddress: number
  readonly newLinesPerSecond: number
  /** Open lines of all addresses together. */
  readonly lines: number
}

/** Burst of new lines per address, in seconds of the sustained rate. */
const BURST_SECONDS = 5
/** Sockets beyond one for each line: a long-poll line has two, and a browser keeps a few idle. */
const SOCKETS_PER_LINE = 3
const SPARE_SOCKETS = 100
/** Requests that are counted, with a budget for each kind: those refused of a line, preflights, questions about rooms and credentials, and all others. */
export type RequestKind = 'line' | 'preflight' | 'question' | 'other'
const requestRate = { perSecond: 20, burst: 200 }
/** Some browsers keep the answer to a preflight only for minutes, and a network may have many of them. */
const preflightRate = { perSecond: 100, burst: 1_000 }
/** Addresses remembered before those are forgotten that have nothing open, and have asked for nothing lately. */
const MAX_IDLE_ADDRESSES = 10_000

interface Counts {
  lines: number
  sockets: number
  readonly newLines: TokenBucket
  readonly requests: Readonly<Record<RequestKind, TokenBucket>>
}

/** Keeps one address from taking every line, socket or answer, and all of them from taking the process down. */
export class AddressLimits {
  readonly #options: AddressLimitOptions
  readonly #addresses = new Map<string, Counts>()
  #lines = 0
  /** When as many are remembered, those that may be forgotten are looked for. */
  #bound = MAX_IDLE_ADDRESSES

  constructor(options: AddressLimitOptions) {
    this.#options = options
  }

  /** @returns the same limits, which count for themselves: for another port. */
  apart(): AddressLimits {
    return new AddressLimits(this.#options)
  }

  /** @returns the release to call when the line has ended, or `undefined` when it must be refused. */
  admit(address: string): (() => void) | undefined {
    const { lines, linesPerAddress } = this.#options
    const counts = this.#countsOf(address)
    if (this.#lines >= lines || counts.lines >= linesPerAddress) return undefined
    if (!counts.newLines.tryTake(1, performance.now())) return undefined
    counts.lines += 1
    this.#lines += 1
    return once(() => {
      counts.lines -= 1
      this.#lines -= 1
    })
  }

  /** @returns the undo to call, once, when the socket is gone, or `undefined` when it must be refused. */
  admitSocket(address: string): (() => void) | undefined {
    const counts = this.#countsOf(address)
    if (counts.sockets >= SOCKETS_PER_LINE * this.#options.linesPerAddress + SPARE_SOCKETS) return undefined
    counts.sockets += 1
    return () => (counts.sockets -= 1)
  }

  charge(address: string, kind: RequestKind): void {
    this.#countsOf(address).requests[kind].tryTake(1, performance.now())
  }

  /** Whether too many of an address's requests were of that kind lately. */
  isSpent(address: string, kind: RequestKind): boolean {
    const requests = this.#addresses.get(networkOf(address))?.requests[kind]
    return requests !== undefined && !requests.has(1, performance.now())
  }

  #countsOf(address: string): Counts {
    const network = networkOf(address)
    const known = this.#addresses.get(network)
    if (known !== undefined) return known
    const { newLinesPerSecond: perSecond } = this.#options
    const now = performance.now()
    if (this.#addresses.size >= this.#bound) this.#forgetIdle(now)
    const requests = (rate = requestRate) => new TokenBucket(rate, now)
    const counts = {
      lines: 0,
      sockets: 0,
      newLines: new TokenBucket({ perSecond, burst: Math.max(1, perSecond * BURST_SECONDS) }, now),
      requests: { line: requests(), preflight: requests(preflightRate), question: requests(), other: requests() },
    }
    this.#addresses.set(network, counts)
    return counts
  }

  #forgetIdle(now: number): void {
    for (const [network, { lines, sockets, newLines, requests }] of this.#addresses) {
      const isIdle =
        lines === 0 && sockets === 0 && [newLines, ...Object.values(requests)].every((one) => one.isFull(now))
      if (isIdle) this.#addresses.delete(network)
    }
    // Where few can be forgotten, not each newcomer looks for them.
    this.#bound = Math.max(MAX_IDLE_ADDRESSES, 2 * this.#addresses.size)
  }
}

function once(act: () => void): () => void {
  let done = false
  return () => {
    if (!done) act()
    done = true
  }
}
