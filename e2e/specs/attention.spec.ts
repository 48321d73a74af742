import { createRoomKey } from '@patchbay/core/seal'
import { attach } from '../support/files.ts'
import { expect, test } from '../support/fixtures.ts'
import { noticesOf, ownNotices, setVisibility } from '../support/notices.ts'
import { notePitches, ownTone } from '../support/own-sound.ts'
import { allConnected, type Person } from '../support/person.ts'

async function choose({ page }: Person, item: string): Promise<void> {
  await page.getByRole('button', { name: 'View', exact: true }).click()
  await page.getByRole('menuitem', { name: item }).click()
  await expect(page.getByRole('menu')).toHaveCount(0)
}

test('who comes, writes and goes is heard, except by someone who speaks or wants no sounds', async ({ invite }) => {
  const [ada, bob] = [await invite('Ada'), await invite('Bob')]
  await ada.page.addInitScript(notePitches)
  await ada.page.addInitScript(ownTone, 300)
  await ada.enter()
  await ada.page.getByRole('heading', { level: 1 }).click()
  /** Notes so far, in hertz. */
  const heard = () => ada.page.evaluate(() => (window as unknown as { pitches: number[] }).pitches)
  const [low, high, note] = [523, 784, 988]
  await bob.enter()
  await expect.poll(heard).toEqual([low, high])
  /** Sounds have a least distance. */
  const pause = async () => {
    const at = await ada.page.evaluate(() => performance.now())
    await ada.page.waitForFunction((since) => performance.now() - since > 1_600, at)
  }
  const say = async (text: string) => {
    await pause()
    await bob.say(text)
    await expect(ada.message(text)).toBeVisible()
  }
  await allConnected(ada, bob)
  await say('one')
  await expect.poll(heard).toEqual([low, high, note])
  await choose(ada, 'Turn sounds off')
  await say('two')
  await choose(ada, 'Turn sounds on')
  await ada.page.getByRole('button', { name: 'Turn microphone on' }).click()
  await bob.hears(ada)
  await say('three')
  await pause()
  expect(await heard(), 'neither when it is off nor while one speaks').toEqual([low, high, note])
  await ada.page.getByRole('button', { name: 'Mute', exact: true }).click()
  await bob.page.close()
  await expect.poll(heard).toEqual([low, high, note, high, low])
})

test('a hidden page shows a notice once its person has asked for that, and the number of messages', async ({
  invite,
}) => {
  const [ada, bob] = [await invite('Ada'), await invite('Bob')]
  await ada.page.addInitScript(ownNotices, 'denied')
  const seen = () => noticesOf(ada.page)
  for (const person of [ada, bob]) await person.enter()
  await allConnected(ada, bob)
  await choose(ada, 'Notify me while the page is hidden')
  await expect(ada.page.getByText('The browser does not let this page notify you').first()).toBeVisible()
  await ada.page.evaluate(() => {
    ;(window as unknown as { answer: { permission: string } }).answer.permission = 'granted'
  })
  await setVisibility(ada.page, 'hidden')
  await bob.say('nobody asked')
  await expect(ada.page).toHaveTitle(/^\(1\) /)
  await setVisibility(ada.page, 'visible')
  expect(await seen()).toEqual([])
  await choose(ada, 'Notify me while the page is hidden')
  await expect.poll(seen).toEqual(['Messages look like this while the page is hidden.'])
  expect(await ada.page.evaluate(() => (window as unknown as { icon: string }).icon)).toBe('/icons/192.png')
  await bob.say('in view')
  await expect(ada.message('in view')).toBeVisible()
  await setVisibility(ada.page, 'hidden')
  await bob.say('are you there?')
  await expect.poll(seen).toContain('Bob: are you there?')
  await expect(ada.page).toHaveTitle(/^\(1\) /)
  expect(await seen()).not.toContain('Bob: in view')
  await setVisibility(ada.page, 'visible')
  await expect.poll(async () => (await seen()).at(-1), { message: 'who is back needs no notice' }).toBe('closed')

  // Of what comes at once, the first is marked.
  await setVisibility(ada.page, 'hidden')
  const file = (name: string) => ({ name, buffer: Buffer.from(name) })
  await attach(bob, file('one.txt'), file('two.txt'), file('three.txt'))
  await expect(ada.page).toHaveTitle(/^\(3\) /)
  await expect.poll(seen).toContain('Bob offers three.txt')
  const marked = ada.page.getByRole('listitem').filter({ has: ada.page.getByTestId('unread-mark') })
  await expect(marked.locator('[data-testid=file]')).toHaveAttribute('data-name', 'one.txt')
})

test('a notice of a sealed room tells neither who is there nor what was said', async ({ invite }) => {
  const [ada, bob] = [await invite('Ada'), await invite('Bob')]
  await ada.page.addInitScript(ownNotices, 'granted')
  await ada.page.addInitScript(() => localStorage.setItem('patchbay.notices', 'on'))
  const fragment = `key=${createRoomKey()}`
  await ada.enter(fragment)
  await expect(ada.page.getByTestId('seal')).toHaveAttribute('data-state', 'sealed')
  await setVisibility(ada.page, 'hidden')
  await bob.enter(fragment)
  await allConnected(ada, bob)
  await bob.say('under the oak')
  await expect(ada.message('under the oak')).toBeVisible()
  await expect.poll(() => noticesOf(ada.page)).toEqual(['1 new message'])
})

test('buttons of a headset or the lock screen mute, film and hang up', async ({ invite }) => {
  const [ada, bob] = [await invite('Ada'), await invite('Bob')]
  await ada.page.addInitScript(() => {
    const buttons: Record<string, (() => void) | null> = {}
    Object.assign(window, { buttons })
    const { setActionHandler } = MediaSession.prototype
    MediaSession.prototype.setActionHandler = function (action, handler) {
      // Throws for a button that the browser does not have.
      setActionHandler.call(this, action, handler)
      buttons[action] = handler as (() => void) | null
    }
  })
  const press = (button: string) =>
    ada.page.evaluate(
      (name) => (window as unknown as { buttons: Record<string, () => void> }).buttons[name]?.(),
      button,
    )
  for (const person of [ada, bob]) await person.enter()
  await allConnected(ada, bob)
  await press('togglemicrophone')
  await press('togglecamera')
  const microphone = ada.page.getByRole('button', { name: 'Turn microphone on' })
  // Whatever they were to do would have been done by then.
  await ada.page.waitForTimeout(500)
  await expect(microphone, 'a button in a pocket turns on nothing').toBeVisible({ timeout: 3_000 })
  await microphone.click()
  await expect(bob.tile('Ada')).not.toContainText('muted')
  await press('togglemicrophone')
  await expect(bob.tile('Ada')).toContainText('muted')
  await press('togglemicrophone')
  await expect(bob.tile('Ada')).not.toContainText('muted')
  await press('togglecamera')
  await bob.watches(ada)
  await press('hangup')
  await expect(ada.page.getByText('You left the room.')).toBeVisible()
})
