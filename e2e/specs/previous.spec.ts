import { rmSync } from 'node:fs'
import { expect } from '@playwright/test'
import { test } from '../support/fixtures.ts'
import { checkOutPrevious, serveHello } from '../support/previous.ts'

test('a page of the commit before this one talks to today’s, and they see each other', async ({
  browser,
  deployment,
  invite,
  room,
}) => {
  const previous = checkOutPrevious()
  test.skip('why' in previous, 'why' in previous ? previous.why : '')
  if ('why' in previous) return
  const server = await serveHello(previous.path)
  try {
    const ada = await invite('Ada')
    await ada.enter()
    const page = await (await browser.newContext({ permissions: ['camera'] })).newPage()
    const query = new URLSearchParams({ server: deployment.signalingOrigin, room, name: 'Bob' })
    await page.goto(`${server.origin}/?${query}`)
    await expect(ada.peer('Bob')).toContainText('connected')
    await expect(async () => {
      await page.getByLabel('Message').fill('from yesterday')
      await page.getByRole('button', { name: 'Send' }).click()
      await expect(ada.page.getByText('from yesterday').first()).toBeVisible({ timeout: 500 })
    }).toPass()
    await ada.say('from today')
    await expect(page.getByText('Ada: from today')).toBeVisible()
    await ada.turnOnCamera()
    const picture = page.locator('video')
    await expect.poll(() => picture.evaluate((video: HTMLVideoElement) => video.videoWidth)).toBeGreaterThan(0)
    await page.getByRole('button', { name: 'Camera' }).click()
    const tile = ada.tile('Bob').locator('video')
    await expect.poll(() => tile.evaluate((video: HTMLVideoElement) => video.videoWidth)).toBeGreaterThan(0)
    await page.context().close()
    await expect(ada.peers).toHaveCount(0)
  } finally {
    server.close()
    rmSync(previous.path, { recursive: true, force: true })
  }
})
