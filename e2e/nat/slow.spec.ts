import { filmClouds } from '../support/busy-camera.ts'
import { allConnected, type Person } from '../support/person.ts'
import { noteSending, sendingOf, shownSize } from '../support/sending.ts'
import { expect, test } from './fixtures.ts'

interface Sound {
  readonly all: number
  readonly concealed: number
}

/** Audio samples that Bob's page has played, and how many of them concealed lost packets. */
function soundAt({ page }: Person): Promise<Sound> {
  return page.evaluate(async () => {
    const [pc] = (window as unknown as { made: RTCPeerConnection[] }).made
    const stats = [...((await pc?.getStats())?.values() ?? [])] as RTCInboundRtpStreamStats[]
    const sound = stats.find(({ type, kind }) => type === 'inbound-rtp' && kind === 'audio')
    return { all: sound?.totalSamplesReceived ?? 0, concealed: sound?.concealedSamples ?? 0 }
  })
}

test('[R27] an uplink that falls to 300 kbit/s makes the picture smaller within 5 s, leaves sound whole after 3 s, and has it back within 15 s', async ({
  settle,
}, testInfo) => {
  test.setTimeout(120_000)
  const { person: ada, home } = await settle('Ada', 'cone')
  const { person: bob } = await settle('Bob', 'none')
  await ada.page.addInitScript(filmClouds)
  for (const person of [ada, bob]) await person.enter()
  await allConnected(ada, bob)
  const note = (description: string) => testInfo.annotations.push({ type: 'measured', description })
  await noteSending(ada)
  await ada.page.getByRole('button', { name: 'Turn microphone on' }).click()
  await ada.turnOnCamera()
  const shown = async () => (await shownSize(bob, ada)).height
  const sent = async () => (await sendingOf(ada)).at(-1)?.[0]
  await expect.poll(async () => (await sent())?.target ?? 0, { timeout: 10_000 }).toBeGreaterThan(1_000_000)
  const full = 720
  await expect.poll(shown, { message: 'lines shown at Bob' }).toBe(full)
  const start = await soundAt(bob)
  home.setUplink(300)
  const throttledAt = Date.now()
  await expect.poll(shown, { message: 'lines shown at Bob', timeout: 5_000, intervals: [200] }).toBeLessThanOrEqual(360)
  note(`smaller after ${Date.now() - throttledAt} ms`)
  // Packets queued when the uplink became slow are lost, including audio. After that, audio must be intact.
  const sound = async (seconds: number, since: Sound) => {
    await expect
      .poll(async () => (await soundAt(bob)).all, { timeout: 30_000 })
      .toBeGreaterThan(since.all + seconds * 48_000)
    const now = await soundAt(bob)
    const missing = (now.concealed - since.concealed) / (now.all - since.all)
    note(`${(100 * missing).toFixed(1)} % of sound missing`)
    return { ...now, missing }
  }
  const begun = await sound(3, start)
  const whole = await sound(12, begun)
  note(
    (await sendingOf(ada))
      .map(
        ([row]) => `${row?.height}/${Math.round((row?.target ?? 0) / 1_000)}/${Math.round((row?.asked ?? 0) / 1_000)}`,
      )
      .join(' '),
  )
  expect(begun.missing, 'share of sound missing in the first 3 s').toBeLessThan(0.35)
  expect(whole.missing, 'share of sound missing after that').toBeLessThan(0.03)
  home.setUplink(undefined)
  const freedAt = Date.now()
  await expect.poll(shown, { message: 'lines shown at Bob', timeout: 15_000, intervals: [200] }).toBe(full)
  note(`whole again after ${Date.now() - freedAt} ms`)
})
