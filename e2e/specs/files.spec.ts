import { createHash, randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { expect, test } from '../support/fixtures.ts'
import { expectAccessible } from '../support/accessible.ts'
import { allConnected, type Person } from '../support/person.ts'

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** Chooses files for everyone. */
async function attach(person: Person, ...files: { name: string; mimeType: string; buffer: Buffer }[]): Promise<void> {
  await person.page.getByRole('button', { name: 'Send files' }).click()
  const chooser = person.page.waitForEvent('filechooser')
  await person.page.getByRole('menuitem', { name: 'To everyone' }).click()
  await (await chooser).setFiles(files)
}

const card = (person: Person, name: string) => person.page.locator(`[data-testid=file][data-name="${name}"]`)

/** Saves what `person` received. @returns its hash. */
async function save(person: Person, name: string): Promise<string> {
  const download = person.page.waitForEvent('download')
  await person.page.getByRole('link', { name: `Save ${name}` }).click()
  const saved = await download
  expect(saved.suggestedFilename()).toBe(name)
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(await saved.path())) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

test('[R24] a file for everyone is taken by one and declined by another, arrives whole, and can be saved', async ({
  invite,
}) => {
  const [ada, bob, cleo] = [await invite('Ada'), await invite('Bob'), await invite('Cleo')]
  for (const person of [ada, bob, cleo]) await person.enter()
  await allConnected(ada, bob, cleo)
  const buffer = randomBytes(3_000_000)
  await attach(ada, { name: 'holiday.bin', mimeType: 'application/octet-stream', buffer })
  await expect(card(bob, 'holiday.bin')).toContainText('from Ada · 3 MB')
  await expectAccessible(bob.page)
  await card(bob, 'holiday.bin').getByRole('button', { name: 'Accept', exact: true }).click()
  await card(cleo, 'holiday.bin').getByRole('button', { name: 'Decline' }).click()
  await expect(card(bob, 'holiday.bin')).toContainText('received and checked')
  await expect(card(ada, 'holiday.bin').filter({ hasText: 'to Bob' })).toContainText('arrived')
  await expect(card(ada, 'holiday.bin').filter({ hasText: 'to Cleo' })).toContainText('declined')
  await expect(card(bob, 'holiday.bin').locator('code')).toContainText(sha256(buffer))
  expect(await save(bob, 'holiday.bin')).toBe(sha256(buffer))
})

test('[R24] a file goes on after the receiver has reloaded, and after the sender has', async ({ invite }) => {
  const [ada, bob] = [await invite('Ada'), await invite('Bob')]
  await ada.enter()
  await bob.enter()
  await allConnected(ada, bob)
  const file = { name: 'film.bin', mimeType: 'application/octet-stream', buffer: randomBytes(48_000_000) }
  await attach(ada, file)
  await card(bob, 'film.bin').getByRole('button', { name: 'Accept', exact: true }).click()
  const progress = async () => Number(await card(bob, 'film.bin').getByRole('progressbar').getAttribute('value'))
  await expect.poll(progress).toBeGreaterThan(9_000_000)
  await bob.page.reload()
  await expect(card(bob, 'film.bin')).toHaveAttribute('data-phase', /moving|done/)
  // What was there before the reload is not sent again.
  expect(await progress().catch(() => file.buffer.length)).toBeGreaterThan(4_000_000)
  await expect(card(bob, 'film.bin')).toContainText('received and checked', { timeout: 45_000 })
  expect(await save(bob, 'film.bin')).toBe(sha256(file.buffer))
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
    await ada.page.dispatchEvent('body', 'dragenter', { dataTransfer: files })
    await expect(ada.page.getByText('Drop files to send them')).toBeVisible()
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

test('twenty files at once arrive whole at three people, and chat does not wait for them', async ({ invite }) => {
  const ada = await invite('Ada')
  const others = [await invite('Bob'), await invite('Cleo'), await invite('Dan')]
  for (const person of [ada, ...others]) await person.enter()
  await allConnected(ada, ...others)
  const files = Array.from({ length: 20 }, (_, i) => ({
    name: `part-${i}.bin`,
    mimeType: 'application/octet-stream',
    buffer: randomBytes(1_000_000),
  }))
  await attach(ada, ...files)
  for (const person of others) {
    await card(person, 'part-0.bin').getByRole('button', { name: 'Always accept from Ada' }).click()
  }
  await ada.say('is it coming?')
  const whole = (person: Person) => person.page.locator('[data-testid=file][data-phase=done]')
  for (const person of others) {
    await expect(person.message('is it coming?')).toBeVisible()
    expect(await whole(person).count(), 'there is more to come').toBeLessThan(20)
  }
  for (const person of others) await expect(whole(person)).toHaveCount(20, { timeout: 45_000 })
  await expect(whole(ada)).toHaveCount(60)
  expect(await save(others[2] ?? ada, 'part-19.bin')).toBe(sha256(files[19]?.buffer ?? Buffer.alloc(0)))
})
