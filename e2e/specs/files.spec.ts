import { createHash, randomBytes } from 'node:crypto'
import { crc32, deflateSync } from 'node:zlib'
import { attach, card, chooseForEveryone, save } from '../support/files.ts'
import { expect, test } from '../support/fixtures.ts'
import { expectAccessible } from '../support/accessible.ts'
import { allConnected, type Person } from '../support/person.ts'
import { scaled } from '../support/scaled.ts'
import { silence } from '../support/silence.ts'

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** What a person's page says to a screen reader about files whose fate is known. */
const outcomes = ({ page }: Person) => page.locator('[aria-live=polite] p').filter({ hasText: 'holiday.bin: ' })

test('[R24] a file for everyone is accepted by one and declined by another, arrives whole, and can be saved', async ({
  invite,
}) => {
  const [ada, bob, cleo] = [await invite('Ada'), await invite('Bob'), await invite('Cleo')]
  for (const person of [ada, bob]) await person.enter()
  await allConnected(ada, bob)
  const chooser = await chooseForEveryone(ada)
  // Everyone means those who are here once the file is chosen.
  await cleo.enter()
  await allConnected(ada, bob, cleo)
  const buffer = randomBytes(3_000_000)
  await chooser.setFiles({ name: 'holiday.bin', mimeType: 'application/octet-stream', buffer })
  await expect(card(bob, 'holiday.bin')).toContainText('from Ada · 3 MB')
  await expectAccessible(bob.page)
  await card(bob, 'holiday.bin').getByRole('button', { name: 'Accept', exact: true }).click()
  await card(cleo, 'holiday.bin').getByRole('button', { name: 'Decline' }).click()
  await expect(card(bob, 'holiday.bin')).toContainText('received and checked')
  await expect(card(ada, 'holiday.bin').filter({ hasText: 'to Bob' })).toContainText('arrived')
  await expect(card(ada, 'holiday.bin').filter({ hasText: 'to Cleo' })).toContainText('declined')
  await expect(outcomes(bob)).toHaveText(/^holiday\.bin: from Ada · 3 MB · received and checked$/)
  await expect(outcomes(ada).filter({ hasText: 'to Cleo' })).toHaveText('holiday.bin: to Cleo · declined')
  await expect(card(bob, 'holiday.bin').locator('code')).toContainText(sha256(buffer))
  expect(await save(bob, 'holiday.bin')).toBe(sha256(buffer))
})

/** A black PNG with one bit per pixel: the file stays small whatever its dimensions (PNG §5, §11.2.1). */
function blackPicture(side: number): Buffer {
  const part = (type: string, data: Buffer) => {
    const named = Buffer.concat([Buffer.from(type, 'latin1'), data])
    const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)]
    length.writeUInt32BE(data.length)
    check.writeUInt32BE(crc32(named))
    return Buffer.concat([length, named, check])
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(side, 0)
  header.writeUInt32BE(side, 4)
  header.set([1, 0, 0, 0, 0], 8)
  const pixels = deflateSync(Buffer.alloc((Math.ceil(side / 8) + 1) * side), { level: 9 })
  const signature = Buffer.from('89504e470d0a1a0a', 'hex')
  return Buffer.concat([signature, part('IHDR', header), part('IDAT', pixels), part('IEND', Buffer.alloc(0))])
}

test('received pictures are shown and open large, and sound is played; a drawing and a bomb are not', async ({
  invite,
}) => {
  const [ada, bob] = [await invite('Ada'), await invite('Bob')]
  for (const person of [ada, bob]) await person.enter()
  await allConnected(ada, bob)
  const bomb = blackPicture(12_000)
  expect(bomb.length).toBeLessThan(100_000)
  await attach(
    ada,
    { name: 'fair.png', buffer: blackPicture(1_000) },
    { name: 'bomb.png', buffer: bomb },
    { name: 'drawing.svg', buffer: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>') },
    { name: 'tone.wav', buffer: silence() },
  )
  const names = ['fair.png', 'bomb.png', 'drawing.svg', 'tone.wav']
  for (const name of names) {
    await card(bob, name).getByRole('button', { name: 'Accept', exact: true }).click()
    // A picture that is shown moves what is beside it, also under the pointer of somebody this fast.
    await expect(card(bob, name)).toContainText('received and checked')
  }
  const preview = bob.page.getByRole('img', { name: 'fair.png' })
  await expect
    .poll(() =>
      preview.evaluate((canvas: HTMLCanvasElement) => [
        ...(canvas.getContext('2d')?.getImageData(50, 50, 1, 1).data ?? []),
      ]),
    )
    .toEqual([0, 0, 0, 255])
  const { width = 0, height = 0 } = (await preview.boundingBox()) ?? {}
  expect([width, height].map(Math.round)).toEqual([192, 192])
  const players = bob.page.locator('audio[controls], video[controls]')
  await expect(players).toHaveCount(1)
  await expect(players).toHaveAccessibleName('tone.wav')
  await expect.poll(() => players.evaluate((player: HTMLMediaElement) => player.duration)).toBe(1)
  for (const name of ['bomb.png', 'drawing.svg']) await expect(bob.page.getByRole('img', { name })).toHaveCount(0)
  await expectAccessible(bob.page)
  const opener = bob.page.getByRole('button', { name: 'fair.png: show large' })
  await opener.press('Enter')
  const large = bob.page.getByRole('dialog', { name: 'fair.png' }).getByRole('img', { name: 'fair.png' })
  await expect.poll(() => large.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(1_000)
  await expectAccessible(bob.page)
  await bob.page.keyboard.press('Escape')
  await expect(opener).toBeFocused()
  // The sender sees what was sent.
  await expect(ada.page.getByRole('img', { name: 'fair.png' })).toBeVisible()
})

test('a picture has its room while it is on its way: nothing moves under the pointer when it arrives', async ({
  invite,
}) => {
  const [ada, bob] = [await invite('Ada'), await invite('Bob')]
  for (const person of [ada, bob]) await person.enter()
  await allConnected(ada, bob)
  // What follows the end of a PNG is not read.
  const buffer = Buffer.concat([blackPicture(1_000), randomBytes(15_000_000)])
  await attach(ada, { name: 'fair.png', buffer })
  const fair = card(bob, 'fair.png')
  const height = async () => (await fair.locator('xpath=ancestor::div[1]').boundingBox())?.height
  await fair.getByRole('button', { name: 'Accept', exact: true }).click()
  await expect(fair.getByRole('progressbar')).toBeVisible()
  const onItsWay = await height()
  expect(onItsWay).toBeGreaterThan(192)
  await expect(fair).toContainText('received and checked')
  await expect(bob.page.getByRole('img', { name: 'fair.png' })).toBeVisible()
  expect(await height()).toBe(onItsWay)
})

/** Drops a file that the page generates, always the same one. @returns its hash. */
function dropFilm(person: Person, size: number): Promise<string> {
  return person.page.evaluate(async (length) => {
    const bytes = new Uint8Array(length)
    for (let i = 0; i < length; i += 1) bytes[i] = Math.imul(i, 2_654_435_761) >>> 24
    const transfer = new DataTransfer()
    transfer.items.add(new File([bytes], 'film.bin', { lastModified: 7 }))
    window.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer }))
    const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
    return [...hash].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  }, size)
}

test('[R24] a transfer resumes after a reload of the receiver, and of the sender', async ({ invite }) => {
  const [ada, bob] = [await invite('Ada'), await invite('Bob')]
  await ada.enter()
  await bob.enter()
  await allConnected(ada, bob)
  const size = 60_000_000
  const hash = await dropFilm(ada, size)
  const film = card(bob, 'film.bin')
  const progress = async () => Number(await film.getByRole('progressbar').getAttribute('value'))
  await film.getByRole('button', { name: 'Accept', exact: true }).click()
  await expect.poll(progress, { intervals: [50] }).toBeGreaterThan(6_000_000)
  await bob.page.reload()
  // Nobody is asked again, and bytes stored before the reload are not sent again.
  await expect(film).toHaveAttribute('data-phase', 'moving')
  expect(await progress()).toBeGreaterThan(4_000_000)
  await expect.poll(progress, { intervals: [50] }).toBeGreaterThan(16_000_000)
  await ada.page.reload()
  await expect(film).toHaveAttribute('data-phase', 'waiting')
  const kept = await progress()
  expect(kept).toBeGreaterThan(16_000_000)
  await allConnected(ada, bob)
  // A reloaded page can no longer read the chosen file: the person chooses it again.
  expect(await dropFilm(ada, size)).toBe(hash)
  await expect(film).toContainText('received and checked', { timeout: 30_000 })
  await expect(film.locator('code')).toContainText(hash)
})

test('files that are dropped are offered, and a person trusted once is not asked about again', async ({ invite }) => {
  const [ada, bob] = [await invite('Ada'), await invite('Bob')]
  await ada.enter()
  await bob.enter()
  await allConnected(ada, bob)
  const drop = async (name: string) => {
    const files = await ada.page.evaluateHandle((title) => {
      const transfer = new DataTransfer()
      transfer.items.add(new File(['hello'], title, { type: 'text/html' }))
      return transfer
    }, name)
    // A browser tells again and again that they are there.
    const dragging = await ada.page.evaluate((dataTransfer) => {
      const tell = () => document.body.dispatchEvent(new DragEvent('dragover', { dataTransfer, bubbles: true }))
      return window.setInterval(tell, 50)
    }, files)
    await expect(ada.page.getByText('Drop files to send them')).toBeVisible()
    await ada.page.evaluate((timer) => clearInterval(timer), dragging)
    await ada.page.dispatchEvent('body', 'drop', { dataTransfer: files })
  }
  await drop('..\\evil\u202Elmth.exe')
  await card(bob, 'evillmth.exe').getByRole('button', { name: 'Always accept from Ada' }).click()
  await expect(card(bob, 'evillmth.exe')).toContainText('received and checked')
  await drop('second.html')
  await expect(card(bob, 'second.html')).toContainText('received and checked')
  await card(bob, 'second.html').getByRole('button', { name: 'Take second.html off the list' }).click()
  await expect(card(bob, 'second.html')).toHaveCount(0)
})

test('a pasted picture stands between the messages around it, and an offer out of sight is pointed out', async ({
  invite,
}) => {
  const [ada, bob] = [await invite('Ada'), await invite('Bob')]
  await ada.enter()
  const paste = () =>
    ada.page.evaluate(
      (bytes) => {
        const clipboardData = new DataTransfer()
        clipboardData.items.add(new File([new Uint8Array(bytes)], 'image.png', { type: 'image/png' }))
        document.querySelector('textarea')?.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true }))
      },
      [...blackPicture(40)],
    )
  await ada.page.getByRole('textbox', { name: 'Message' }).click()
  await paste()
  await expect(ada.page.getByText('There is nobody here to send files to yet')).toBeVisible()
  await bob.enter()
  await allConnected(ada, bob)
  await ada.say('before')
  await paste()
  await expect(card(bob, 'image.png')).toContainText('from Ada')
  await expect(bob.page.getByTestId('questions')).toHaveCount(0)
  for (let i = 1; i <= 4; i += 1) await ada.say(`after ${i}${'\nmore'.repeat(12)}`)
  const bar = bob.page.getByTestId('questions')
  await expect(bar).toHaveText(/Ada offers image.png/)
  await expectAccessible(bob.page)
  await bar.getByRole('button', { name: 'Show' }).press('Enter')
  await expect(card(bob, 'image.png').getByRole('button', { name: 'Accept', exact: true })).toBeFocused()
  await expect(bar).toHaveCount(0)
  await bob.page.keyboard.press('Enter')
  await expect(bob.page.getByRole('img', { name: 'image.png' })).toBeVisible()
  for (const { page } of [ada, bob]) {
    const said = page.locator('[data-testid=message], [data-testid=file-message]')
    await expect(said).toHaveText([/before/, /image.png/, /after 1/, /after 2/, /after 3/, /after 4/])
  }
})

test('many files at once arrive whole at three people, and chat does not wait for them', async ({ invite }) => {
  const count = scaled(8, 20)
  const ada = await invite('Ada')
  const others = [await invite('Bob'), await invite('Cleo'), await invite('Dan')]
  for (const person of [ada, ...others]) await person.enter()
  await allConnected(ada, ...others)
  const files = Array.from({ length: count }, (_, i) => ({
    name: `part-${i}.bin`,
    buffer: randomBytes(1_000_000),
  }))
  await attach(ada, ...files)
  const field = ada.page.getByRole('textbox', { name: 'Message' })
  await field.fill('is it coming?')
  for (const person of others) {
    await card(person, 'part-0.bin').getByRole('button', { name: 'Always accept from Ada' }).click()
  }
  await field.press('Enter')
  const whole = (person: Person) => person.page.locator('[data-testid=file][data-phase=done]')
  // Dan was the last to accept, so most of his files are still to come.
  const dan = others[2] ?? ada
  await expect(dan.message('is it coming?')).toBeVisible()
  expect(await whole(dan).count(), 'there is more to come').toBeLessThan(count)
  for (const person of others) await expect(whole(person)).toHaveCount(count, { timeout: 45_000 })
  await expect(whole(ada)).toHaveCount(3 * count)
  expect(await save(dan, `part-${count - 1}.bin`)).toBe(sha256(files[count - 1]?.buffer ?? Buffer.alloc(0)))
})
