import type { Person } from './person.ts'

/**
 * Measures the CPU time of a page's main thread (`ThreadTicks`, Chrome DevTools Protocol Performance domain), whatever
 * else the machine is doing.
 * @returns a function that returns the CPU time since its last call, in milliseconds.
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
