import { AxeBuilder } from '@axe-core/playwright'
import { expect, type Page } from '@playwright/test'

/** Fails on anything that axe rates serious or critical, in the light theme, and on what is hard to see in the dark one. */
export async function expectAccessible(page: Page): Promise<void> {
  expect(await violationsOf(page, (axe) => axe)).toEqual([])
  await page.emulateMedia({ colorScheme: 'dark' })
  // Nothing else depends on the colors.
  const inTheDark = await violationsOf(page, (axe) => axe.withRules('color-contrast'))
  expect(inTheDark, 'in the dark theme').toEqual([])
  await page.emulateMedia({ colorScheme: 'light' })
}

async function violationsOf(page: Page, choose: (axe: AxeBuilder) => AxeBuilder): Promise<string[]> {
  await page.evaluate(settle)
  // Focus guards pass the focus on at once, which axe cannot know.
  const { violations } = await choose(new AxeBuilder({ page }).exclude('[data-base-ui-focus-guard]')).analyze()
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
