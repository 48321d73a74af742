import type { Page } from '@playwright/test'
import { attach } from '../support/files.ts'
import { expect, test } from '../support/fixtures.ts'
import type { Person } from '../support/person.ts'
import { silence } from '../support/silence.ts'

/** Has a page of someone who was never here: no name is stored. It counts how often it asked for devices. */
async function forget({ page }: Person): Promise<void> {
  await page.addInitScript(() => {
    localStorage.removeItem('patchbay.name')
    const { mediaDevices } = navigator
    const ask = mediaDevices.getUserMedia.bind(mediaDevices)
    const given: MediaStreamTrack[] = []
    Object.assign(window, { given })
    mediaDevices.getUserMedia = async (constraints) => {
      const stream = await ask(constraints)
      given.push(...stream.getTracks())
      return stream
    }
  })
}

/** States of the tracks that the page was given, in order. */
const given = (page: Page) =>
  page.evaluate(() => (window as unknown as { given: MediaStreamTrack[] }).given.map(({ readyState }) => readyState))

const plays = (page: Page) =>
  expect
    .poll(() => page.getByLabel('Your video').evaluate((video: HTMLVideoElement) => video.videoWidth))
    .toBeGreaterThan(0)

test('a newcomer sees and hears the level of what the others get, and joins with it', async ({ invite }) => {
  const [ada, bob] = [await invite('Ada'), await invite('Bob')]
  await bob.enter()
  await forget(ada)
  await ada.page.goto(ada.link())
  await expect(ada.page.getByRole('textbox', { name: 'Your name' })).toBeFocused()
  await expect(ada.page.getByTestId('people-there')).toHaveText('Bob is here.')
  await ada.page.getByRole('button', { name: 'Turn camera on' }).click()
  await plays(ada.page)
  await ada.page.getByRole('button', { name: 'Turn microphone on' }).click()
  const level = ada.page.getByRole('meter', { name: 'Level of the microphone' })
  // It beeps twice a second, for a moment: polls at such intervals may all fall between.
  await ada.page.waitForFunction((meter) => Number(meter?.ariaValueNow) > 20, await level.elementHandle())
  expect(await ada.page.evaluate(() => (window as unknown as { made: unknown[] }).made), 'nobody gets it').toEqual([])
  await expect(bob.peers).toHaveCount(0)
  await ada.page.getByRole('textbox', { name: 'Your name' }).fill('Ada')
  await ada.page.getByRole('button', { name: 'Join', exact: true }).click()
  await bob.watches(ada)
  await bob.hears(ada)
  expect(await given(ada.page), 'it was asked for once').toEqual(['live', 'live'])
  await ada.page.getByRole('button', { name: 'Leave' }).click()
  await expect(ada.page.getByText('You left the room.')).toBeVisible()
  expect(await given(ada.page), 'camera and microphone are released').toEqual(['ended', 'ended'])
})

test('a camera that does not start in the lobby is told there, and the one before stays', async ({ invite }) => {
  const ada = await invite('Ada')
  await forget(ada)
  await ada.page.addInitScript(() => {
    const { mediaDevices } = navigator
    const ask = mediaDevices.getUserMedia.bind(mediaDevices)
    mediaDevices.getUserMedia = (constraints) =>
      JSON.stringify(constraints).includes('"exact":"broken"')
        ? Promise.reject(new DOMException('', 'NotReadableError'))
        : ask(constraints)
    const list = mediaDevices.enumerateDevices.bind(mediaDevices)
    const broken = { kind: 'videoinput', deviceId: 'broken', groupId: '', label: 'Broken', toJSON: () => ({}) } as const
    mediaDevices.enumerateDevices = async () => [...(await list()), broken]
  })
  await ada.page.goto(ada.link())
  await ada.page.getByRole('button', { name: 'Turn camera on' }).click()
  await plays(ada.page)
  await ada.page.getByRole('combobox', { name: 'Camera' }).selectOption('Broken')
  const failure = ada.page.getByText('The camera did not start')
  await expect(failure.first()).toBeVisible()
  await plays(ada.page)
  await ada.page.getByRole('textbox', { name: 'Your name' }).fill('Ada')
  await ada.page.getByRole('button', { name: 'Join', exact: true }).click()
  await ada.say('here I am')
  await expect(ada.message('here I am')).toBeVisible()
  await expect(failure).toHaveCount(0)
})

test('whoever types a name and presses Enter chats, and no device is asked for', async ({ invite }) => {
  const [ada, bob] = [await invite('Ada'), await invite('Bob')]
  await bob.enter()
  await forget(ada)
  await ada.page.goto(ada.link())
  const name = ada.page.getByRole('textbox', { name: 'Your name' })
  await expect(name).toBeFocused()
  await ada.page.getByRole('button', { name: 'Join to chat' }).click()
  await expect(name).toBeFocused()
  await ada.page.keyboard.type('Ada')
  await ada.page.keyboard.press('Enter')
  await ada.say('only words')
  await expect(bob.message('only words')).toBeVisible()
  expect(await given(ada.page)).toEqual([])
})

test('a browser that cannot call is told so, and devices of a room that cannot be joined go off', async ({
  invite,
}) => {
  const ada = await invite('Ada')
  await forget(ada)
  await ada.page.goto(ada.link())
  await ada.page.getByRole('button', { name: 'Turn camera on' }).click()
  await plays(ada.page)
  await ada.page.getByRole('textbox', { name: 'Your name' }).fill('Ada')
  await ada.page.evaluate(() => {
    crypto.getRandomValues = () => {
      throw new Error('broken')
    }
  })
  await ada.page.getByRole('button', { name: 'Join' }).click()
  await expect(ada.page.getByRole('heading', { name: 'Something went wrong on this page' })).toBeVisible()
  expect(await given(ada.page)).toEqual(['ended'])
  await ada.page.addInitScript(() => Reflect.deleteProperty(window, 'RTCPeerConnection'))
  await ada.page.getByRole('button', { name: 'Reload' }).click()
  await expect(ada.page.getByRole('heading', { name: 'This browser can’t open the room' })).toBeVisible()
})

test('a test of the speaker ends, also where the page’s sound never starts', async ({ invite }) => {
  const ada = await invite('Ada')
  await forget(ada)
  await ada.page.addInitScript(() => {
    window.AudioContext = class extends AudioContext {
      constructor(...how: ConstructorParameters<typeof AudioContext>) {
        super(...how)
        void this.suspend()
      }
      override resume = () => new Promise<void>(() => {})
    }
  })
  await ada.page.goto(ada.link())
  await ada.page.getByRole('button', { name: /Test/ }).click()
  await expect(ada.page.getByRole('button', { name: /Playing/ })).toBeVisible()
  await expect(ada.page.getByRole('button', { name: /Test/ })).toBeVisible({ timeout: 5_000 })
})

test('what is tried in the settings nobody else gets, and the speaker that is chosen plays the others', async ({
  invite,
}) => {
  const [ada, bob] = [await invite('Ada'), await invite('Bob')]
  await forget(ada)
  await ada.page.addInitScript(() => localStorage.setItem('patchbay.name', 'Ada'))
  for (const person of [ada, bob]) await person.enter()
  await bob.page.getByRole('button', { name: 'Turn microphone on' }).click()
  await ada.hears(bob)
  await attach(ada, { name: 'tone.wav', buffer: silence() })
  await expect(ada.page.getByLabel('tone.wav', { exact: true })).toBeVisible()
  await ada.page.getByRole('button', { name: 'Camera and microphone' }).click()
  const dialog = ada.page.getByRole('dialog')
  await dialog.getByRole('button', { name: 'Try the camera' }).click()
  await plays(ada.page)
  const sent = () =>
    ada.page.evaluate(() =>
      (window as unknown as { made: RTCPeerConnection[] }).made
        .flatMap((connection) => connection.getSenders())
        .filter(({ track }) => track !== null)
        .map(({ track }) => track?.kind),
    )
  expect(await sent(), 'what Ada sends').toEqual([])
  const speaker = dialog.getByLabel('Speaker')
  const other = await speaker.locator('option').last().getAttribute('value')
  await speaker.selectOption(other)
  const sinks = () => ada.page.evaluate(() => [...document.querySelectorAll('audio')].map(({ sinkId }) => sinkId))
  await expect.poll(sinks, { message: 'speakers of Bob and of a sound in the log' }).toEqual([other, other])
  await dialog.getByRole('button', { name: 'Play a sound' }).click()
  await expect(dialog.getByRole('button', { name: 'Play a sound' })).toBeEnabled()
  await dialog.getByRole('button', { name: 'Close' }).click()
  await expect.poll(() => given(ada.page), { message: 'the camera is released' }).toEqual(['ended'])
})

test('whose microphone gives no sound is told so, and a camera that is plugged in is offered', async ({ invite }) => {
  const ada = await invite('Ada')
  await ada.page.addInitScript(() => {
    const { mediaDevices } = navigator
    const quiet = new AudioContext().createMediaStreamDestination().stream
    const ask = mediaDevices.getUserMedia.bind(mediaDevices)
    mediaDevices.getUserMedia = (constraints) =>
      constraints?.audio === undefined ? ask(constraints) : Promise.resolve(quiet)
  })
  await ada.enter()
  await ada.turnOnCamera()
  await ada.page.getByRole('button', { name: 'Turn microphone on' }).click()
  await ada.page.evaluate(async () => {
    const { mediaDevices } = navigator
    const known = await mediaDevices.enumerateDevices()
    const camera = {
      kind: 'videoinput',
      deviceId: 'new',
      groupId: '',
      label: 'Microscope',
      toJSON: () => ({}),
    } as const
    mediaDevices.enumerateDevices = async () => [...known, camera]
    mediaDevices.dispatchEvent(new Event('devicechange'))
  })
  await expect(ada.page.getByText('Camera plugged in: Microscope')).toBeVisible()
  await expect(ada.page.getByRole('button', { name: 'Use it' })).toBeVisible()
  await expect(ada.page.getByTestId('muted')).toContainText('No sound comes from your microphone')
})
