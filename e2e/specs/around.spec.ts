import type { Page } from '@playwright/test'
import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expectAccessible } from '../support/accessible.ts'
import { expect, test } from '../support/fixtures.ts'
import { allConnected } from '../support/person.ts'

/** What reaches out of the page to the left or right, unless it is cut off or scrolls in a frame that does not. */
const overflowing = (page: Page) =>
  page.evaluate(() => {
    const isFramed = (element: Element): boolean => {
      const frame = element.parentElement
      if (frame === null || frame === document.body) return false
      return getComputedStyle(frame).overflowX !== 'visible' || isFramed(frame)
    }
    return [...document.querySelectorAll('body *')].flatMap((element) => {
      const { left, right } = element.getBoundingClientRect()
      if ((left >= -1 && right <= innerWidth + 1) || isFramed(element)) return []
      return [`${element.tagName} ${Math.round(left)} to ${Math.round(right)}`]
    })
  })

test('the page is written from right to left in Arabic, and fits a screen of 320 px', async ({ invite }) => {
  const layla = await invite('ليلى', { locale: 'ar', viewport: { width: 320, height: 640 } })
  const { page } = layla
  await page.addInitScript((title) => {
    const rooms = [
      { room: 'open', title, at: 1 },
      { room: 'sealed', title, isSealed: true, at: 1 },
    ]
    localStorage.setItem('patchbay.rooms', JSON.stringify(rooms))
  }, 'x'.repeat(60))
  await layla.land()
  await expect(page.getByTestId('recent')).toHaveCount(2)
  await expect(page.locator('html')).toHaveAttribute('dir', 'rtl')
  await expect(page.locator('html')).toHaveAttribute('lang', 'ar')
  expect(await overflowing(page)).toEqual([])
  await expectAccessible(page)
  await layla.enter()
  await expect(page.getByText('أنت أول من وصل')).toBeVisible()
  expect(await overflowing(page)).toEqual([])
  await expect(page.getByRole('button', { name: 'مغادرة' })).toBeVisible()
  // What comes first is on the right: the logo, then the buttons; the field, then the button that sends.
  const middle = async (name: string) => {
    const box = await page.getByRole(name === 'رسالة' ? 'textbox' : 'button', { name, exact: true }).boundingBox()
    return (box?.x ?? 0) + (box?.width ?? 0) / 2
  }
  expect(await middle('رسالة')).toBeGreaterThan(await middle('إرسال'))
  expect(await middle('تشغيل الميكروفون')).toBeGreaterThan(await middle('تشغيل الكاميرا'))
})

test.describe('with a service worker', () => {
  test.use({ serviceWorkers: 'allow' })

  test('the page can be installed, and without its server says what goes on', async ({ invite, deployment, room }) => {
    const [ada, bob] = [await invite('Ada'), await invite('Bob')]
    for (const person of [ada, bob]) await person.enter('history=off')
    await allConnected(ada, bob)
    const get = (path: string) => ada.page.request.get(`${deployment.origin}${path}`)
    const { name, icons } = (await (await get('/manifest.webmanifest')).json()) as {
      name: string
      icons: { src: string; sizes: string; purpose: string }[]
    }
    expect([name, ...icons.map(({ purpose }) => purpose)]).toEqual(['Patchbay', 'any', 'any', 'maskable'])
    // The icon of the page is one that the site's settings make, and no file that is always the same.
    await expect(ada.page.locator('link[rel=icon]')).toHaveAttribute('href', '/icons/192.png')
    for (const { src, sizes } of icons) {
      const png = await (await get(src)).body()
      expect(`${png.readUInt32BE(16)}x${png.readUInt32BE(20)}`).toBe(sizes)
    }

    const other = await ada.page.context().newPage()
    await other.goto(deployment.origin)
    await other.evaluate(async () => void (await navigator.serviceWorker.ready))
    await other.goto(deployment.origin)
    await expect(other.getByRole('button', { name: 'Create a room' })).toBeEnabled()
    await ada.page.context().setOffline(true)
    // Another room, so that this tab does not take over the session of the first.
    await other.goto(`${deployment.origin}/r/${room}-2#history=off`)
    await expect(other.getByRole('heading', { name: 'The server can’t be reached' })).toBeVisible()
    await expectAccessible(other)
    await ada.say('still here')
    await expect(bob.message('still here')).toBeVisible()
    const kept = await other.evaluate(async () => {
      const all = await Promise.all((await caches.keys()).map(async (key) => (await caches.open(key)).keys()))
      return all.flat().map(({ url }) => new URL(url).pathname)
    })
    expect(kept).toEqual(['/offline'])
    // It tries again by itself, and what follows the # is still there.
    await ada.page.context().setOffline(false)
    await expect(other.getByTestId('self')).toBeVisible()
    expect(new URL(other.url()).hash).toBe('#history=off')
  })

  test('behind a proxy that does not reach its server, the page says so, and comes back by itself', async ({
    page,
    deployment,
  }) => {
    let isDown = false
    const proxy = createServer((asked, answer) => {
      if (isDown) return void answer.writeHead(502).end()
      const { method, headers } = asked
      const passed = request(new URL(asked.url ?? '/', deployment.origin), { method, headers }, (got) => {
        answer.writeHead(got.statusCode ?? 500, got.headers)
        got.pipe(answer)
      })
      asked.pipe(passed)
    })
    await once(proxy.listen(0, '127.0.0.1'), 'listening')
    const { port } = proxy.address() as AddressInfo
    await page.goto(`http://127.0.0.1:${port}/`)
    await page.evaluate(async () => void (await navigator.serviceWorker.ready))
    isDown = true
    await page.reload()
    await expect(page.getByRole('heading', { name: 'The server can’t be reached' })).toBeVisible()
    isDown = false
    await expect(page.getByRole('button', { name: 'Create a room' })).toBeVisible()
    proxy.close()
    proxy.closeAllConnections()
  })
})

test('a room that one was in is offered again, and its key is kept with a star only', async ({
  invite,
  deployment,
}) => {
  const ada = await invite('Ada')
  const { page } = ada
  await ada.land()
  await page.getByRole('textbox', { name: 'Room name' }).fill('Friday stand-up')
  await page.getByRole('button', { name: 'Create a room' }).click()
  await expect(page.getByRole('heading', { name: 'Friday stand-up' })).toBeVisible()
  const invited = page.url()
  const key = new URL(invited).hash.slice('#key='.length)
  expect(key.length).toBeGreaterThan(20)
  await page.getByRole('button', { name: 'Leave' }).click()
  const star = page.getByRole('button', { name: 'Keep Friday stand-up with its key' })
  await expect(star).toHaveAttribute('aria-pressed', 'false')
  await expectAccessible(page)
  const stored = () => page.evaluate(() => JSON.stringify({ ...localStorage }))
  expect(await stored()).not.toContain(key)

  // Whoever comes to this computer later has another tab.
  const later = await page.context().newPage()
  await later.goto(deployment.origin)
  await expect(later.getByTestId('recent')).toContainText('open it by its invite link')
  await expect(later.getByTestId('recent').getByRole('link')).toHaveCount(0)
  await star.click()
  expect(await stored()).toContain(key)
  await later.reload()
  await later.getByTestId('recent').getByRole('link').click()
  await expect(later.getByRole('heading', { name: 'Friday stand-up' })).toBeVisible()
  expect(later.url()).toBe(invited)
  await later.close()

  // The second press of a double click would be on the next room.
  await page.evaluate(() => {
    const rooms = JSON.parse(localStorage.getItem('patchbay.rooms') ?? '[]') as { room: string }[]
    const more = ['one', 'two'].map((room) => ({ ...rooms[0], room }))
    localStorage.setItem('patchbay.rooms', JSON.stringify([...more, ...rooms]))
  })
  await page.reload()
  await expect(page.getByTestId('recent')).toHaveCount(3)
  await page.getByTestId('recent').first().getByRole('button', { name: 'Forget' }).dblclick()
  await expect(page.getByTestId('recent')).toHaveCount(2)
  await page.getByTestId('recent').first().getByRole('button', { name: 'Forget' }).press('Enter')
  await expect(page.getByTestId('recent')).toHaveCount(1)
  await expect(page.getByRole('heading', { name: 'Recent rooms' })).toBeFocused()

  // All other stars are taken.
  await page.evaluate(() => {
    const rooms = JSON.parse(localStorage.getItem('patchbay.rooms') ?? '[]') as { room: string }[]
    const more = Array.from({ length: 12 }, (_, i) => ({ room: `star-${i}`, at: 1, fragment: '' }))
    localStorage.setItem(
      'patchbay.rooms',
      JSON.stringify([...more, ...rooms.map((room) => ({ ...room, fragment: undefined }))]),
    )
  })
  await page.reload()
  await expect(star).toHaveAttribute('aria-disabled', 'true')
  await expect(star).toHaveAccessibleDescription(/^12 rooms have a star/)
  await star.press('Enter')
  await expect(star).toHaveAttribute('aria-pressed', 'false')
  await page.getByRole('button', { name: 'Keep Room star-0 with its key' }).click()
  await star.click()
  expect(await stored()).toContain(key)
  await page.evaluate(() => {
    const rooms = JSON.parse(localStorage.getItem('patchbay.rooms') ?? '[]') as { room: string }[]
    localStorage.setItem('patchbay.rooms', JSON.stringify(rooms.filter(({ room }) => !room.startsWith('star-'))))
  })
  await page.reload()

  await star.click()
  expect(await stored()).not.toContain(key)
  await page.getByRole('button', { name: 'Forget those without a star' }).press('Enter')
  await expect(page.getByTestId('recent')).toHaveCount(0)
  await expect(page.getByRole('heading', { name: 'Plug in. Talk.' }), 'the focus is not lost').toBeFocused()
  expect(await stored()).not.toContain('friday-stand-up')
})
