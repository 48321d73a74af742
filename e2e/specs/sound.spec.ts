import { expect, test } from '../support/fixtures.ts'
import { allConnected } from '../support/person.ts'

/**
 * Runs in a page before its own scripts: sound waits until the person has pressed something, as browsers have it. Theirs
 * cannot be tested: everything Playwright evaluates in a page counts as an act of the person.
 */
function holdSoundBack(): void {
  let hasActed = false
  for (const event of ['pointerdown', 'keydown'])
    window.addEventListener(event, ({ isTrusted }) => (hasActed ||= isTrusted), { capture: true })
  const { play } = HTMLMediaElement.prototype
  HTMLMediaElement.prototype.play = function () {
    if (hasActed || this.muted) return play.call(this)
    return Promise.reject(new DOMException('The person has done nothing yet.', 'NotAllowedError'))
  }
}

test('pictures play unasked, and one button, or the first press of anything, turns sound on', async ({ invite }) => {
  const [ada, bob, cyd] = [await invite('Ada'), await invite('Bob'), await invite('Cyd')]
  await cyd.page.addInitScript(holdSoundBack)
  for (const person of [ada, bob, cyd]) await person.enter()
  await allConnected(ada, bob, cyd)
  await ada.turnOnCamera()
  await bob.turnOnCamera()
  await Promise.all([cyd.watches(ada), cyd.watches(bob)])
  const banner = cyd.page.getByTestId('sound')
  await expect(banner, 'nothing sounds').toBeEmpty()
  for (const person of [ada, bob]) await person.page.getByRole('button', { name: 'Turn microphone on' }).click()
  await expect(cyd.page.getByRole('button', { name: 'Turn sound on' })).toHaveCount(1)
  const playing = () =>
    cyd.page.evaluate(() => [...document.querySelectorAll('audio')].filter(({ paused }) => !paused).length)
  expect(await playing()).toBe(0)
  await cyd.page.getByRole('textbox', { name: 'Message' }).click()
  await expect(banner).toBeEmpty()
  await expect.poll(playing).toBe(2)
})
