import * as v from 'valibot'

/** Name of the application channel over which members ask each other to be silent. */
export const MUTE_CHANNEL = 'patchbay.mute'

/** The request: that the receiver's microphone be muted. The answer is whether it is muted now. */
export type MuteRequest = v.InferOutput<typeof muteOptions.schema>

export const muteOptions = { schema: v.object({ kind: v.literal('mute') }) }

/** What one member asks counts once in this time, so that nobody can keep anyone from speaking; in milliseconds. */
const REST_MS = 60_000

/** Which requests count. */
export class MuteRequests<Member> {
  readonly #heeded = new Map<Member, number>()

  /** @param now in milliseconds. @returns whether a request of that member counts. */
  heed(from: Member, now: number): boolean {
    for (const [member, at] of this.#heeded) if (now - at >= REST_MS) this.#heeded.delete(member)
    if (this.#heeded.has(from)) return false
    this.#heeded.set(from, now)
    return true
  }
}
