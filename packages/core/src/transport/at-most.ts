/** Waits for work to end, but for `ms` milliseconds at most. @throws what the work rejects with in that time. */
export async function atMost(ms: number, work: Promise<unknown>): Promise<void> {
  let giveUp: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<void>((resolve) => (giveUp = setTimeout(resolve, ms)))
  try {
    await Promise.race([work, late])
  } finally {
    clearTimeout(giveUp)
  }
}
