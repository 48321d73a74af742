/** The space bar, held down since `sinceMs`, and whether the microphone was muted then. */
export interface Held {
  readonly sinceMs: number
  readonly wasMuted: boolean
}

/** A shorter press is a tap. */
export const TAP_MS = 300

/**
 * What to do with the microphone when the space bar comes up again: a tap mutes or unmutes, and someone muted is heard only
 * for as long as they hold it. At the press itself a muted microphone is unmuted.
 * @returns whether it is to be muted.
 */
export function isMutedAfter({ sinceMs, wasMuted }: Held, nowMs: number): boolean {
  const isTap = nowMs - sinceMs < TAP_MS
  return isTap ? !wasMuted : wasMuted
}
