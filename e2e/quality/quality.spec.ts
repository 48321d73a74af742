import { expect, test } from '../support/fixtures.ts'
import { allConnected, type Person } from '../support/person.ts'
import { newest, noteSending, type SentPicture, sendingOf, shownSize } from '../support/sending.ts'

test.use({ fullCamera: true })

/** Full quality as promised: at least 640 × 480, and the encoder's target is at least 90 % of the requested bitrate. */
const isFull = ({ width, height, target, asked }: SentPicture) => width >= 640 && height >= 480 && target >= 0.9 * asked
/** @returns for each picture that `person` sends: `true`, or what is less than full quality. */
const qualityOf = async (person: Person) => (await newest(person)).map((sent) => isFull(sent) || sent)

test('[R27] two people on an idle network see each other sharply within 10 s, and never below 320 × 240 before that', async ({
  invite,
}) => {
  const [ada, bob] = [await invite('Ada'), await invite('Bob')]
  for (const person of [ada, bob]) await person.enter()
  await allConnected(ada, bob)
  for (const person of [ada, bob]) await noteSending(person)
  await Promise.all([ada.turnOnCamera(), bob.turnOnCamera()])
  for (const [person, other] of [
    [ada, bob],
    [bob, ada],
  ] as const) {
    await expect
      .poll(() => qualityOf(person), { message: `what ${person.name} sends`, timeout: 10_000 })
      .toEqual([true])
    await expect.poll(async () => (await shownSize(other, person)).height).toBeGreaterThanOrEqual(480)
  }
  for (const person of [ada, bob]) {
    const heights = (await sendingOf(person)).flat().map(({ height }) => height)
    expect(Math.min(...heights), `lines sent by ${person.name}: ${heights.join(', ')}`).toBeGreaterThanOrEqual(240)
  }
})

test('[R27] a third person who joins with the camera off does not affect the video of the others', async ({
  invite,
}) => {
  const [ada, bob, cyd] = [await invite('Ada'), await invite('Bob'), await invite('Cyd')]
  for (const person of [ada, bob]) await person.enter()
  await allConnected(ada, bob)
  await noteSending(ada)
  await ada.turnOnCamera()
  await expect.poll(() => qualityOf(ada), { timeout: 10_000 }).toEqual([true])
  const before = (await sendingOf(ada)).length
  const size = await shownSize(bob, ada)
  await cyd.enter()
  await cyd.watches(ada)
  // Long enough for a sample of the new connection to take effect.
  await expect.poll(async () => (await sendingOf(ada)).length).toBeGreaterThanOrEqual(before + 8)
  const after = (await sendingOf(ada)).slice(before)
  const toBob = after.map(([first]) => first?.height)
  expect(new Set(toBob), `lines sent to Bob: ${toBob.join(', ')}`).toEqual(new Set([size.height]))
  // The new path has the same 10 s to get there as the first one had.
  await expect.poll(() => qualityOf(ada), { timeout: 10_000 }).toEqual([true, true])
  expect(await shownSize(bob, ada)).toEqual(size)
})
