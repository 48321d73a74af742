import type { APIResponse } from '@playwright/test'
import { expectAccessible } from '../support/accessible.ts'
import { expect, test } from '../support/fixtures.ts'
import { deployNewerBuild } from '../support/newer-build.ts'
import { scan } from '../support/scan.ts'
import { allConnected } from '../support/person.ts'

test('every screen before a room is accessible, light and dark', async ({ browser, invite, deployment, room }) => {
  const ada = await invite('Ada')
  await ada.land()
  await expectAccessible(ada.page)
  await ada.page.getByRole('button', { name: 'Language' }).click()
  await expectAccessible(ada.page)
  await ada.page.goto(`${deployment.origin}/r/not%20a%20room`)
  await expect(ada.page.getByRole('heading', { name: 'There is no such page' })).toBeVisible()
  await expectAccessible(ada.page)

  const nameless = await browser.newContext({ locale: 'en-US' })
  const stranger = await nameless.newPage()
  await stranger.goto(`${deployment.origin}/r/${room}`)
  await expect(stranger.getByRole('heading', { name: 'Join this room' })).toBeVisible()
  await expectAccessible(stranger)
  await nameless.close()
})

test('a room and a call are accessible, light and dark', async ({ invite }) => {
  const [ada, bob] = [await invite('Ada'), await invite('Bob')]
  await ada.enter()
  await expectAccessible(ada.page)
  await bob.enter()
  await allConnected(ada, bob)
  await ada.say('hello https://example.org')
  await bob.turnOnCamera()
  await ada.watches(bob)
  await expectAccessible(ada.page)
})

test('every menu and dialog of a room is accessible, light and dark', async ({ invite }) => {
  const [ada, bob] = [await invite('Ada'), await invite('Bob')]
  for (const person of [ada, bob]) await person.enter()
  await allConnected(ada, bob)
  await ada.page.getByRole('button', { name: 'Choose camera' }).click()
  await expect(ada.page.getByRole('menu')).toBeVisible()
  await expectAccessible(ada.page)
  await ada.page.keyboard.press('Escape')
  await ada.page.getByTestId('seal').click()
  await expect(ada.page.getByText('Not sealed: the server could listen in')).toBeVisible()
  await expectAccessible(ada.page)
  await ada.page.keyboard.press('Escape')
  for (const opener of [
    ada.page.getByTestId('people'),
    ada.page.getByRole('button', { name: 'Camera and microphone' }),
  ]) {
    await opener.click()
    await expect(ada.page.getByRole('dialog')).toBeVisible()
    await expectAccessible(ada.page)
    await ada.page.keyboard.press('Escape')
    await expect(ada.page.getByRole('dialog')).toHaveCount(0)
  }
})

test('a room is made, its link copied, and someone joins by it', async ({ invite }) => {
  const ada = await invite('Ada')
  const bob = await invite('Bob')
  await ada.land()
  await ada.page.getByRole('textbox', { name: 'Room name' }).fill('Friday stand-up')
  await ada.page.getByRole('button', { name: 'Create a room' }).click()
  await expect(ada.page.getByRole('heading', { name: 'Friday stand-up' })).toBeVisible()
  await ada.page.getByRole('button', { name: 'Copy invite link' }).click()
  await expect(ada.page.getByText('Anyone with the link can join.')).toBeVisible()
  const link = await ada.page.evaluate(() => navigator.clipboard.readText())
  // Whoever is alone can have the link read and scanned as well.
  await expect(ada.page.getByTestId('invite')).toHaveText(link)
  const code = ada.page.getByRole('img', { name: 'Invite link as a QR code' })
  await expect.poll(async () => scan(await code.screenshot())).toBe(link)
  expect(new URL(link).pathname).toMatch(/^\/r\/friday-stand-up-[a-z0-9]{8}$/)

  await bob.land()
  await bob.page.getByRole('tab', { name: 'Join one' }).click()
  await bob.page.getByRole('textbox', { name: 'Room code or invite link' }).fill(link)
  await bob.page.getByRole('button', { name: 'Join the room' }).click()
  await expect(bob.page.getByRole('heading', { name: 'Friday stand-up' })).toBeVisible()
  await allConnected(ada, bob)
})

test('the landing page says what is missing', async ({ invite }) => {
  const ada = await invite('Ada')
  await ada.land()
  await ada.page.getByRole('textbox', { name: 'Your name' }).fill(' \u202E ')
  await ada.page.getByRole('tab', { name: 'Join one' }).click()
  await ada.page.getByRole('textbox', { name: 'Room code or invite link' }).fill('no such/room')
  await ada.page.getByRole('button', { name: 'Join the room' }).click()
  await expect(ada.page.getByText('Type a name so that the others know who you are.')).toBeVisible()
  await expect(ada.page.getByText('Paste an invite link, or a room code')).toBeVisible()
  await ada.page.getByRole('textbox', { name: 'Your name' }).fill('Ada')
  await ada.page.getByRole('button', { name: 'Join the room' }).click()
  await expect(ada.page.getByRole('textbox', { name: 'Room code or invite link' })).toBeFocused()
  await ada.page
    .getByRole('textbox', { name: 'Room code or invite link' })
    .fill('https://elsewhere.example/r/abc#relay')
  await ada.page.getByRole('button', { name: 'Join the room' }).click()
  await expect(ada.page.getByText('This link leads to a room at elsewhere.example.')).toBeVisible()

  // On a phone the field is out of sight above the button.
  await ada.page.setViewportSize({ width: 393, height: 600 })
  const name = ada.page.getByRole('textbox', { name: 'Your name' })
  await name.fill('')
  await ada.page.getByRole('tab', { name: 'New room' }).click()
  await ada.page.getByRole('button', { name: 'Create a room' }).click()
  await expect(name).toBeFocused()
  await expect(name).toBeInViewport()
})

test('messages keep line breaks and links, and are never HTML', async ({ invite }) => {
  const [ada, bob] = [await invite('Ada'), await invite('Bob')]
  await ada.enter()
  await bob.enter()
  await allConnected(ada, bob)
  await ada.say('<img src=x onerror=alert(1)> **and** javascript:alert(1)\nsee https://example.org/a?b=1 .')
  const text = bob.message('onerror')
  await expect(text).toContainText('<img src=x onerror=alert(1)>')
  expect(await text.locator('img').count()).toBe(0)
  const links = text.getByRole('link')
  await expect(links).toHaveCount(1)
  await expect(links).toHaveAttribute('href', 'https://example.org/a?b=1')
  await expect(links).toHaveAttribute('rel', /noopener/)
  await expect.poll(() => text.innerText()).toContain('\nsee')
})

test('messages that were not in view are counted, in the title too', async ({ invite }) => {
  const [ada, bob] = [await invite('Ada'), await invite('Bob')]
  await ada.enter()
  await bob.enter()
  await allConnected(ada, bob)
  for (let line = 0; line < 30; line += 1) await bob.say(`line ${line}`)
  await expect(ada.message('line 29')).toBeInViewport()
  const scroller = ada.page.getByRole('log').locator('..')
  await scroller.evaluate((element) => element.scrollTo({ top: 0 }))
  await bob.say('one you have not seen')
  await bob.say('and another')
  const button = ada.page.getByRole('button', { name: '2 new messages' })
  await expect(button).toBeVisible()
  await expect(ada.page).toHaveTitle(/^\(2\) /)
  await button.click()
  await expect(ada.message('and another')).toBeInViewport()
  await expect(ada.page.getByTestId('unread-mark')).toHaveCount(1)
  await expect(ada.page).not.toHaveTitle(/^\(/)
})

test('the page speaks Chinese to a Chinese browser, and the language can be changed', async ({ invite }) => {
  const lin = await invite('林', { locale: 'zh-CN' })
  await lin.land()
  await expect(lin.page.locator('html')).toHaveAttribute('lang', 'zh-CN')
  await expectAccessible(lin.page)
  await lin.enter()
  await expect(lin.page.getByText('你是第一个到的')).toBeVisible()
  await expect(lin.page.getByRole('button', { name: '打开摄像头' })).toBeVisible()
  const choose = async (menu: string, language: string) => {
    await lin.page.getByRole('button', { name: menu }).click()
    await lin.page.getByRole('menuitemradio', { name: language }).click()
  }
  // Without an answer of its server the router would load the page anew.
  await lin.page.route('**/r/**', (route) => route.abort())
  await choose('语言', 'English')
  await expect(lin.page.getByRole('banner').getByRole('alert')).toBeVisible()
  await expect(lin.page.getByTestId('self'), 'the call goes on').toBeVisible()
  await lin.page.unroute('**/r/**')
  // What another tab stores is for the next room.
  await lin.page.evaluate(() => localStorage.setItem('patchbay.name', 'Mei'))
  await choose('语言', 'English')
  await expect(lin.page.getByText('You are the first one here')).toBeVisible()
  await expect(lin.page.locator('html')).toHaveAttribute('lang', 'en')
  await expect(lin.page.getByTestId('self')).toContainText('林')
  await lin.page.evaluate(() => localStorage.clear())
  await choose('Language', 'Português')
  await expect(lin.page.locator('html')).toHaveAttribute('lang', 'pt-BR')
  await expect(lin.page.getByTestId('self')).toContainText('林')
  await choose('Idioma', 'English')
  await expect(lin.page.locator('html')).toHaveAttribute('lang', 'en')
  // Where the server has a newer build, the router would load the page anew.
  await deployNewerBuild(lin)
  await choose('Language', 'Deutsch')
  await expect(lin.page.getByRole('banner').getByRole('alert')).toHaveText(
    'The language changes when you reload the page.',
  )
  await lin.page.reload()
  await expect(lin.page.locator('html')).toHaveAttribute('lang', 'de')
  // Where there is no call, it may.
  await lin.page.goto(new URL('/', lin.page.url()).href)
  await choose('Sprache', 'English')
  await expect(lin.page.locator('html')).toHaveAttribute('lang', 'en')
})

test('nothing on the page breaks its own security policy', async ({ invite }) => {
  // The line with the largest library of somebody else's.
  const ada = await invite('Ada', { line: 'mqtt' })
  const complaints: string[] = []
  ada.page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
  ada.page.on('pageerror', (error) => complaints.push(error.message))
  await ada.land()
  await ada.page.getByRole('button', { name: 'Theme' }).click()
  await ada.page.getByRole('menuitemradio', { name: 'Dark' }).click()
  await expect(ada.page.locator('html')).toHaveClass(/dark/)
  await ada.page.getByRole('button', { name: 'Create a room' }).click()
  await ada.turnOnCamera()
  await expect(ada.page.getByText('Now on MQTT').first()).toBeVisible()
  expect(complaints).toEqual([])
})

test('going back closes an open dialog, menu or note, and otherwise leaves the room, which is offered again', async ({
  invite,
}) => {
  // Two visits, and two languages.
  test.setTimeout(120_000)
  const [ada, bob] = [await invite('Ada', { hasTouch: true }), await invite('Bob')]
  await bob.enter()
  await ada.land()
  await ada.page.getByRole('tab', { name: 'Join one' }).click()
  await ada.page.getByRole('textbox', { name: 'Room code or invite link' }).fill(bob.link())
  await ada.page.getByRole('button', { name: 'Join the room' }).click()
  await allConnected(ada, bob)
  const dialog = ada.page.getByRole('dialog')
  for (const isClosedByItself of [true, false, false]) {
    await ada.page.getByTestId('people').click()
    await expect(dialog).toBeVisible()
    if (isClosedByItself) await dialog.getByRole('button', { name: 'Close' }).click()
    else await ada.page.goBack()
    await expect(dialog).toHaveCount(0)
    await expect(ada.page).toHaveURL(bob.link())
  }
  const view = ada.page.getByRole('button', { name: 'View', exact: true })
  for (const isClosedByItself of [true, false]) {
    await view.click()
    await expect(ada.page.getByRole('menu')).toBeVisible()
    if (isClosedByItself) await ada.page.keyboard.press('Escape')
    else await ada.page.goBack()
    await expect(ada.page.getByRole('menu')).toHaveCount(0)
    await expect(ada.page).toHaveURL(bob.link())
  }
  // The page is rendered anew for another language.
  const size = ada.page.viewportSize() ?? { width: 0, height: 0 }
  await ada.page.setViewportSize({ width: 390, height: 700 })
  await ada.page.getByTestId('people').click()
  for (const [menu, language, code] of [
    ['Language', 'Deutsch', 'de'],
    ['Sprache', 'English', 'en'],
  ] as const) {
    await dialog.getByRole('button', { name: menu }).click()
    await ada.page.getByRole('menuitemradio', { name: language }).click()
    await expect(ada.page.locator('html')).toHaveAttribute('lang', code)
  }
  await dialog.getByRole('button', { name: 'Close' }).click()
  await expect(dialog).toHaveCount(0)
  await ada.page.setViewportSize(size)
  const note = ada.page.getByText('Not sealed: the server could listen in')
  await ada.page.getByTestId('seal').click()
  await expect(note).toBeVisible()
  await ada.page.goBack()
  await expect(note).toHaveCount(0)
  await expect(ada.page).toHaveURL(bob.link())
  // A dialog that is opened in a menu takes its place.
  await view.click()
  await ada.page.getByRole('menuitem', { name: 'Keyboard shortcuts' }).click()
  await expect(dialog).toBeVisible()
  await ada.page.goBack()
  await expect(dialog).toHaveCount(0)
  await expect(ada.page).toHaveURL(bob.link())
  await ada.sees(bob)
  expect(await ada.connections(), 'it is the same visit').toEqual(['stable'])
  await ada.page.goBack()
  await expect(ada.page.getByRole('status').filter({ hasText: 'You left the room' })).toBeVisible()
  await expect(bob.peers).toHaveCount(0)
  await ada.page.getByRole('link', { name: 'Rejoin' }).click()
  await allConnected(ada, bob)

  // A tap beside an open menu closes it, and does what it is on.
  await view.tap()
  await expect(ada.page.getByRole('menu')).toBeVisible()
  let answer = () => {}
  const mayAnswer = new Promise<void>((resolve) => (answer = resolve))
  await ada.page.route(/[?]left=/, async (route) => {
    await mayAnswer
    await route.continue()
  })
  await ada.page.getByRole('button', { name: 'Leave' }).tap()
  const left = ada.page.getByRole('heading', { name: 'You have left the room.' })
  await expect(left, 'until the next page is there').toBeVisible()
  await expect(ada.page.getByRole('textbox', { name: 'Message' })).toHaveCount(0)
  answer()
  await expect(ada.page.getByRole('status').filter({ hasText: 'You left the room' })).toBeVisible()
  await ada.page.getByRole('button', { name: 'Theme' }).tap()
  await expect(ada.page.getByRole('menu')).toBeVisible()
  await ada.page.getByRole('button', { name: 'Create a room' }).tap()
  await expect(ada.page.getByText('You are the first one here')).toBeVisible()
  await ada.page.goBack()
  await expect(ada.page.getByRole('button', { name: 'Create a room' })).toBeVisible()
})

test('a control says what it does while the pointer is on it, or the focus of the keyboard', async ({ invite }) => {
  const ada = await invite('Ada')
  await ada.enter()
  const leave = ada.page.getByRole('button', { name: 'Leave' })
  const hint = ada.page.locator('[data-hint-text]')
  // Its code comes once the room is open.
  await expect(async () => {
    await ada.page.getByRole('heading').first().hover()
    await leave.hover()
    await expect(hint).toHaveText('Leave', { timeout: 1_000 })
  }).toPass()
  // It stays for who reads it with the pointer: longer than it would take to go.
  await hint.hover()
  await hint.evaluate(() => new Promise((resolve) => setTimeout(resolve, 500)))
  await expect(hint).toBeVisible()
  await ada.page.getByRole('heading').first().hover()
  await expect(hint).toHaveCount(0)
  await ada.page.getByRole('button', { name: 'Camera and microphone' }).focus()
  await ada.page.keyboard.press('Tab')
  await expect(hint).toHaveText('Leave')
  await ada.page.keyboard.press('Escape')
  await expect(hint).toHaveCount(0)
  // Pressed, it does something else, which the old hint would deny.
  const hand = ada.page.getByRole('button', { name: 'Raise hand' })
  await hand.focus()
  await ada.page.keyboard.press('Shift+Tab')
  await ada.page.keyboard.press('Tab')
  await expect(hint).toHaveText('Raise hand')
  await ada.page.keyboard.press('Enter')
  await expect(hint).toHaveCount(0)
})

test('of many toasts the newest are shown, and each that is shown can be used', async ({ invite }) => {
  const ada = await invite('Ada')
  await ada.enter()
  const copy = ada.page.getByRole('button', { name: 'Copy invite link' })
  const toasts = ada.page.getByText('Anyone with the link can join.')
  for (let count = 1; count <= 4; count += 1) {
    // The toasts are over the button.
    await copy.press('Enter')
    await expect(toasts).toHaveCount(count)
  }
  const usable = () =>
    toasts.evaluateAll((all) =>
      all.map((each) => `${each.checkVisibility()} ${each.closest('[inert]') === null}`).toSorted(),
    )
  await expect.poll(usable).toEqual(['false false', 'true true', 'true true', 'true true'])
})

test('a server of another version is told in the language of the page', async ({ invite }) => {
  const lena = await invite('Lena', { locale: 'de-DE' })
  await lena.page.routeWebSocket(/\/ws\?/, (line) => {
    line.onMessage(() => line.send(JSON.stringify({ type: 'close', code: 'version_unsupported' })))
  })
  await lena.page.goto(lena.link())
  const text = lena.page.getByText('Der Server verwendet eine andere Version des Protokolls. Lade die Seite neu.')
  await expect(text).toBeVisible()
})

test('links and toasts are not lost while their code cannot be fetched', async ({ invite }) => {
  const ada = await invite('Ada')
  const isToaster = async (response: APIResponse) => (await response.text()).includes('swipe-movement-x')
  let isBlocked = true
  let blocked = 0
  await ada.page.route('**/_next/static/chunks/*.js', async (route) => {
    const response = await route.fetch()
    if (!(isBlocked && (await isToaster(response)))) return route.fulfill({ response })
    blocked += 1
    return route.abort()
  })
  await ada.enter()
  await ada.say('see https://example.org')
  // The framework tries twice by itself.
  await expect.poll(() => blocked).toBeGreaterThanOrEqual(2)
  await expect(ada.message('example.org').getByRole('link')).toHaveCount(0)
  isBlocked = false
  await expect(ada.message('example.org').getByRole('link')).toBeVisible()

  isBlocked = true
  blocked = 0
  await ada.enter()
  await ada.page.getByRole('button', { name: 'Copy invite link' }).click()
  await expect.poll(() => blocked).toBeGreaterThan(2)
  await expect(ada.page.getByText('Anyone with the link can join.')).toHaveCount(0)
  isBlocked = false
  await expect(ada.page.getByText('Anyone with the link can join.')).toBeVisible()
})
