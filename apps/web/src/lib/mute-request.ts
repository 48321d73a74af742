import * as v from 'valibot'

/** Name of the application channel over which members ask each other to be silent. */
export const MUTE_CHANNEL = 'patchbay.mute'

/** The request: that the receiver's microphone be muted. The answer is whether it is muted now. */
export type MuteRequest = v.InferOutput<typeof muteOptions.schema>

export const muteOptions = { schema: v.object({ kind: v.literal('mute') }) }

/** What one member asks counts once in this time, so that nobody can keep anyone from speaking; in milliseconds. */
const REST_MS = 60_000
/**
 * How long a person who unmutes after such a request is sure to be heard; in milliseconds. A member that leaves and comes back under a
 * new id would otherwise count as another at once.
 */
const SPEAKING_MS = 20_000

/** Which requests count. */
export class MuteRequests<Member> {
  readonly #heeded = new Map<Member, number>()
  /** Whether this person has not spoken since the last request that counted. */
  #isSilenced = false
  #speaksUntil = -Infinity

  /** This person can be heard from now on. @param now in milliseconds, as in `heed`. */
  speaks(now: number): void {
    if (this.#isSilenced) this.#speaksUntil = now + SPEAKING_MS
    this.#isSilenced = false
  }

  /** @returns whether a request of that member counts: each one of a host does. */
  heed(from: Member, now: number, isHost = false): boolean {
    for (const [member, at] of this.#heeded) if (now - at >= REST_MS) this.#heeded.delete(member)
    if (!isHost && (now < this.#speaksUntil || this.#heeded.has(from))) return false
    this.#heeded.set(from, now)
    this.#isSilenced = true
    return true
  }
}
