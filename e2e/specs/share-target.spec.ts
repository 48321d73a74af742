import type { Page } from '@playwright/test'
import { createHash } from 'node:crypto'
import { expectAccessible } from '../support/accessible.ts'
import { card, save } from '../support/files.ts'
import { expect, test } from '../support/fixtures.ts'
import { allConnected } from '../support/person.ts'

test.use({ serviceWorkers: 'allow' })

const notes = { name: 'Ideen für morgen & später.txt', mimeType: 'text/plain', buffer: Buffer.from('Fix the rig.') }

/** Does what a browser does when another app shares something with the installed page. */
async function share(page: Page, text: string, ...files: (typeof notes)[]): Promise<void> {
  await page.evaluate((value) => {
    document.body.innerHTML = `<form method="post" action="/share" enctype="multipart/form-data">
      <input type="file" name="files" multiple><input name="text"><button>Share</button></form>`
    document.querySelector<HTMLInputElement>('[name=text]')!.value = value
  }, text)
  await page.locator('[type=file]').setInputFiles(files)
  await page.getByRole('button', { name: 'Share' }).click()
}

const kept = (page: Page) => page.evaluate(() => caches.has('shared'))

test('what another app shares waits for a room, and goes to everyone there', async ({ invite, deployment }) => {
  const [ada, bob] = [await invite('Ada'), await invite('Bob')]
  const { page } = ada
  await ada.land()
  await page.evaluate(async () => void (await navigator.serviceWorker.ready))
  await share(page, 'https://example.org/rig', notes)
  await expect(page).toHaveURL(`${deployment.origin}/?shared`)
  const bar = page.getByTestId('shared')
  await expect(bar).toContainText('Ideen für morgen & später.txt and https://example.org/rig')
  await expect(bar).toContainText('Create or join a room to send it there.')
  await expect(bar.getByRole('button')).toHaveText(['Discard'])
  await expectAccessible(page)

  await ada.enter()
  await expect(bar).toContainText('It can be sent once somebody else is here.')
  await expect(bar.getByRole('button', { name: 'Send' })).toBeDisabled()
  await bob.enter()
  await allConnected(ada, bob)
  expect(await kept(page)).toBe(true)
  await bar.getByRole('button', { name: 'Send to everyone here' }).click()
  await expect(bar).toHaveCount(0)
  await expect(page.getByRole('textbox', { name: 'Message' })).toBeFocused()
  await expect(bob.message('https://example.org/rig')).toBeVisible()
  await expect(card(bob, notes.name)).toContainText('from Ada')
  await card(bob, notes.name).getByRole('button', { name: 'Accept', exact: true }).click()
  expect(await save(bob, notes.name)).toBe(createHash('sha256').update(notes.buffer).digest('hex'))
  await expect.poll(() => kept(page)).toBe(false)
})

test('what is shared can be thrown away, and is not lost in silence', async ({ invite, deployment }) => {
  const ada = await invite('Ada')
  const { page } = ada
  await ada.land()
  await page.evaluate(async () => void (await navigator.serviceWorker.ready))
  await share(page, '', ...Array.from({ length: 33 }, (_, i) => ({ ...notes, name: `${i}.txt` })))
  await expect(page.getByTestId('shared')).toContainText('0.txt, 1.txt, 2.txt, and 29 more files')
  await expect(page.getByTestId('shared')).toContainText('Only 32 files go at once: 1 more was left out.')
  await page.getByTestId('shared').getByRole('button', { name: 'Discard' }).click()
  await expect(page.getByTestId('shared')).toHaveCount(0)
  await expect.poll(() => kept(page)).toBe(false)

  // Without a worker, the server gets it, and keeps nothing.
  const answer = await page.request.post(`${deployment.origin}/share`, { maxRedirects: 0, multipart: { files: notes } })
  expect([answer.status(), answer.headers()['location']]).toEqual([303, '/?shared=failed'])
  await page.goto(`${deployment.origin}/?shared=failed`)
  await expect(page.getByRole('alert').filter({ hasText: 'could not be kept' })).toBeVisible()
})
