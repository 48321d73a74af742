import { stat } from 'node:fs/promises'
import { expect, test } from '../support/fixtures.ts'
import { ownTone } from '../support/own-sound.ts'
import { allConnected, type Person } from '../support/person.ts'
import { expectAccessible } from '../support/accessible.ts'

const micOn = ({ page }: Person) => page.getByRole('button', { name: 'Turn microphone on' }).click()

const record = async ({ page }: Person) => {
  await page.getByRole('button', { name: 'View', exact: true }).click()
  await page.getByRole('menuitem', { name: 'Record what I see' }).click()
}

/** Runs in a page: plays a recording, and tells what is in it. */
async function examine({ pitches }: { readonly pitches: readonly number[] }) {
  const [file] = document.querySelector('input')?.files ?? []
  if (file === undefined) throw new Error('No file was chosen.')
  const context = new AudioContext()
  const sound = await context.decodeAudioData(await file.arrayBuffer())
  const samples = sound.getChannelData(0)
  /** Level of one pitch in the last second, 0 to 1 (Goertzel's algorithm). */
  const levelOf = (pitch: number) => {
    const part = samples.subarray(-sound.sampleRate - 4_800, -4_800)
    const step = 2 * Math.cos((2 * Math.PI * pitch) / sound.sampleRate)
    let [last, before] = [0, 0]
    for (const sample of part) [last, before] = [sample + step * last - before, last]
    return (2 * Math.sqrt(last ** 2 + before ** 2 - step * last * before)) / part.length
  }
  const video = document.createElement('video')
  Object.assign(video, { muted: true, src: URL.createObjectURL(file) })
  video.playbackRate = 3
  await video.play()
  const canvas = new OffscreenCanvas(64, 36)
  const pen = canvas.getContext('2d', { willReadFrequently: true })
  const colors: number[] = []
  while (!video.ended) {
    pen?.drawImage(video, 0, 0, 64, 36)
    const { data } = pen?.getImageData(0, 0, 64, 36) ?? { data: [] }
    const seen = new Set<string>()
    for (let i = 0; i + 2 < data.length; i += 4)
      seen.add([data[i], data[i + 1], data[i + 2]].map((each) => (each ?? 0) >> 4).join())
    colors.push(seen.size)
    await new Promise((resolve) => requestAnimationFrame(resolve))
  }
  return {
    width: video.videoWidth,
    height: video.videoHeight,
    durationS: video.duration,
    playedS: video.currentTime,
    soundS: sound.duration,
    colors: Math.max(...colors),
    levels: pitches.map(levelOf),
  }
}

test('a recording is told to everyone, and has the pictures and both voices', async ({ invite }, testInfo) => {
  const [ada, bob] = [await invite('Ada'), await invite('Bob')]
  await ada.page.addInitScript(ownTone, 440)
  await bob.page.addInitScript(ownTone, 1_000)
  for (const person of [ada, bob]) await person.enter()
  await allConnected(ada, bob)
  for (const person of [ada, bob]) await micOn(person)
  await bob.turnOnCamera()
  await ada.watches(bob)
  await ada.hears(bob)
  const toldBob = bob.page.getByTestId('recorders')
  await expect(toldBob, 'a screen reader knows the place before it says something').toHaveRole('status')
  await expect(toldBob).toBeEmpty()
  await bob.page.getByRole('button', { name: 'Full screen: Ada' }).click()
  await expect.poll(() => bob.tile('Ada').evaluate((tile) => document.fullscreenElement === tile)).toBe(true)
  await record(ada)
  const own = ada.page.getByTestId('recording')
  await expect(own).toContainText('Everyone is told')
  await expect(bob.page.getByTestId('recording')).toContainText('Ada is recording')
  await expect(toldBob).toContainText('Ada is recording')
  await expect.poll(() => bob.page.evaluate(() => document.fullscreenElement), 'the banner is in sight').toBeNull()
  await expectAccessible(ada.page)
  await expect(own.getByRole('timer')).toHaveText(/^(?!0:0[01]$)\d+:\d\d$/)
  const download = ada.page.waitForEvent('download')
  await own.getByRole('button', { name: 'Stop' }).press('Enter')
  const saved = await download
  expect(saved.suggestedFilename()).toMatch(/^Room .+ \d{4}-\d\d-\d\d \d\d\.\d\d\.(mp4|webm)$/)
  await expect(own).toContainText(`Saved to your downloads: ${saved.suggestedFilename()}`)
  await expect(own.getByRole('link', { name: 'Save again' }), 'the focus goes on from the button').toBeFocused()
  await expect(bob.page.getByTestId('recording')).toBeEmpty()

  const player = await ada.page.context().newPage()
  await player.setContent('<input type="file">')
  await player.locator('input').setInputFiles(await saved.path())
  const found = await player.evaluate(examine, { pitches: [440, 1_000, 700] })
  testInfo.annotations.push({ type: 'recording', description: JSON.stringify(found) })
  expect(found).toMatchObject({ width: 1_280, height: 720 })
  expect(found.playedS).toBeGreaterThan(1.5)
  expect(Math.abs(found.playedS - found.soundS), 'sound and picture are of one length').toBeLessThan(0.5)
  expect(found.colors, 'the picture of a camera has many colors').toBeGreaterThan(8)
  const [adas, bobs, nobodys] = found.levels
  expect(adas, 'the voice of who records').toBeGreaterThan(0.05)
  expect(bobs, 'the voice of somebody else').toBeGreaterThan(0.05)
  expect(nobodys, 'a pitch that nobody has').toBeLessThan(0.01)
  await own.getByRole('button', { name: 'Remove' }).press('Enter')
  await expect(own).toBeEmpty()
  await expect(ada.page.getByRole('textbox', { name: 'Message' })).toBeFocused()
})

test('a recording is saved when its page joins anew, and when its person leaves', async ({ invite }) => {
  const [ada, bob] = [await invite('Ada'), await invite('Bob')]
  for (const person of [ada, bob]) await person.enter()
  await allConnected(ada, bob)
  const begun = ada.page
    .getByTestId('recording')
    .getByRole('timer')
    .filter({ hasText: /^(?!0:00$)\d+:\d\d$/ })
  // A page that comes out of the browser's cache joins anew: what it recorded is of the room before.
  await record(ada)
  await expect(begun).toBeVisible()
  const before = ada.page.waitForEvent('download', { timeout: 15_000 })
  await ada.page.evaluate(() => {
    for (const name of ['pagehide', 'pageshow'])
      window.dispatchEvent(new PageTransitionEvent(name, { persisted: true }))
  })
  await before
  await allConnected(ada, bob)

  // Where the router gets no answer, it has the browser load the next page: this one, with what it records, is gone then.
  await ada.page.route(/[?]left=/, (route) => route.abort())
  await record(ada)
  await expect(begun).toBeVisible()
  const last = ada.page.waitForEvent('download', { timeout: 15_000 })
  await ada.page.getByRole('button', { name: 'Leave' }).click()
  expect((await stat(await (await last).path())).size, 'who leaves a dead server has the recording').toBeGreaterThan(0)
})

test('whoever goes back while a recording is saved and enters another room stays in it', async ({ invite }) => {
  const ada = await invite('Ada')
  const { page } = ada
  await page.addInitScript(() => {
    const { stop } = MediaRecorder.prototype
    MediaRecorder.prototype.stop = function () {
      Object.assign(window, { save: () => stop.call(this) })
    }
  })
  const enterNewRoom = async () => {
    await page.getByRole('button', { name: 'Create a room' }).click()
    await expect(page.getByText('You are the first one here')).toBeVisible()
  }
  await ada.land()
  await enterNewRoom()
  await record(ada)
  await expect(page.getByTestId('recording').getByRole('timer')).toBeVisible()
  const starts: string[] = []
  page.on('request', (request) => request.url().includes('?left=') && starts.push(request.url()))
  await page.getByRole('button', { name: 'Leave' }).click()
  await expect(page.getByRole('heading', { name: 'You have left the room.' })).toBeVisible()
  await expect(page.getByTestId('recording')).toHaveText('Saving the recording…')
  await page.goBack()
  await enterNewRoom()
  const saved = page.waitForEvent('download')
  await page.evaluate(() => (window as unknown as { save: () => void }).save())
  await saved
  await ada.say('still here')
  await expect(ada.message('still here')).toBeVisible()
  expect(starts).toEqual([])
})
