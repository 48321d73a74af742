import { expect, test } from '../support/fixtures.ts'
import { allConnected } from '../support/person.ts'

// As for people: a page may sound only after they have done something on it.
test.use({
  launchOptions: async ({ launchOptions }, use) => {
    await use({ ...launchOptions, args: [...(launchOptions.args ?? []), '--autoplay-policy=user-gesture-required'] })
  },
})

test('pictures play unasked, and one button, or the first press of anything, turns sound on', async ({ invite }) => {
  const [ada, bob, cyd] = [await invite('Ada'), await invite('Bob'), await invite('Cyd')]
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
