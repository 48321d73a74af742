import { expect, type Page } from '@playwright/test'
import axeCore from 'axe-core'

/** Fails on anything that axe rates serious or critical, in the light theme, and on what is hard to see in the dark one. */
export async function expectAccessible(page: Page): Promise<void> {
  expect(await violationsOf(page)).toEqual([])
  await page.emulateMedia({ colorScheme: 'dark' })
  // Nothing else depends on the colors.
  const inTheDark = await violationsOf(page, ['color-contrast'])
  expect(inTheDark, 'in the dark theme').toEqual([])
  await page.emulateMedia({ colorScheme: 'light' })
}

/** @param rules all, if there are none. */
async function violationsOf(page: Page, rules?: string[]): Promise<string[]> {
  await page.evaluate(settle)
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axeCore.source)
  return page.evaluate(findViolations, rules)
}

/** Runs in a page that has axe. */
async function findViolations(rules: string[] | undefined): Promise<string[]> {
  const { axe } = window as unknown as { readonly axe: typeof axeCore }
  const options = { resultTypes: ['violations' as const], ...(rules !== undefined && { runOnly: rules }) }
  // Focus guards pass the focus on at once, which axe cannot know.
  const { violations } = await axe.run({ exclude: ['[data-base-ui-focus-guard]'] }, options)
  const grave = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
  return grave.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' | ')}`)
}

/** Runs in a page: waits until fade animations have finished. Infinite animations are ignored. */
async function settle(): Promise<void> {
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve))
  // A popup starts to fade in one frame after it is mounted.
  await frame()
  await frame()
  const ending = document.getAnimations().filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity)
  await Promise.allSettled(ending.map(({ finished }) => finished))
}
