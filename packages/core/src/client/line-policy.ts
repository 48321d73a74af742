import type { Dialer } from '../transport/index.ts'

/** Instead of a dialer's name: the best line that works. */
export const AUTO = 'auto'

/** Where the name of the line that worked is kept from one visit to the next, for example an origin's `localStorage`. */
export interface LineMemory {
  read(): string | undefined
  write(name: string): void
}

/** How long a line may take to open and be welcomed: briefly while there is another to try. */
const PATIENCE_MS = 8_000
/**
 * While the network is away nobody answers, and what opens a line is lost; the platform sends it again only after 1, 3 and
 * 7 s (RFC 6298 §2.1). Many short tries notice sooner that it is back.
 */
const HASTY_MS = 1_000
/**
 * One try in so many is a longer one, and one in so many of those has the whole patience, for networks that are only slow.
 * It is the best line's: Chromium gives a new `fetch` the connection that a given up one was opening, whose next packet may
 * be long in coming.
 */
const LONGER_EVERY = 8
const PATIENT_EVERY = 64
const LONGER_MS = 4_500
const IMPATIENCE_MS = 3_000
/** Waits before a better line is tried again. */
const FIRST_UPGRADE_MS = 5_000
const LAST_UPGRADE_MS = 300_000

/** Which line to dial next: what was chosen, or the best of those that work. */
export class LinePolicy {
  readonly #dialers: readonly Dialer[]
  readonly #memory: LineMemory | undefined
  readonly #failed = new Set<Dialer>()
  #choice: string
  /** The line that worked last. */
  #proven: Dialer | undefined
  #upgrades = 0
  /** A line has worked, so that silence says something. */
  #worked = false
  /** Tries in a row that nobody has answered. */
  #unanswered = 0

  /** @param dialers best first. @throws {RangeError} when there is none, or none of the chosen name. */
  constructor(dialers: readonly Dialer[], choice: string, memory: LineMemory | undefined) {
    this.#dialers = dialers
    this.#memory = memory
    this.#choice = this.#check(choice)
    const name = memory?.read()
    this.#proven = dialers.find((dialer) => dialer.name === name)
  }

  get choice(): string {
    return this.#choice
  }

  /** Names of all lines, best first. */
  get names(): readonly string[] {
    return this.#dialers.map(({ name }) => name)
  }

  /** @throws {RangeError} when no line has that name. */
  choose(choice: string): void {
    this.#choice = this.#check(choice)
    this.#failed.clear()
    this.#upgrades = 0
  }

  /** The line to dial now, and how long it may take. */
  next(): { readonly dialer: Dialer; readonly timeoutMs: number } {
    const [best] = this.#candidates()
    const [dialer, another] = this.#untried()
    if (best === undefined || dialer === undefined) throw new RangeError('There is no line to dial.')
    const inVain = this.#worked ? this.#unanswered : 0
    if (inVain % LONGER_EVERY !== 0) return { dialer, timeoutMs: HASTY_MS }
    if (inVain > 0) return { dialer: best, timeoutMs: inVain % PATIENT_EVERY === 0 ? PATIENCE_MS : LONGER_MS }
    if (another !== undefined) return { dialer, timeoutMs: IMPATIENCE_MS }
    return { dialer, timeoutMs: this.#worked ? LONGER_MS : PATIENCE_MS }
  }

  /**
   * @param unanswered nobody said anything, for as long as the try could take.
   * @returns whether all have failed by now; a new round then begins with the first.
   */
  failed(dialer: Dialer, unanswered = false): boolean {
    this.#failed.add(dialer)
    this.#unanswered = unanswered ? this.#unanswered + 1 : 0
    const over = this.#untried().length === 0
    if (over) this.#failed.clear()
    return over
  }

  /** The server has welcomed on a line of this dialer. */
  worked(dialer: Dialer): void {
    this.#failed.clear()
    this.#worked = true
    this.#unanswered = 0
    if (this.#choice !== AUTO) return
    this.#proven = dialer
    this.#memory?.write(dialer.name)
  }

  /** A line better than the one in use, and when to try it: each in turn, each wait twice the last. */
  upgradeFrom(dialer: Dialer): { readonly dialer: Dialer; readonly waitMs: number } | undefined {
    const better = this.#choice === AUTO ? this.#dialers.slice(0, this.#dialers.indexOf(dialer)) : []
    const next = better[this.#upgrades % better.length]
    if (next === undefined) return undefined
    const waitMs = Math.min(LAST_UPGRADE_MS, FIRST_UPGRADE_MS * 2 ** this.#upgrades)
    return { dialer: next, waitMs }
  }

  /** A better line is being tried: the next try is of another one, and later. */
  trying(): void {
    this.#upgrades += 1
  }

  /** A line of this dialer has lasted. Once the best one has, it is tried again soon should it ever fail. */
  lasted(dialer: Dialer): void {
    if (dialer === this.#dialers[0]) this.#upgrades = 0
  }

  /** Those of the choice, the one that worked last first. */
  #candidates(): Dialer[] {
    return this.#choice === AUTO
      ? this.#dialers.toSorted((a, b) => Number(b === this.#proven) - Number(a === this.#proven))
      : this.#dialers.filter(({ name }) => name === this.#choice)
  }

  #untried(): Dialer[] {
    return this.#candidates().filter((dialer) => !this.#failed.has(dialer))
  }

  #check(choice: string): string {
    if (this.#dialers.length === 0) throw new RangeError('A signaling client needs at least one dialer.')
    if (choice !== AUTO && !this.names.includes(choice))
      throw new RangeError(`There is no line "${choice}"; choose ${[AUTO, ...this.names].join(', ')}.`)
    return choice
  }
}
