import { InvalidFieldError } from '../signaling/index.ts'
import type { Dialer } from '../transport/index.ts'

/** Used instead of a dialer's name to choose the best line that works. */
export const AUTO = 'auto'

/** Stores the name of the line that worked last across visits, for example in `localStorage`. */
export interface LineMemory {
  read(): string | undefined
  write(name: string): void
}

/** Full timeout of an attempt, from dialing to the welcome. */
const PATIENCE_MS = 8_000
/**
 * While the network is down a SYN is lost, and the platform retransmits it only after 1, 3 and 7 s (RFC 6298 §2.1).
 * Many short attempts detect a recovered network sooner.
 */
const HASTY_MS = 1_000
/**
 * Every 8th attempt gets a longer timeout and every 64th the full one, for networks that are only slow. They dial the
 * best line: Chromium hands a new `fetch` the connection attempt of an aborted one, whose next SYN may be seconds away.
 */
const LONGER_EVERY = 8
const PATIENT_EVERY = 64
const LONGER_MS = 4_500
const IMPATIENCE_MS = 3_000
/** Wait before a better line is tried; it doubles each time up to the last value. */
const FIRST_UPGRADE_MS = 5_000
const LAST_UPGRADE_MS = 300_000

/** Decides which line to dial next: the chosen one, or the best one that works. */
export class LinePolicy {
  readonly #dialers: readonly Dialer[]
  readonly #memory: LineMemory | undefined
  readonly #failed = new Set<Dialer>()
  #choice: string
  /** The line that worked last. */
  #proven: Dialer | undefined
  #upgrades = 0
  /** A line has worked before, so silence means that the network is down. */
  #worked = false
  /** Consecutive attempts without any answer. */
  #unanswered = 0

  /** @param dialers best first. @throws {InvalidFieldError} when there is none, one is no dialer, or none has the chosen name. */
  constructor(dialers: readonly Dialer[], choice: string, memory: LineMemory | undefined) {
    requireDialers('dialers', dialers)
    this.#dialers = dialers
    this.#memory = memory
    this.#choice = this.#check(choice)
    this.#proven = dialers.find((dialer) => dialer.name === remembered(memory))
  }

  get choice(): string {
    return this.#choice
  }

  /** Names of all lines, best first. */
  get names(): readonly string[] {
    return this.#dialers.map(({ name }) => name)
  }

  /** @throws {InvalidFieldError} when no line has that name. */
  choose(choice: string): void {
    this.#choice = this.#check(choice)
    this.#failed.clear()
    this.#upgrades = 0
  }

  /** The line to dial now, and its timeout. */
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

  /** Whether a failure of this dialer ends the round: no other line is left to try in it. */
  isLast(dialer: Dialer): boolean {
    return this.#untried().every((untried) => untried === dialer)
  }

  /** When all lines have failed, a new round begins with the first. @param unanswered it timed out without any answer. */
  failed(dialer: Dialer, unanswered = false): void {
    this.#failed.add(dialer)
    this.#unanswered = unanswered ? this.#unanswered + 1 : 0
    if (this.#untried().length === 0) this.#failed.clear()
  }

  /** The server's welcome arrived on a line of this dialer. */
  worked(dialer: Dialer): void {
    this.#failed.clear()
    this.#worked = true
    this.#unanswered = 0
    if (this.#choice !== AUTO) return
    this.#proven = dialer
    try {
      this.#memory?.write(dialer.name)
    } catch {
      // A storage that is full or disabled: the next visit begins with the best line.
    }
  }

  /** A line better than the one in use, and when to try it. Better lines take turns, and the wait doubles. */
  upgradeFrom(dialer: Dialer): { readonly dialer: Dialer; readonly waitMs: number } | undefined {
    const better = this.#choice === AUTO ? this.#dialers.slice(0, this.#dialers.indexOf(dialer)) : []
    const next = better[this.#upgrades % better.length]
    if (next === undefined) return undefined
    const waitMs = Math.min(LAST_UPGRADE_MS, FIRST_UPGRADE_MS * 2 ** this.#upgrades)
    return { dialer: next, waitMs }
  }

  /** A better line is being tried: the next attempt takes another one, after a longer wait. */
  trying(): void {
    this.#upgrades += 1
  }

  /** A line of this dialer has lasted. If it is the best one, the waits for upgrades start over. */
  lasted(dialer: Dialer): void {
    if (dialer === this.#dialers[0]) this.#upgrades = 0
  }

  /** The dialers of the current choice; with `auto`, the one that worked last comes first. */
  #candidates(): Dialer[] {
    return this.#choice === AUTO
      ? this.#dialers.toSorted((a, b) => Number(b === this.#proven) - Number(a === this.#proven))
      : this.#dialers.filter(({ name }) => name === this.#choice)
  }

  #untried(): Dialer[] {
    return this.#candidates().filter((dialer) => !this.#failed.has(dialer))
  }

  #check(choice: string): string {
    const allowed = [AUTO, ...this.names]
    if (!allowed.includes(choice)) throw new InvalidFieldError('line', `one of ${allowed.join(', ')}`)
    return choice
  }
}

/** @throws {InvalidFieldError} that names `field`, unless there are dialers, and nothing else. */
export function requireDialers(field: string, dialers: readonly Dialer[]): void {
  if (!Array.isArray(dialers) || dialers.length === 0 || dialers.some((one) => typeof one?.dial !== 'function'))
    throw new InvalidFieldError(field, 'one dialer or more, such as `dialWebSocket` returns')
}

/** A storage may be disabled. */
function remembered(memory: LineMemory | undefined): string | undefined {
  try {
    return memory?.read()
  } catch {
    return undefined
  }
}
