import { findFirefox } from '../support/browser.mjs'
import { filmClouds } from '../support/busy-camera.ts'
import { expect, test } from '../support/fixtures.ts'
import { allConnected, type Person } from '../support/person.ts'
import { newest, noteSending, sendingOf, shownSize } from '../support/sending.ts'

// Ada is in Firefox, which tells neither its estimate nor why a picture is limited; Bob is in Chromium.
test.use({ fullCamera: true, seats: ['firefox', 'chromium'] })
test.skip(findFirefox() === undefined, 'Firefox is not installed')

/** Bits per second that a page has sent over the last seconds, and what it asked its encoder for. */
const sentBy = async (person: Person, seconds: number) => {
  const rows = (await sendingOf(person)).slice(-seconds).flat()
  return {
    asked: rows.at(-1)?.asked ?? 0,
    sent: rows.reduce((sum, row) => sum + row.bits, 0) / Math.max(1, rows.length),
  }
}

test('[R27] Firefox and Chromium see each other sharply within 10 s, and never below 320 × 240 before that', async ({
  invite,
}, testInfo) => {
  const [ada, bob] = [await invite('Ada'), await invite('Bob')]
  await ada.page.addInitScript(filmClouds)
  for (const person of [ada, bob]) await person.enter()
  await allConnected(ada, bob)
  for (const person of [ada, bob]) await noteSending(person)
  await Promise.all([ada.turnOnCamera(), bob.turnOnCamera()])
  for (const [viewer, other] of [
    [ada, bob],
    [bob, ada],
  ] as const) {
    await viewer.watches(other)
    await expect
      .poll(async () => (await shownSize(viewer, other)).height, { message: `lines of ${other.name}`, timeout: 10_000 })
      .toBeGreaterThanOrEqual(480)
  }
  await expect
    .poll(
      async () => {
        const { asked, sent } = await sentBy(ada, 2)
        return asked > 0 ? sent / asked : 0
      },
      { message: 'share of the asked bitrate that Firefox sends', timeout: 10_000 },
    )
    .toBeGreaterThanOrEqual(0.9)
  for (const person of [ada, bob]) {
    const heights = (await sendingOf(person)).flat().map(({ height }) => height)
    testInfo.annotations.push({ type: person.name, description: heights.join(' ') })
    expect(Math.min(...heights), `lines sent by ${person.name}: ${heights.join(', ')}`).toBeGreaterThanOrEqual(240)
  }
  expect((await newest(ada))[0]?.asked).toBeGreaterThanOrEqual(1_000_000)
})
