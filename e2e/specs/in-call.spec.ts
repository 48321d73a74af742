import type { Locator } from '@playwright/test'
import { expectAccessible } from '../support/accessible.ts'
import { expect, test } from '../support/fixtures.ts'
import { allConnected, type Person } from '../support/person.ts'

const micOn = ({ page }: Person) => page.getByRole('button', { name: 'Turn microphone on' }).click()
const button = ({ page }: Person, name: string) => page.getByRole('button', { name, exact: true })

test('a hand that is raised is seen by everyone, newcomers included, in every list of people', async ({ invite }) => {
  const [ada, bob, cyd] = [await invite('Ada'), await invite('Bob'), await invite('Cyd')]
  for (const person of [ada, bob]) await person.enter()
  await allConnected(ada, bob)
  await button(ada, 'Raise hand').click()
  await expect(button(ada, 'Raise hand')).toHaveAttribute('aria-pressed', 'true')
  await expect(bob.peer('Ada')).toContainText('hand up')
  await expect(bob.page.getByTestId('hands')).toHaveText('Ada has a hand up')
  await cyd.enter()
  await expect(cyd.peer('Ada')).toContainText('hand up')
  await micOn(bob)
  await expect(cyd.tile('Ada')).toContainText('hand up')
  await cyd.page.getByTestId('people').click()
  const about = cyd.page.locator('[data-testid=person][data-name=Ada]')
  await expect(about).toContainText('hand up')
  await button(ada, 'Raise hand').click()
  await expect(about).not.toContainText('hand up')
  await expect(bob.page.getByTestId('hands')).toBeEmpty()
})

test('somebody is muted for everyone, is told by whom, and can speak again', async ({ invite }) => {
  const [ada, bob, cyd] = [await invite('Ada'), await invite('Bob'), await invite('Cyd')]
  for (const person of [ada, bob, cyd]) await person.enter()
  await allConnected(ada, bob, cyd)
  await micOn(ada)
  await expect(button(ada, 'Mute')).toBeVisible()
  const muteAda = async () => {
    await button(bob, 'Options for Ada').click()
    await bob.page.getByRole('menuitem', { name: 'Mute for everyone' }).click()
  }
  await ada.page.getByRole('heading', { level: 1 }).click()
  await ada.page.keyboard.down(' ')
  const pressedAt = await ada.page.evaluate(() => performance.now())
  await muteAda()
  await expect(ada.page.getByRole('dialog', { name: 'Bob has muted you' })).toBeVisible()
  await expect(cyd.tile('Ada')).toContainText('muted')
  await cyd.page.emulateMedia({ forcedColors: 'active' })
  const name = await cyd
    .tile('Ada')
    .locator('figcaption')
    .evaluate((caption) => getComputedStyle(caption).color)
  await expect(cyd.tile('Ada').locator('figcaption svg'), 'as visible as the name').toHaveCSS('color', name)
  await cyd.page.emulateMedia({ forcedColors: 'none' })
  // A shorter press would be a tap.
  await ada.page.waitForFunction((at) => performance.now() - at > 300, pressedAt)
  await ada.page.keyboard.up(' ')
  // Whoever is not muted has no such button.
  await button(ada, 'Unmute').click()
  await expect(cyd.tile('Ada')).not.toContainText('muted')
  // A second time within a minute does not count, and whoever tries is told.
  await muteAda()
  await expect(bob.page.getByRole('region', { name: 'Notifications' }).getByText('Ada could not')).toBeVisible()
  await expect(button(ada, 'Mute')).toBeVisible()
})

test('keys mute, let one talk while held, and list themselves, but not while one types', async ({ invite }) => {
  const [ada, bob] = [await invite('Ada'), await invite('Bob')]
  for (const person of [ada, bob]) await person.enter()
  await allConnected(ada, bob)
  const { keyboard } = ada.page
  await keyboard.type('mv h?')
  await expect(ada.page.getByRole('textbox', { name: 'Message' })).toHaveValue('mv h?')
  await ada.page.getByRole('heading', { level: 1 }).click()
  for (const key of ['m', 'v', 'h']) await keyboard.press(key)
  await expect(bob.peer('Ada')).toContainText('hand up')
  await expect(button(ada, 'Turn camera on'), 'no key turns on the first device').toBeEnabled()
  await micOn(ada)
  await expect(button(ada, 'Mute')).toBeVisible()
  await ada.page.getByRole('heading', { level: 1 }).click()
  await keyboard.press('m')
  await expect(bob.tile('Ada')).toContainText('muted')
  await expect(ada.page.getByTestId('muted'), 'whoever speaks while muted is told').toContainText('You are muted')
  await keyboard.down(' ')
  const pressedAt = await ada.page.evaluate(() => performance.now())
  await expect(bob.tile('Ada')).not.toContainText('muted')
  await expect(ada.page.getByTestId('muted')).toBeEmpty()
  // A shorter press would be a tap.
  await ada.page.waitForFunction((at) => performance.now() - at > 300, pressedAt)
  await keyboard.up(' ')
  await expect(bob.tile('Ada')).toContainText('muted')
  // A tap: on a busy machine, `press` can take longer than one.
  await ada.page.evaluate(() => {
    for (const type of ['keydown', 'keyup'])
      document.body.dispatchEvent(new KeyboardEvent(type, { key: ' ', bubbles: true }))
  })
  await expect(bob.tile('Ada')).not.toContainText('muted')
  // The button that was clicked has the focus, and the space bar is to talk all the same.
  await button(ada, 'Mute').click()
  await expect(bob.tile('Ada')).toContainText('muted')
  await keyboard.down(' ')
  const heldAt = await ada.page.evaluate(() => performance.now())
  await expect(bob.tile('Ada')).not.toContainText('muted')
  await ada.page.waitForFunction((at) => performance.now() - at > 300, heldAt)
  await keyboard.up(' ')
  await expect(bob.tile('Ada')).toContainText('muted')
  await expect(button(ada, 'Unmute')).toBeVisible()
  // Whoever goes to the button by key presses it.
  await keyboard.press('Shift+Tab')
  await keyboard.press('Tab')
  await keyboard.press(' ')
  await expect(bob.tile('Ada')).not.toContainText('muted')
  await ada.page.getByRole('heading', { level: 1 }).click()
  await keyboard.press('h')
  await expect(bob.tile('Ada')).not.toContainText('hand up')
  await keyboard.press('?')
  const list = ada.page.getByRole('dialog', { name: 'Keyboard shortcuts' })
  await expect(list).toContainText('Hold to talk')
  await expectAccessible(ada.page)
  await list.getByRole('checkbox').uncheck()
  await keyboard.press('Escape')
  await expect(list).toHaveCount(0)
  await keyboard.press('m')
  await keyboard.press('?')
  await expect(list).toHaveCount(0)
  await expect(button(ada, 'Mute')).toBeVisible()
})

test('someone is quieter or silent on one page alone, and a reaction is seen over the picture', async ({ invite }) => {
  const [ada, bob] = [await invite('Ada'), await invite('Bob')]
  for (const person of [ada, bob]) await person.enter()
  await allConnected(ada, bob)
  await micOn(ada)
  await bob.hears(ada)
  const sound = () =>
    bob
      .tile('Ada')
      .locator('audio')
      .evaluate(({ volume, muted }: HTMLAudioElement) => [volume, muted])
  expect(await sound()).toEqual([1, false])
  await bob.page.getByTestId('people').click()
  const dialog = bob.page.getByRole('dialog')
  await dialog.getByRole('slider', { name: 'Volume of Ada' }).fill('0.25')
  await expect.poll(sound).toEqual([0.25, false])
  await bob.page.keyboard.press('Escape')
  await bob.page.getByRole('button', { name: 'Options for Ada', exact: true }).click()
  await bob.page.getByRole('menuitem', { name: 'Mute for me' }).click()
  await expect.poll(sound).toEqual([0.25, true])
  await expect(bob.tile('Ada')).toContainText('muted for you')
  await expect(ada.tile('Ada (you)')).not.toContainText('muted')
  await bob.page.reload()
  await expect.poll(sound, { message: 'it is remembered' }).toEqual([0.25, true])

  await button(ada, 'Send a reaction').click()
  await ada.page.getByRole('menuitem', { name: 'Thumbs up' }).click()
  await Promise.all([bob.tile('Ada'), ada.tile('Ada (you)')].map((tile) => expect(tile).toContainText('👍')))
  await expect(bob.tile('Ada'), 'it goes by itself').not.toContainText('👍')
})

test('no button of the call moves when another changes its label, and the screen stays on until one leaves', async ({
  invite,
}) => {
  const ada = await invite('Ada')
  await ada.page.addInitScript(() => {
    const locks: string[] = []
    Object.assign(window, { locks })
    // Not every machine grants one.
    WakeLock.prototype.request = (type = 'screen') => {
      locks.push(type)
      const release = () => Promise.resolve(void locks.push('released'))
      return Promise.resolve(Object.assign(new EventTarget(), { release }) as unknown as WakeLockSentinel)
    }
  })
  await ada.enter()
  const places = () =>
    ada.page
      .locator('footer button')
      .evaluateAll((buttons) => buttons.map((each) => Math.round(each.getBoundingClientRect().left)))
  const before = await places()
  expect(before.length).toBeGreaterThan(7)
  const locks = () => ada.page.evaluate(() => (window as unknown as { locks: string[] }).locks)
  expect(await locks()).toEqual([])
  await micOn(ada)
  for (const [name, next] of [
    ['Mute', 'Unmute'],
    ['Unmute', 'Mute'],
    ['Turn camera on', 'Turn camera off'],
    ['Turn camera off', 'Turn camera on'],
  ] as const) {
    await button(ada, name).click()
    await expect(button(ada, next)).toBeVisible()
    expect(await places(), next).toEqual(before)
  }
  await button(ada, 'Raise hand').click()
  await expect(button(ada, 'Raise hand')).toHaveAttribute('aria-pressed', 'true')
  expect(await places(), 'with the hand up').toEqual(before)
  expect(await locks()).toEqual(['screen'])
  await button(ada, 'Leave').click()
  await expect(ada.page.getByText('You left the room.')).toBeVisible()
  expect(await locks()).toEqual(['screen', 'released'])
})

test('the call’s quality is told in words, and whoever prefers sound gets no camera until they take it back', async ({
  invite,
}) => {
  const [ada, bob] = [await invite('Ada'), await invite('Bob')]
  for (const person of [ada, bob]) await person.enter()
  await allConnected(ada, bob)
  for (const person of [ada, bob]) await person.turnOnCamera()
  await ada.watches(bob)
  await ada.page.getByRole('button', { name: 'View' }).click()
  await ada.page.getByRole('menuitem', { name: 'Call quality' }).click()
  const panel = ada.page.getByRole('dialog')
  await expect(panel.getByTestId('quality')).not.toBeEmpty()
  await expect(panel.getByTestId('path')).toContainText('Directly')
  await expect(panel.getByTestId('path')).toContainText('They get your video at up to')
  await expect(panel.getByTestId('path')).toContainText('You get theirs at')
  const isSent = () =>
    bob.page.evaluate(() =>
      (window as unknown as { made: RTCPeerConnection[] }).made
        .flatMap((connection) => connection.getSenders())
        .filter(({ track }) => track?.kind === 'video')
        .map((sender) => sender.getParameters().encodings[0]?.active),
    )
  expect(await isSent()).toEqual([true])
  await panel.getByRole('switch', { name: 'Prefer sound over video' }).click()
  await expect.poll(isSent).toEqual([false])
  await expect(ada.tile('Bob')).toContainText('Video off to keep the sound clear')
  await expect(panel.getByTestId('path')).not.toContainText('You get theirs')
  await expect(bob.tile('Ada').locator('video')).toBeHidden()
  await panel.getByRole('switch', { name: 'Prefer sound over video' }).click()
  await expect.poll(isSent).toEqual([true])
  await ada.watches(bob)
})

test('a phone’s camera changes from front to back, though only one can be open, and only the front is a mirror', async ({
  invite,
}) => {
  const ada = await invite('Ada')
  await ada.page.addInitScript(() => {
    const cameras = { front: 'user', back: 'environment' }
    const { mediaDevices } = navigator
    const ask = mediaDevices.getUserMedia.bind(mediaDevices)
    let open: MediaStreamTrack | undefined
    mediaDevices.enumerateDevices = () =>
      Promise.resolve(
        Object.entries(cameras).map(([deviceId, facing]) => ({
          deviceId,
          groupId: '',
          kind: 'videoinput',
          label: deviceId,
          getCapabilities: () => ({ facingMode: [facing] }),
          toJSON: () => deviceId,
        })),
      )
    mediaDevices.getUserMedia = async (constraints) => {
      if (open?.readyState === 'live') throw new DOMException('It is in use.', 'NotReadableError')
      const stream = await ask({ video: true })
      const [track] = stream.getVideoTracks()
      const wanted = constraints?.video as { deviceId?: { exact: 'back' } } | undefined
      const deviceId = wanted?.deviceId?.exact ?? 'front'
      if (track !== undefined) track.getSettings = () => ({ deviceId, facingMode: cameras[deviceId] })
      open = track
      return stream
    }
  })
  await ada.enter()
  await ada.turnOnCamera()
  const scaleOf = (video: Locator) => video.evaluate((element) => getComputedStyle(element).scale)
  const scale = () => scaleOf(ada.tile('Ada (you)').locator('video'))
  const remembered = () => ada.page.evaluate(() => localStorage.getItem('patchbay.camera'))
  const flip = async () => {
    await button(ada, 'Choose camera').click()
    await ada.page.getByRole('menuitem', { name: 'Switch between front and back' }).click()
  }
  await expect.poll(scale).toBe('-1 1')
  // Also from the list of cameras.
  await button(ada, 'Choose camera').click()
  await ada.page.getByRole('menuitemradio', { name: 'back' }).click()
  await expect.poll(scale).not.toBe('-1 1')
  await button(ada, 'Settings: Camera and microphone').click()
  await expect.poll(() => scaleOf(ada.page.getByLabel('Your video', { exact: true }))).not.toBe('-1 1')
  await ada.page.keyboard.press('Escape')
  await flip()
  await expect.poll(scale).toBe('-1 1')
  await expect.poll(remembered).toBe('front')
  await flip()
  await expect.poll(scale).not.toBe('-1 1')
  await expect(button(ada, 'Turn camera off')).toBeVisible()
  await flip()
  await expect.poll(scale).toBe('-1 1')
})
