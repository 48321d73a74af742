import { expect, test } from '../support/fixtures.ts'
import { allConnected } from '../support/person.ts'

// A headless browser has no screen picker; it shares the whole screen.
test.use({
  launchOptions: [
    async ({ launchOptions }, use) => {
      await use({ ...launchOptions, args: [...(launchOptions.args ?? []), '--use-fake-ui-for-media-stream'] })
    },
    { scope: 'worker' },
  ],
})

test('a screen has the stage, beside the camera, and stops independently', async ({ invite }) => {
  const [ada, bob] = [await invite('Ada'), await invite('Bob')]
  for (const person of [ada, bob]) await person.enter()
  await allConnected(ada, bob)
  await ada.turnOnCamera()
  await bob.watches(ada)
  await ada.page.getByRole('button', { name: 'Share your screen' }).click()
  const screen = bob.page.locator('[data-testid=tile][data-name="Ada’s screen"]')
  await expect(screen).toBeVisible()
  const shown = () =>
    screen.locator('video').evaluate((video: HTMLVideoElement) => [video.videoWidth > 0, video.readyState >= 2])
  await expect.poll(shown).toEqual([true, true])
  await bob.watches(ada)
  const [large, small] = [await screen.boundingBox(), await bob.tile('Ada').boundingBox()]
  const area = (box: typeof large) => (box === null ? 0 : box.width * box.height)
  expect(area(large) / area(small), 'it is much larger than a face').toBeGreaterThan(4)
  const picture = screen.getByRole('group', { name: 'Ada’s screen' })
  await picture.press('+')
  await expect(picture).toHaveAttribute('data-scale', '1.5')
  await picture.dblclick()
  await expect(picture).toHaveAttribute('data-scale', '1')
  await picture.dblclick({ position: { x: 20, y: 60 } })
  // Whatever part of it is looked at, a smaller window shows a part of it.
  for (let i = 0; i < 40; i += 1) await picture.press('ArrowLeft')
  await bob.page.setViewportSize({ width: 500, height: 800 })
  const edges = () =>
    picture.evaluate((frame) => {
      const [outer, inner] = [frame, frame.querySelector('video')].map((each) => each?.getBoundingClientRect())
      return outer === undefined || inner === undefined
        ? []
        : [inner.left - outer.left < 1, outer.right - inner.right < 1]
    })
  await expect.poll(edges).toEqual([true, true])
  await screen.getByRole('button', { name: '250% · show all' }).press('Enter')
  await expect(picture).toHaveAttribute('data-scale', '1')
  await expect(picture).toBeFocused()
  await ada.page.getByRole('button', { name: 'Stop sharing your screen' }).click()
  await expect(screen).toHaveCount(0)
  await bob.watches(ada)
  expect(await ada.connections(), 'no connection was remade').toEqual(['stable'])
})

test('the camera applies the chosen settings at once and when it is turned on again', async ({ invite }) => {
  const ada = await invite('Ada')
  await ada.enter()
  await ada.turnOnCamera()
  const settings = async () => {
    await ada.page.getByRole('button', { name: 'Camera and microphone' }).click()
    return ada.page.getByRole('dialog')
  }
  const dialog = await settings()
  await dialog.getByLabel('Resolution').selectOption('320 × 240')
  await dialog.getByLabel('Frame rate').selectOption('5 a second')
  await expect(dialog.getByTestId('delivered')).toContainText('320 × 240, 5 frames a second')
  await dialog.getByRole('button', { name: 'Close' }).click()
  await ada.turnOffCamera()
  await ada.turnOnCamera()
  await expect((await settings()).getByTestId('delivered')).toContainText('320 × 240')
})

test('the people list shows statistics of each connection, and one safety code at both ends', async ({ invite }) => {
  const [ada, bob] = [await invite('Ada'), await invite('Bob')]
  for (const person of [ada, bob]) await person.enter()
  await allConnected(ada, bob)
  await ada.turnOnCamera()
  await bob.watches(ada)
  for (const person of [ada, bob]) await person.page.getByTestId('people').click()
  const about = bob.page.locator('[data-testid=person][data-name=Ada]')
  await expect(about.getByTestId('statistics')).toContainText('Video from them')
  await expect(about.getByTestId('statistics')).toContainText('VP8')
  await expect(about.getByTestId('statistics')).toContainText('host to')
  await about.getByRole('button', { name: 'Show safety code' }).click()
  const codeOf = (page: typeof bob.page) => page.getByTestId('safety-code')
  await expect(codeOf(bob.page)).toHaveText(/^\d{3} \d{3} \d{3}$/)
  await expect(codeOf(bob.page), 'the focus of the button that is gone').toBeFocused()
  await expect(codeOf(ada.page)).toHaveText((await codeOf(bob.page).textContent()) ?? '')
})

test('camera video is limited for each receiver, and audio has priority', async ({ invite }) => {
  const people = [await invite('Ada'), await invite('Bob'), await invite('Cyd')]
  const [ada, bob, cyd] = people as [(typeof people)[0], (typeof people)[0], (typeof people)[0]]
  const caps = () =>
    ada.page.evaluate(() =>
      (window as unknown as { made: RTCPeerConnection[] }).made.flatMap((made) =>
        made.getSenders().flatMap((sender) => {
          const [encoding] = sender.getParameters().encodings
          return sender.track?.kind === 'video' ? [encoding?.maxBitrate] : []
        }),
      ),
    )
  for (const person of [ada, bob]) await person.enter()
  await allConnected(ada, bob)
  await ada.turnOnCamera()
  // Less than the first where the processor of this machine asks for a smaller picture.
  const steps = [1_500_000, 900_000, 450_000, 220_000, 120_000]
  const within = async () => (await caps()).map((cap) => steps.includes(cap ?? 0))
  await expect.poll(within).toEqual([true])
  await cyd.enter()
  await cyd.sees(ada, bob)
  await expect.poll(within).toEqual([true, true])
  await ada.page.getByRole('button', { name: 'Turn microphone on' }).click()
  const priorities = () =>
    ada.page.evaluate(() =>
      (window as unknown as { made: RTCPeerConnection[] }).made.flatMap((made) =>
        made
          .getSenders()
          .flatMap((sender) =>
            sender.track === null ? [] : [`${sender.track.kind} ${sender.getParameters().encodings[0]?.priority}`],
          ),
      ),
    )
  await expect.poll(priorities).toEqual(['video low', 'audio high', 'video low', 'audio high'])
  await expect(bob.tile('Ada')).toHaveAttribute('data-speaking', 'true')
})
