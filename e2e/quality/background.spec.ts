import { expect, test } from '../support/fixtures.ts'
import { allConnected, type Person } from '../support/person.ts'
import { filmParts, filmPerson, filmSize } from '../support/person-film.ts'

type Part = keyof typeof filmParts
/** Mean brightness and colors of a part of a picture, and how much its pixels differ: 0 to 255. */
interface Look {
  readonly color: readonly number[]
  readonly contrast: number
}
type Looks = Readonly<Record<Part, Look>>

/** Notes how every picture of `other` looks from now on, or from when there is one. */
const watchFrames = ({ page }: Person, name: string) =>
  page.evaluate(
    ({ name: whose, parts, size }) => {
      const looks: unknown[] = []
      Object.assign(window, { looks })
      const canvas = new OffscreenCanvas(size.width, size.height)
      const context = canvas.getContext('2d', { willReadFrequently: true })
      if (context === null) throw new Error('no canvas')
      const lookOf = ([x, y, w, h]: readonly [number, number, number, number]) => {
        const { data } = context.getImageData(x, y, w, h)
        const mean = (channel: number) =>
          data.reduce((sum, value, index) => (index % 4 === channel ? sum + value : sum), 0) / (w * h)
        const green = mean(1)
        const square = data.reduce((sum, value, index) => (index % 4 === 1 ? sum + (value - green) ** 2 : sum), 0)
        return { color: [mean(0), green, mean(2)], contrast: Math.sqrt(square / (w * h)) }
      }
      const seen = new WeakSet()
      const look = () => {
        const video = document.querySelector<HTMLVideoElement>(`[data-testid=tile][data-name="${whose}"] video`)
        if (video === null || seen.has(video)) return
        seen.add(video)
        const note = () => {
          context.drawImage(video, 0, 0, size.width, size.height)
          looks.push(Object.fromEntries(Object.entries(parts).map(([part, box]) => [part, lookOf(box)])))
          video.requestVideoFrameCallback(note)
        }
        video.requestVideoFrameCallback(note)
      }
      setInterval(look, 20)
    },
    { name, parts: filmParts, size: filmSize },
  )

const looksAt = ({ page }: Person) => page.evaluate(() => (window as unknown as { looks: Looks[] }).looks)
const lastLook = async (person: Person) => (await looksAt(person)).at(-1)
const far = (one: Look, other: Look) =>
  Math.max(...one.color.map((value, channel) => Math.abs(value - (other.color[channel] ?? 0))))

test('what is behind a person is blurred in every picture the others get, and the face is as it was', async ({
  invite,
}, testInfo) => {
  const [ada, bob] = [await invite('Ada'), await invite('Bob')]
  const origins = new Set<string>()
  ada.page.context().on('request', (request) => {
    if (request.url().startsWith('http')) origins.add(new URL(request.url()).hostname)
  })
  await ada.page.addInitScript(filmPerson)
  await ada.page.addInitScript(() => localStorage.removeItem('patchbay.name'))
  await bob.enter()
  await watchFrames(bob, 'Ada')
  await ada.page.goto(ada.link())
  await ada.page.getByRole('radio', { name: 'Blurred' }).check({ force: true })
  await ada.page.getByRole('button', { name: 'Turn camera on' }).click()
  await expect(ada.page.getByLabel('Your video')).toBeVisible({ timeout: 30_000 })
  await ada.page.getByRole('textbox', { name: 'Your name' }).fill('Ada')
  await ada.page.getByRole('button', { name: 'Join', exact: true }).click()
  await allConnected(ada, bob)
  const seesMore = async () => {
    const before = (await looksAt(bob)).length
    await expect.poll(async () => (await looksAt(bob)).length, { timeout: 30_000 }).toBeGreaterThan(before + 10)
  }
  await seesMore()
  await ada.turnOffCamera()
  await ada.turnOnCamera()
  await seesMore()
  await ada.page.getByRole('button', { name: 'Choose camera' }).click()
  await ada.page.getByRole('menuitemradio').last().click()
  await seesMore()
  const blurred = await looksAt(bob)
  expect(Math.max(...blurred.map(({ wall }) => wall.contrast)), 'the wall is never seen as it is').toBeLessThan(10)
  expect(blurred.at(-1)?.face.contrast, 'the face is seen as it is').toBeGreaterThan(30)

  // A picture of one's own, which is red all over.
  const red = await ada.page.evaluate(() => {
    const canvas = document.createElement('canvas')
    const context = canvas.getContext('2d')
    if (context === null) throw new Error('no canvas')
    context.fillStyle = '#c02020'
    context.fillRect(0, 0, canvas.width, canvas.height)
    return canvas.toDataURL().split(',')[1] ?? ''
  })
  await ada.page.getByRole('button', { name: 'Choose camera' }).click()
  await ada.page.getByRole('menuitem', { name: 'Background: Blurred' }).click()
  await expect(ada.page.getByTestId('background-cost')).toContainText(/about \d+% of one/)
  await ada.page
    .getByLabel('Choose a picture of yours')
    .setInputFiles({ name: 'red.png', mimeType: 'image/png', buffer: Buffer.from(red, 'base64') })
  await expect
    .poll(async () => {
      const [r = 0, g = 255] = (await lastLook(bob))?.wall.color ?? []
      return r - g
    })
    .toBeGreaterThan(100)
  const pictured = await lastLook(bob)

  await ada.page.getByRole('radio', { name: 'No effect' }).check({ force: true })
  await expect.poll(async () => (await lastLook(bob))?.wall.contrast).toBeGreaterThan(30)
  // The first pictures of a size are coarse.
  await bob.page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 1_000)))
  const plain = await lastLook(bob)
  testInfo.annotations.push({
    type: 'looks',
    description: JSON.stringify({ blurred: blurred.at(-1), pictured, plain }),
  })
  if (pictured === undefined || plain === undefined) throw new Error('There is no picture.')
  for (const { wall } of blurred) expect(wall.contrast).toBeLessThan(plain.wall.contrast / 5)
  for (const { face } of [...blurred.slice(-5), pictured]) {
    expect(far(face, plain.face)).toBeLessThan(8)
    expect(face.contrast / plain.face.contrast).toBeGreaterThan(0.85)
    expect(face.contrast / plain.face.contrast).toBeLessThan(1.15)
  }
  expect([...origins]).toEqual([new URL(ada.page.url()).hostname])
})

test('a camera that is turned shows the person and hides the wall, also while the model of its new shape is on its way', async ({
  invite,
}) => {
  const [ada, bob] = [await invite('Ada'), await invite('Bob')]
  await ada.page.addInitScript(filmPerson)
  await ada.page.addInitScript(() => localStorage.setItem('patchbay.background', 'blur'))
  let arrive = () => {}
  const onItsWay = new Promise<void>((resolve) => (arrive = resolve))
  let isAsked = false
  await ada.page.context().route(/selfie_segmentation\.[\w-]+\.tflite/, async (route) => {
    isAsked = true
    await onItsWay
    await route.continue()
  })
  await ada.enter()
  await bob.enter()
  await allConnected(ada, bob)
  await watchFrames(bob, 'Ada')
  await ada.turnOnCamera()
  const seesMore = async () => {
    const before = (await looksAt(bob)).length
    await expect.poll(async () => (await looksAt(bob)).length, { timeout: 30_000 }).toBeGreaterThan(before + 10)
  }
  await seesMore()
  expect(isAsked, 'only what is needed is fetched').toBe(false)
  const widthAt = (): Promise<number> =>
    bob
      .tile('Ada')
      .locator('video')
      .evaluate((video: HTMLVideoElement) => video.videoWidth / video.videoHeight)
  await ada.page.evaluate(() => (window as unknown as { turnCamera: () => void }).turnCamera())
  await expect.poll(widthAt, { message: 'the turned picture arrives' }).toBe(1)
  expect(isAsked).toBe(true)
  await seesMore()
  arrive()
  await seesMore()
  const looks = await looksAt(bob)
  expect(Math.max(...looks.map(({ wall }) => wall.contrast)), 'the wall is never seen as it is').toBeLessThan(10)
  expect(looks.at(-1)?.face.contrast, 'the face is seen as it is').toBeGreaterThan(30)
})
