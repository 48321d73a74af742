import { expect, test } from '../support/fixtures.ts'
import type { Person } from '../support/person.ts'

const KIB = 1_024
/** Compressed size of all scripts that a page loads before it can be used, in KiB. */
const MAX_LANDING = 180
const MAX_ROOM = 260

/** Runs in a page before its own scripts: notes when it can be used. */
function noteUsable(selector: string): void {
  const look = () => {
    if (document.querySelector(selector) === null) return requestAnimationFrame(look)
    performance.mark('usable')
  }
  look()
}

/** Compressed size of the scripts whose loading began before the page could be used, or until now, in KiB. */
async function scriptsOf({ page }: Person, until: 'usable' | 'now' = 'usable'): Promise<number> {
  const bytes = await page.evaluate((mark) => {
    const usable = performance.getEntriesByName(mark)[0]?.startTime ?? Infinity
    const loads = performance.getEntriesByType('resource') as PerformanceResourceTiming[]
    const scripts = loads.filter(({ name, startTime }) => new URL(name).pathname.endsWith('.js') && startTime < usable)
    return scripts.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0)
  }, until)
  return Math.round(bytes / KIB)
}

test('the landing page loads at most 180 KiB of script', async ({ invite }, testInfo) => {
  const ada = await invite('Ada')
  await ada.page.addInitScript(noteUsable, 'button[type=submit]:enabled')
  await ada.land()
  await expect(ada.page.getByRole('button', { name: 'Create a room' })).toBeEnabled()
  await expect.poll(() => ada.page.evaluate(() => performance.getEntriesByName('usable').length)).toBe(1)
  const size = await scriptsOf(ada)
  testInfo.annotations.push({ type: 'script', description: `${size} KiB` })
  expect(size).toBeGreaterThan(50)
  expect(size).toBeLessThanOrEqual(MAX_LANDING)
})

test('a room by link loads at most 260 KiB of script before one can write', async ({ invite }, testInfo) => {
  const ada = await invite('Ada')
  await ada.page.addInitScript(noteUsable, 'textarea')
  await ada.enter()
  const size = await scriptsOf(ada)
  testInfo.annotations.push({ type: 'script', description: `${size} KiB` })
  expect(size).toBeGreaterThan(50)
  expect(size).toBeLessThanOrEqual(MAX_ROOM)
  // Menus and dialogs, some 20 KiB, come later, while there is a network.
  await expect.poll(() => scriptsOf(ada, 'now')).toBeGreaterThan(size + 15)
  await ada.page.context().setOffline(true)
  await ada.page.getByTestId('people').click()
  await expect(ada.page.getByRole('dialog')).toBeVisible()
})
