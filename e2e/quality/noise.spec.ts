import { expect, test } from '../support/fixtures.ts'
import { speakInNoise } from '../support/own-sound.ts'
import { allConnected, type Person } from '../support/person.ts'

/** Level of what comes in from the only other person, in decibels: of the noise between words, and of everything, which is words. */
const levelsAt = ({ page }: Person) =>
  page.evaluate(async () => {
    const { made } = window as unknown as { made: RTCPeerConnection[] }
    const receiver = made.flatMap((each) => each.getReceivers()).find(({ track }) => track.kind === 'audio')
    if (receiver === undefined) throw new Error('No sound comes in.')
    const context = new AudioContext()
    const analyser = new AnalyserNode(context, { fftSize: 2_048 })
    context.createMediaStreamSource(new MediaStream([receiver.track])).connect(analyser)
    const samples = new Float32Array(analyser.fftSize)
    const powers: number[] = []
    // One round: a second of words and one of noise.
    const until = performance.now() + 2_000
    while (performance.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, 20))
      analyser.getFloatTimeDomainData(samples)
      powers.push(samples.reduce((sum, sample) => sum + sample ** 2, 1e-9) / samples.length)
    }
    await context.close()
    const decibels = (power: number) => 10 * Math.log10(power)
    const quiet = powers.toSorted((one, other) => one - other)[Math.floor(powers.length / 4)] ?? 1
    return { noise: decibels(quiet), speech: decibels(powers.reduce((sum, power) => sum + power) / powers.length) }
  })

test('noise is removed from what is sent, by 10 dB or more, and speech is kept', async ({ invite }, testInfo) => {
  const [ada, bob] = [await invite('Ada'), await invite('Bob')]
  await ada.page.addInitScript(speakInNoise)
  for (const person of [ada, bob]) await person.enter()
  await allConnected(ada, bob)
  const requests: string[] = []
  ada.page.on('request', (request) => requests.push(request.url()))
  await ada.page.getByRole('button', { name: 'Turn microphone on' }).click()
  await bob.hears(ada)
  const before = await levelsAt(bob)
  const isFetched = (part: string) => requests.some((url) => url.includes(part))
  expect(isFetched('rnnoise'), 'nothing is fetched that nobody uses').toBe(false)
  await ada.page.getByRole('button', { name: 'Choose microphone' }).click()
  await ada.page.getByRole('menuitem', { name: 'Remove background noise' }).click()
  await expect.poll(() => isFetched('rnnoise')).toBe(true)
  await expect(ada.page.getByText('Noise could not be removed')).toHaveCount(0)
  await ada.page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 1_000)))
  const after = await levelsAt(bob)
  testInfo.annotations.push({ type: 'levels', description: JSON.stringify({ before, after }) })
  expect(before.noise - after.noise).toBeGreaterThanOrEqual(10)
  expect(Math.abs(before.speech - after.speech)).toBeLessThan(3)
  const origins = new Set(requests.filter((url) => !url.startsWith('blob:')).map((url) => new URL(url).origin))
  expect([...origins].every((origin) => new URL(origin).hostname === new URL(ada.page.url()).hostname)).toBe(true)
})
