import type { Person } from './person.ts'

/**
 * Watches the main thread of a person's page: the time it had a processor (`ThreadTicks`, Chrome DevTools Protocol
 * Performance domain), whatever else the machine was busy with.
 * @returns gives that time since the last call, in milliseconds.
 */
export async function watchMainThread({ page }: Person): Promise<() => Promise<number>> {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Performance.enable', { timeDomain: 'threadTicks' })
  let before = 0
  const lap = async () => {
    const { metrics } = await devtools.send('Performance.getMetrics')
    const now = (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0) * 1_000
    const spent = now - before
    before = now
    return spent
  }
  await lap()
  return lap
}
