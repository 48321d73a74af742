import { expect, type Page } from '@playwright/test'
import { test } from '../support/fixtures.ts'
import { allConnected, type Person } from '../support/person.ts'
import { readTree, troublesIn, troublesOfControls } from '../support/spoken.ts'

/** Opens the view menu and chooses from it. */
async function chooseView({ page }: Person, item: string): Promise<void> {
  await page.getByRole('button', { name: 'View', exact: true }).click()
  await page.getByRole('menuitem', { name: item }).click()
}

/** Presses a button that closes its window. */
async function closeBy(small: Page, name: string): Promise<void> {
  const closed = small.waitForEvent('close')
  // The window may be gone before the click is reported.
  await Promise.all([
    closed,
    small
      .getByRole('button', { name })
      .click()
      .catch(() => {}),
  ])
}

/**
 * By how much the camera of a person is scaled down for the other (W3C WebRTC §5.2): by `SMALL` and more where it is shown small.
 */
const scaleOf = ({ page }: Person) =>
  page.evaluate(() => {
    const { made } = window as unknown as { made: RTCPeerConnection[] }
    const senders = made.at(-1)?.getSenders() ?? []
    const camera = senders.find(({ track }) => track?.kind === 'video')
    const [encoding] = camera?.getParameters().encodings ?? []
    return encoding?.active === false ? 'off' : (encoding?.scaleResolutionDownBy ?? 1)
  })

const SMALL = 2

/** Frames that a window has shown of a picture. */
const framesIn = (page: Page, name: string) =>
  page
    .getByRole('figure', { name, exact: true })
    .locator('video')
    .evaluate((video: HTMLVideoElement) => video.getVideoPlaybackQuality().totalVideoFrames)

test('the call floats in a window of its own, with its picture, buttons and unread messages, until it is left', async ({
  invite,
}) => {
  const [ada, bob] = [await invite('Ada'), await invite('Bob')]
  for (const person of [ada, bob]) await person.enter()
  await allConnected(ada, bob)
  await bob.turnOnCamera()
  await ada.watches(bob)
  const { page } = ada
  await page.setViewportSize({ width: 480, height: 320 })
  await expect.poll(() => scaleOf(bob), { message: 'a small tile gets a small picture' }).toBeGreaterThanOrEqual(SMALL)

  const opened = page.context().waitForEvent('page')
  await chooseView(ada, 'Call in a small window')
  const small = await opened
  await small.setViewportSize({ width: 700, height: 700 })
  // A busy machine makes pictures smaller by itself, and larger again a step every eight idle seconds.
  test.setTimeout(120_000)
  await expect
    .poll(() => scaleOf(bob), { message: 'a large window gets a large picture', timeout: 40_000 })
    .toBeLessThan(SMALL)

  await test.step('it looks like the page', async () => {
    const ground = () => small.locator('body > div').evaluate((element) => getComputedStyle(element).backgroundColor)
    await expect.poll(ground).toBe('rgb(32, 29, 26)')
    await page.emulateMedia({ colorScheme: 'dark' })
    await expect(small.locator('html')).toHaveClass(/dark/)
    await expect.poll(ground).toBe('rgb(12, 11, 10)')
  })
  await test.step('it is spoken once', async () => {
    await expect.poll(async () => troublesIn(await readTree(small))).toEqual([])
    expect(await troublesOfControls(small)).toEqual([])
  })
  await test.step('its buttons and keys do what those of the page do', async () => {
    await small.getByRole('button', { name: 'Turn microphone on' }).click()
    await bob.hears(ada)
    await small.keyboard.press('m')
    await expect(small.getByRole('button', { name: 'Unmute' })).toBeVisible()
    await expect(page.getByRole('button', { name: 'Unmute' })).toBeVisible()
    await small.locator(':focus').evaluate((button: HTMLElement) => button.blur())
    await small.keyboard.down(' ')
    await expect(small.getByRole('button', { name: 'Mute' })).toBeVisible()
    // The key is let go in another window.
    await small.evaluate(() => window.dispatchEvent(new Event('blur')))
    await expect(small.getByRole('button', { name: 'Unmute' })).toBeVisible()
    await small.keyboard.up(' ')
  })
  await test.step('it goes on while the page is hidden', async () => {
    await page.evaluate(() => {
      Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true })
      document.dispatchEvent(new Event('visibilitychange'))
    })
    await bob.say('are you there?')
    await expect(small.getByRole('status')).toHaveText('1 new message')
    const before = await framesIn(small, 'Bob')
    await expect.poll(() => framesIn(small, 'Bob')).toBeGreaterThan(before + 5)
    await expect.poll(() => scaleOf(bob), { timeout: 40_000 }).toBeLessThan(SMALL)
  })
  await closeBy(small, 'Back to the page')
  await expect.poll(() => scaleOf(bob), { message: 'the tile is small again' }).toBeGreaterThanOrEqual(SMALL)

  const again = page.context().waitForEvent('page')
  await page.keyboard.press('p')
  const second = await again
  await closeBy(second, 'Leave')
  await expect(page.getByRole('status').filter({ hasText: 'You left the room' })).toBeVisible()
})

test('where no window of the page’s own can float its largest picture does, and where nothing can there is no entry', async ({
  invite,
}) => {
  const [ada, bob] = [await invite('Ada'), await invite('Bob')]
  await ada.page.addInitScript(() => Object.defineProperty(window, 'documentPictureInPicture', { value: undefined }))
  await bob.page.addInitScript(() => {
    Object.defineProperty(window, 'documentPictureInPicture', { value: undefined })
    Object.defineProperty(Document.prototype, 'pictureInPictureEnabled', { value: undefined })
  })
  for (const person of [ada, bob]) await person.enter()
  await allConnected(ada, bob)
  await chooseView(ada, 'Call in a small window')
  await expect(ada.page.getByText('The small window could not be opened').first()).toBeVisible()
  await bob.turnOnCamera()
  await ada.watches(bob)
  await chooseView(ada, 'Call in a small window')
  const floating = () => ada.page.evaluate(() => document.pictureInPictureElement?.getAttribute('aria-label'))
  await expect.poll(floating).toBe('Video of Bob')
  await chooseView(ada, 'Back to the page')
  await expect.poll(floating).toBeUndefined()

  await bob.page.getByRole('button', { name: 'View', exact: true }).click()
  await expect(bob.page.getByRole('menuitem', { name: 'Keyboard shortcuts' })).toBeVisible()
  await expect(bob.page.getByRole('menuitem', { name: 'Call in a small window' })).toHaveCount(0)
})
