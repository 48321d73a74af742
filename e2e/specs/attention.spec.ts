import { expect, test } from '../support/fixtures.ts'
import { allConnected } from '../support/person.ts'

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
  await ada.page.getByRole('button', { name: 'Turn microphone on' }).click()
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
