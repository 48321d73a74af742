import type { Clock } from '../transport/index.ts'
import type { Member } from './member.ts'

/** A member removed by the server as lost is shown until its own channel was silent for this long (S9). */
const LOST_SILENCE_MS = 4_000
/** After that it is hidden, and its connection kept until it was silent for this long, the resume window. */
const PARKED_MS = 120_000
const SWEEP_MS = 500

/** What happens to members that the server no longer lists. */
export interface ParkingHandlers {
  unlisted(): readonly Member[]
  /** It is to be hidden, or shown again. */
  park(member: Member, parked: boolean): void
  /** It is to be given up. */
  lose(member: Member): void
}

/** Watches members that the server no longer lists: hides those that are silent too, and gives them up in the end. */
export class Parking {
  readonly #clock: Clock
  readonly #on: ParkingHandlers
  #cancel: (() => void) | undefined

  constructor(clock: Clock, on: ParkingHandlers) {
    this.#clock = clock
    this.#on = on
  }

  /** Looks now, and again for as long as there is anyone. */
  sweep(): void {
    this.stop()
    const unlisted = this.#on.unlisted()
    for (const member of unlisted) {
      const { link, parked } = member
      const isSilent = link.silentMs > LOST_SILENCE_MS
      if (link.state.phase === 'connecting' || link.silentMs > PARKED_MS) this.#on.lose(member)
      else if (parked !== isSilent) this.#on.park(member, isSilent)
    }
    if (unlisted.length > 0) this.#cancel = this.#clock.after(SWEEP_MS, () => this.sweep())
  }

  stop(): void {
    this.#cancel?.()
  }
}
