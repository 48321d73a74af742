import { type Page } from '@playwright/test'
import { expect, type Invite, test } from '../support/fixtures.ts'
import { allConnected, type Person } from '../support/person.ts'

/** Words that do not fit, and letters that do not stay in their place. */
const odd = [
  'x'.repeat(300),
  `https://example.org/${'a'.repeat(200)}?q=${'b'.repeat(100)}`,
  `const x = ${'y'.repeat(300)}`,
  'שלום עולם, מה שלומך היום? ארוך מאוד הוא המשפט הזה ואין לו סוף',
  '👩‍👩‍👧‍👦'.repeat(60),
  `a${'\u0301'.repeat(400)}`,
]

/** Screens, and how large the person has made the text. 360 × 225 is a screen of 1440 × 900 at 400 %. */
const screens = [
  { name: '320 px wide', width: 320, height: 640, text: 1 },
  { name: 'a phone', width: 390, height: 844, text: 1 },
  { name: 'a phone at 150 % text', width: 390, height: 844, text: 1.5 },
  { name: 'a phone at 200 % text', width: 390, height: 844, text: 2 },
  { name: 'a phone on its side', width: 844, height: 390, text: 1 },
  { name: '200 % zoom', width: 720, height: 450, text: 1 },
  { name: '400 % zoom', width: 360, height: 225, text: 1 },
  { name: 'a desktop', width: 1440, height: 900, text: 1 },
]

const scaleText = (percent: number) => {
  document.addEventListener('DOMContentLoaded', () => {
    document.documentElement.style.fontSize = `${percent}%`
  })
}

/** Controls that lie outside the page to the left or right, or on which another thing lies when scrolled to. */
async function unreachable(page: Page): Promise<string[]> {
  const found: string[] = []
  for (const control of await page.locator('header button, main button, main textarea, footer button').all()) {
    if (!(await control.isVisible())) continue
    await control.scrollIntoViewIfNeeded()
    const trouble = await control.evaluate((element) => {
      const { left, right, top, bottom } = element.getBoundingClientRect()
      if (left < -1 || right > innerWidth + 1) return `outside: ${Math.round(left)} to ${Math.round(right)}`
      const hit = document.elementFromPoint((left + right) / 2, (top + bottom) / 2)
      return element === hit || element.contains(hit) ? '' : `under ${hit?.tagName} ${hit?.className.slice(0, 40)}`
    })
    const name = await control.evaluate((element) => element.getAttribute('aria-label') ?? element.textContent)
    if (trouble !== '') found.push(`${name}: ${trouble}`)
  }
  return found
}

/** Two people, both with cameras; Bob has the screen in question. */
async function call(invite: Invite, { width, height, text }: (typeof screens)[0]): Promise<readonly [Person, Person]> {
  const ada = await invite('Ada')
  const bob = await invite('Bob', { viewport: { width, height } })
  if (text !== 1) await bob.page.addInitScript(scaleText, 100 * text)
  await ada.enter()
  await bob.page.goto(bob.link())
  await expect(bob.page.getByTestId('self')).toBeAttached()
  await expect(ada.peer('Bob')).toContainText('connected')
  return [ada, bob]
}

for (const screen of screens) {
  test(`everything can be reached and read: ${screen.name}`, async ({ invite }) => {
    const [ada, bob] = await call(invite, screen)
    const { page } = bob
    expect(await unreachable(page), 'in the chat').toEqual([])
    for (const words of odd) await ada.say(words)
    await expect(page.getByTestId('message-text')).toHaveCount(odd.length)
    const widths = await page.evaluate(() => {
      const texts = [...document.querySelectorAll('[data-testid=message-text]')]
      const log = document.querySelector('[role=log]')?.parentElement
      return {
        page: document.documentElement.scrollWidth - innerWidth,
        log: (log?.scrollWidth ?? 0) - (log?.clientWidth ?? 0),
        tallest: Math.max(...texts.map((text) => text.getBoundingClientRect().height)),
        marks: texts.at(-1)?.getBoundingClientRect().height ?? 0,
        line: Number.parseFloat(getComputedStyle(texts[0] as Element).lineHeight),
      }
    })
    expect([widths.page, widths.log], 'nothing is wider than the page or its log').toEqual([0, 0])
    expect(widths.marks, 'stacked marks stay in their line').toBeLessThan(2 * widths.line)

    await ada.turnOnCamera()
    await expect(bob.tile('Ada')).toBeVisible()
    expect(await unreachable(page), 'in a call').toEqual([])
    const boxes = await page.evaluate(() => {
      const sizeOf = (element: Element | null | undefined) => element?.getBoundingClientRect() ?? new DOMRect()
      return {
        tile: sizeOf(document.querySelector('[data-testid=tile][data-name=Ada]')).toJSON() as DOMRect,
        log: sizeOf(document.querySelector('[role=log]')?.parentElement).height,
        line: Number.parseFloat(
          getComputedStyle(document.querySelector('[data-testid=message-text]') as Element).lineHeight,
        ),
      }
    })
    const { width, height } = boxes.tile
    expect(Math.max(width / height, height / width), 'a tile shows a face, not a strip').toBeLessThan(2.6)
    expect(Math.min(width, height), 'a tile is large enough').toBeGreaterThanOrEqual(80)
    expect(boxes.log, 'three lines of the log are in sight').toBeGreaterThanOrEqual(3 * boxes.line)
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0)
  })
}

test('a page without a name for its room keeps the title of the tab, with what was not read', async ({
  invite,
  room,
}) => {
  const [ada, bob] = [await invite('Ada'), await invite('Bob')]
  for (const person of [ada, bob]) await person.enter()
  await allConnected(ada, bob)
  await expect(ada.page).toHaveTitle(`Room ${room} · Patchbay`)
  // What the framework does when it gets to it.
  await ada.page.evaluate(() => (document.title = 'Patchbay'))
  await expect(ada.page).toHaveTitle(`Room ${room} · Patchbay`)
  await ada.page.evaluate(() => {
    Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true })
    document.dispatchEvent(new Event('visibilitychange'))
  })
  await bob.say('are you there?')
  await expect(ada.page).toHaveTitle(`(1) Room ${room} · Patchbay`)
})

test('who arrives can write at once', async ({ invite }) => {
  const ada = await invite('Ada')
  await ada.enter()
  await expect(ada.page.getByRole('textbox', { name: 'Message' })).toBeFocused()
  await ada.page.keyboard.type('hello')
  await ada.page.keyboard.press('Enter')
  await expect(ada.message('hello')).toBeVisible()
  await expect(ada.page.getByText('Nobody has this yet')).toBeVisible()
})
