import { expect, type Page } from '@playwright/test'
import { test } from '../support/fixtures.ts'
import { allConnected } from '../support/person.ts'
import { liveRegions, readTree, troublesIn, troublesOfControls } from '../support/spoken.ts'

/** Parts of a page that are said when they change: banners, notices, new messages, a pasted title, and one of the framework's. */
const MOST_LIVE_REGIONS = 14

/** Fails unless each part of a page is spoken once, and each control has a name, its state, and at least 24 × 24 px. */
async function expectSpokenOnce(page: Page, state: string): Promise<void> {
  const trouble = async () => {
    const tree = await readTree(page)
    const live = liveRegions(tree)
    return [...troublesIn(tree), ...(live > MOST_LIVE_REGIONS ? [`${live} live regions`] : [])]
  }
  // Names and states follow what is on the page after a moment.
  await expect.poll(trouble, { message: `${state}: spoken`, intervals: [100, 200] }).toEqual([])
  expect(await troublesOfControls(page), `${state}: controls`).toEqual([])
}

test('every part of a page is spoken once, with its state, and every control can be hit', async ({
  invite,
  browser,
  deployment,
  room,
}) => {
  const [ada, bob] = [await invite('Ada'), await invite('Bob')]
  const { page } = ada
  await ada.land()
  await expectSpokenOnce(page, 'the landing page')

  const nameless = await browser.newContext({ locale: 'en-US' })
  const stranger = await nameless.newPage()
  await stranger.goto(`${deployment.origin}/r/${room}`)
  await expect(stranger.getByRole('heading', { name: 'Join this room' })).toBeVisible()
  await expectSpokenOnce(stranger, 'the lobby')
  await nameless.close()

  await ada.enter()
  await expectSpokenOnce(page, 'alone in a room')
  await bob.enter()
  await allConnected(ada, bob)
  await ada.turnOnCamera()
  await bob.turnOnCamera()
  await ada.watches(bob)
  await ada.say('hello')
  await bob.say('hi')
  await expect(ada.message('hi')).toBeVisible()
  await expectSpokenOnce(page, 'a call with two')
  await page.setViewportSize({ width: 320, height: 640 })
  await expectSpokenOnce(page, 'a call on a phone')
  await page.setViewportSize({ width: 1280, height: 720 })

  const button = (name: string | RegExp) => page.getByRole('button', { name })
  for (const [state, opener] of [
    ['the list of people', page.getByTestId('people')],
    ['the settings', button(/^Settings/)],
    ['the view menu', button(/^View$/)],
    ['the menu of a tile', button('Options for Bob')],
    ['the menu of a message', button('Actions for the message of Bob')],
    ['the note on sealing', page.getByTestId('seal')],
  ] as const) {
    await opener.click()
    await expect(page.getByRole('dialog').or(page.getByRole('menu'))).toBeVisible()
    await expectSpokenOnce(page, state)
    await page.keyboard.press('Escape')
    await expect(page.getByRole('dialog').or(page.getByRole('menu'))).toHaveCount(0)
  }
  await page.keyboard.press('?')
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible()
  await expectSpokenOnce(page, 'the list of shortcuts')
})
