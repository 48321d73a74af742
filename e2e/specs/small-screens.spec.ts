import { type Page } from '@playwright/test'
import { expect, test } from '../support/fixtures.ts'
import { allConnected } from '../support/person.ts'

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

/** Gives the page this screen. Tiles and the log are laid out anew when their sizes have been observed, some frames later. */
async function show(page: Page, { width, height, text }: (typeof screens)[0]): Promise<void> {
  await page.setViewportSize({ width, height })
  await page.evaluate(
    (percent) =>
      new Promise<void>((resolve) => {
        document.documentElement.style.fontSize = `${percent}%`
        requestAnimationFrame(() => requestAnimationFrame(() => resolve()))
      }),
    100 * text,
  )
}

/** Controls that lie outside the page to the left or right, or on which another thing lies wherever one scrolls. */
async function unreachable(page: Page): Promise<string[]> {
  const controls = page.locator(
    'header button:not(.not-focus-visible\\:sr-only), main button, main textarea, footer button',
  )
  return controls.evaluateAll((elements) => {
    const troubleOf = (element: Element) => {
      const { left, right, top, bottom } = element.getBoundingClientRect()
      if (left < -1 || right > innerWidth + 1) return `outside: ${Math.round(left)} to ${Math.round(right)}`
      const hit = document.elementFromPoint((left + right) / 2, (top + bottom) / 2)
      return element === hit || element.contains(hit) ? '' : `under ${hit?.outerHTML.slice(0, 60)}`
    }
    return elements
      .filter((element) => element.checkVisibility({ visibilityProperty: true }))
      .flatMap((element) => {
        const troubles = (['nearest', 'center', 'start', 'end'] as const).map((block) => {
          element.scrollIntoView({ block })
          return troubleOf(element)
        })
        const name = element.getAttribute('aria-label') ?? element.textContent
        return troubles.includes('') ? [] : [`${name}: ${troubles[0]}`]
      })
  })
}

/** How much wider the page and its log are than they may be, and the heights of the last message and of a line. */
function measureLog(page: Page) {
  return page.evaluate(() => {
    const texts = [...document.querySelectorAll('[data-testid=message-text]')]
    const log = document.querySelector('[role=log]')?.parentElement
    return {
      page: document.documentElement.scrollWidth - innerWidth,
      log: (log?.scrollWidth ?? 0) - (log?.clientWidth ?? 0),
      height: log?.getBoundingClientRect().height ?? 0,
      marks: texts.at(-1)?.getBoundingClientRect().height ?? 0,
      line: Number.parseFloat(getComputedStyle(texts[0] as Element).lineHeight),
    }
  })
}

test('everything can be reached and read on small screens, sideways and with large text', async ({ invite }) => {
  const [ada, bob] = [await invite('Ada'), await invite('Bob')]
  for (const person of [ada, bob]) await person.enter()
  await allConnected(ada, bob)
  const { page } = bob
  for (const words of odd) await ada.say(words)
  await expect(page.getByTestId('message-text')).toHaveCount(odd.length)
  for (const screen of screens) {
    await test.step(`the chat: ${screen.name}`, async () => {
      await show(page, screen)
      await expect(async () => {
        expect(await unreachable(page), screen.name).toEqual([])
        const { page: over, log, marks, line } = await measureLog(page)
        expect([over, log], 'nothing is wider than the page or its log').toEqual([0, 0])
        expect(marks, 'stacked marks stay in their line').toBeLessThan(2 * line)
      }).toPass({ timeout: 10_000 })
    })
  }
  await ada.turnOnCamera()
  await bob.watches(ada)
  for (const screen of screens) {
    await test.step(`a call: ${screen.name}`, async () => {
      await show(page, screen)
      await expect(async () => {
        expect(await unreachable(page), screen.name).toEqual([])
        const { width, height } = (await bob.tile('Ada').boundingBox()) ?? { width: 0, height: 0 }
        expect(Math.max(width / height, height / width), 'a tile shows a face, not a strip').toBeLessThan(2.6)
        expect(Math.min(width, height), 'a tile is large enough').toBeGreaterThanOrEqual(80)
        const log = await measureLog(page)
        expect(log.height, 'three lines of the log are in sight').toBeGreaterThanOrEqual(3 * log.line)
        expect(log.page).toBe(0)
      }).toPass({ timeout: 10_000 })
    })
  }
  await test.step('a call: the leave button of a small phone is in sight, also with a camera on', async () => {
    await show(ada.page, { name: 'a small phone', width: 320, height: 568, text: 1 })
    const leave = ada.page.getByRole('button', { name: 'Leave' })
    await expect(leave).toBeInViewport({ ratio: 1 })
    await ada.page.getByRole('button', { name: 'Turn microphone on' }).click()
    await ada.page.getByRole('button', { name: 'Mute', exact: true }).click()
    const notice = ada.page.getByTestId('muted')
    await expect(notice, 'the microphone of the tests gives a sound').toContainText('You are muted')
    // As long as in French.
    await notice.getByRole('paragraph').evaluate((text) => (text.lastChild!.textContent = 'long '.repeat(12)))
    await expect(leave, 'beside a notice of two lines').toBeInViewport({ ratio: 1 })
  })
  await test.step('a call: beside the notch of a phone on its side', async () => {
    const devtools = await page.context().newCDPSession(page)
    await devtools.send('Emulation.setSafeAreaInsetsOverride', { insets: { left: 47, right: 47 } })
    await show(page, { name: 'with a notch', width: 844, height: 390, text: 1 })
    const controls = page.locator('header button, main button, main textarea, footer button').filter({ visible: true })
    await expect(async () => {
      const places = await controls.evaluateAll((elements) => elements.map((each) => each.getBoundingClientRect()))
      expect(Math.min(...places.map(({ left }) => left))).toBeGreaterThanOrEqual(47)
      expect(Math.max(...places.map(({ right }) => right))).toBeLessThanOrEqual(844 - 47)
      expect((await measureLog(page)).page).toBe(0)
    }).toPass({ timeout: 10_000 })
  })
})

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

test('however long the log is, the page is as high as the screen', async ({ invite }) => {
  const ada = await invite('Ada')
  await ada.enter()
  for (let count = 1; count <= 40; count += 1) await ada.say(`message ${count}`)
  await expect(ada.message('message 40')).toBeVisible()
  for (const screen of screens.filter(({ name }) => ['a phone', 'a desktop'].includes(name))) {
    await show(ada.page, screen)
    const heights = () => ada.page.evaluate(() => [document.documentElement.scrollHeight, innerHeight])
    await expect.poll(heights, screen.name).toEqual([screen.height, screen.height])
  }
})

test('who arrives on a small screen can write at once, and sees the beginning of the invite', async ({ invite }) => {
  const ada = await invite('Ada', { viewport: { width: 360, height: 560 } })
  await ada.enter()
  await expect(ada.page.getByRole('img', { name: 'Invite link as a QR code' })).toBeVisible()
  await expect(ada.page.getByText('You are the first one here')).toBeInViewport({ ratio: 1 })
  await expect(ada.page.getByRole('textbox', { name: 'Message' })).toBeFocused()
  await ada.page.keyboard.type('hello')
  await ada.page.keyboard.press('Enter')
  await expect(ada.message('hello')).toBeInViewport()
  await expect(ada.page.getByText('Nobody has this yet')).toBeVisible()
})
