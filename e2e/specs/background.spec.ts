import { expect, test } from '../support/fixtures.ts'
import { allConnected, type Person } from '../support/person.ts'

/** Runs in a page before its own scripts: notes every picture that is given to a connection. */
function notePictures(): void {
  const pictures: string[] = []
  Object.assign(window, { pictures })
  const note = (track: MediaStreamTrack | string | null) => {
    if (track instanceof MediaStreamTrack && track.kind === 'video') pictures.push(track.id)
  }
  const { addTrack, addTransceiver } = RTCPeerConnection.prototype
  const { replaceTrack } = RTCRtpSender.prototype
  RTCPeerConnection.prototype.addTrack = function (track, ...streams) {
    note(track)
    return addTrack.call(this, track, ...streams)
  }
  RTCPeerConnection.prototype.addTransceiver = function (track, init) {
    note(track)
    return addTransceiver.call(this, track, init)
  }
  RTCRtpSender.prototype.replaceTrack = function (track) {
    note(track)
    return replaceTrack.call(this, track)
  }
}

/** Every picture that the page of a person has given to a connection. */
const everSent = ({ page }: Person) =>
  page.evaluate(() => (window as unknown as { pictures: readonly string[] }).pictures)

const chooseBackground = async ({ page }: Person, name: string) => {
  await page.getByRole('button', { name: 'Choose camera' }).click()
  await page.getByRole('menuitem', { name: /^Background:/ }).click()
  await page.getByRole('radio', { name }).press('Space')
  await page.keyboard.press('Escape')
}

test('a camera whose background cannot be hidden is sent to nobody, and turned off until the person decides', async ({
  invite,
}) => {
  const [ada, bob] = [await invite('Ada'), await invite('Bob')]
  await ada.page.addInitScript(() => localStorage.setItem('patchbay.background', 'blur'))
  await ada.page.addInitScript(notePictures)
  const fetched: string[] = []
  ada.page.context().on('request', (request) => fetched.push(request.url()))
  let fail = () => {}
  const failed = new Promise<void>((resolve) => (fail = resolve))
  await ada.page.context().route('**/*.tflite', async (route) => {
    await failed
    await route.abort()
  })
  await ada.enter()
  await expect(ada.page.getByRole('button', { name: 'Turn camera on' })).toBeEnabled()
  expect(
    fetched.some((url) => url.includes('vision_wasm')),
    'nothing is fetched before it is used',
  ).toBe(false)
  await ada.turnOnCamera()
  await expect(ada.tile('Ada (you)')).toContainText('Preparing the background')
  await expect.poll(() => fetched.some((url) => url.includes('.tflite'))).toBe(true)
  // Whoever comes now is sent what is on.
  await ada.page.getByRole('button', { name: 'Turn microphone on' }).click()
  await bob.enter()
  await allConnected(ada, bob)
  await bob.hears(ada)
  expect(await everSent(ada), 'it is held back until it is ready').toEqual([])
  fail()
  const notice = ada.page.getByRole('dialog', { name: 'Your camera was turned off' })
  // It is on for a moment only, which a look at the page may miss.
  const tryCamera = () => ada.page.getByRole('button', { name: 'Turn camera on' }).click()
  await expect(notice).toBeVisible()
  await expect(ada.page.getByRole('button', { name: 'Turn camera on' })).toBeVisible()
  await chooseBackground(ada, 'No effect')
  await expect(notice, 'it goes with its cause').toHaveCount(0)
  await chooseBackground(ada, 'Blurred')
  await tryCamera()
  await expect(notice).toBeVisible()
  await ada.page.getByRole('button', { name: 'Settings: Camera and microphone' }).click()
  await ada.page.getByRole('button', { name: 'Try the camera' }).click()
  const settings = ada.page.getByRole('dialog', { name: 'Camera and microphone' })
  await settings.getByRole('button', { name: 'Show me and my background' }).press('Enter')
  await expect(settings.getByRole('radio', { name: 'No effect' }), 'the focus goes on from the button').toBeFocused()
  await expect(notice).toHaveCount(0)
  await settings.getByRole('radio', { name: 'Blurred' }).press('Space')
  await ada.page.keyboard.press('Escape')
  await tryCamera()
  await expect(notice).toBeVisible()
  expect(await everSent(ada)).toEqual([])
  await notice.getByRole('button', { name: 'Show me and my background' }).click()
  await bob.watches(ada)
  expect(await everSent(ada)).not.toEqual([])
})
