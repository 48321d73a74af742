/** How long a context may take to start, in milliseconds. */
const START_MS = 2_000

/**
 * Starts a context, where the browser lets it: one that may not start yet would wait for the person's next act, for as long
 * as it takes. @returns whether it runs.
 */
export function startSound(context: AudioContext): Promise<boolean> {
  const started = context.resume().then(() => context.state === 'running')
  const late = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), START_MS))
  return Promise.race([started, late])
}
